"""REAPER's actions under Lua, in a strict stand-in for its API, against a real daemon."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import Records
from tests.conftest import ROOT, DaemonUnderTest, need

STUB = Path(__file__).parent / "reaper" / "reaper_stub.lua"
GENERATE, VARY, PLACE = "Msanii - Generate here", "Msanii - Vary selection", "Msanii - Place newest take"
QUICK = ("--steps", "1", "--iterations", "1")


class Reaper:
    """REAPER with the actions installed below `folder`, whose name is not easy to quote."""

    def __init__(self, folder: Path, port: int, library: Path) -> None:
        self.folder = folder / "it's Ü 100 % $HOME"
        self.folder.mkdir()
        program = PROGRAMS["reaper"]
        list(program.install(self.folder, Records(folder / "installed.json"), "1"))
        self.scripts = self.folder / program.below
        self.command = folder / "a bridge.sh"
        words = " ".join(QUICK)
        self.command.write_text(
            f'#!/bin/sh\ncd "{ROOT}"\nverb=$1\nshift\ncase $verb in\n'
            f'takes) exec "{sys.executable}" -m bridge takes "$@" --library "{library}";;\n'
            f'*) exec "{sys.executable}" -m bridge $verb "$@" {words} --port {port};;\nesac\n'
        )
        self.command.chmod(0o755)

    def act(
        self, action: str, *, inputs: tuple[str, ...] = (), project: str = "", **values: Any
    ) -> list[list[str]]:
        """Run an action in a project; returns what it did."""
        found = {
            "cursor": "4.0", "selection": "{0.0, 0.0}", "meter": "{4, 4}", "bpm": "120.0",
            "tracks": "{}", "selected_track": "nil", "selected_item": "nil",
        } | values  # fmt: skip
        command = lua(found.pop("command", str(self.command)))
        scene = self.folder / "scene.lua"
        told = ", ".join(f"{name} = {value}" for name, value in found.items())
        scene.write_text(
            f"{project}\nreturn {{ resources = {lua(str(self.folder))}, inputs = {lua_list(inputs)}, "
            f'ext = {{ ["msanii-bridge/command"] = {command} }}, {told} }}\n',
            encoding="utf-8",
        )
        done = subprocess.run(
            [need("lua5.4"), str(STUB), str(self.scripts / f"{action}.lua"), str(scene)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not list((self.folder / "Data" / "msanii-bridge").glob("*")), "files were left"
        return [line.split("\t") for line in done.stdout.splitlines()]


def lua(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def lua_list(words: tuple[str, ...]) -> str:
    return "{" + ", ".join(map(lua, words)) + "}"


TRACK = 'local one = { kind = "track", name = "one", items = {} }'
ONE_TRACK: dict[str, Any] = {"project": TRACK, "tracks": "{ one }", "selected_track": "one"}


@pytest.fixture
def reaper(daemon: DaemonUnderTest, tmp_path: Path) -> Reaper:
    daemon.status()
    return Reaper(tmp_path, daemon.port, daemon.library)


def items(did: list[list[str]]) -> list[list[str]]:
    return [line[1:] for line in did if line[0] == "item"]


def test_new_music_fills_the_time_selection_at_the_project_s_tempo(reaper: Reaper) -> None:
    did = reaper.act(
        GENERATE, inputs=("Am F\nkeys\n",), selection="{3.0, 5.5}", meter="{6, 8}", bpm="144.0", **ONE_TRACK
    )
    ((track, position, length, offset, name, path),) = items(did)
    assert (track, float(position), float(offset)) == ("1", 3.0, 0.0)
    # Two bars of six eighths at 144 quarter notes a minute: 2.5 s.
    assert float(length) == pytest.approx(2.5, abs=1e-4)
    assert soundfile.info(path).frames == 110_250
    assert name == Path(path).name
    assert ["kept", "Chords (Am F C G)", "Am F"] in did
    assert ["undo", f"Msanii: place {name}"] in did


def test_without_a_selection_it_begins_at_the_cursor_on_a_new_track(reaper: Reaper) -> None:
    ((track, position, length, *_),) = items(reaper.act(GENERATE, inputs=("C\npad\n\n1",)))
    assert (track, float(position)) == ("1", 4.0)
    assert float(length) == pytest.approx(2.0, abs=1e-4)


def test_an_error_of_the_bridge_is_shown_in_its_words(reaper: Reaper) -> None:
    did = reaper.act(GENERATE, inputs=("Qx7\nkeys\n\n1",), **ONE_TRACK)
    (box,) = [line[1] for line in did if line[0] == "box"]
    assert "Qx7" in box
    assert not items(did)


def test_a_cancelled_question_does_nothing(reaper: Reaper) -> None:
    assert [line[0] for line in reaper.act(GENERATE, **ONE_TRACK)] == ["asked"]


def test_a_command_that_is_not_there_is_asked_for_and_kept(reaper: Reaper) -> None:
    did = reaper.act(
        GENERATE, inputs=("C\nkeys\n\n1", "/opt/msanii-bridge"), command="msanii-not-here", **ONE_TRACK
    )
    assert ["kept", "command", "/opt/msanii-bridge"] in did


def test_a_variation_lies_below_its_item_at_its_place(reaper: Reaper, tmp_path: Path) -> None:
    ((*_, path),) = items(reaper.act(GENERATE, inputs=("C\nkeys\n\n2",), **ONE_TRACK))
    source = tmp_path / 'my take\'s "ä".wav'
    shutil.copyfile(path, source)
    project = f"""
        {TRACK}
        local two = {{ kind = "track", name = "two", items = {{}} }}
        local item = {{ kind = "item", track = one, values = {{ D_POSITION = 8.0, D_LENGTH = 1.5 }} }}
        item.take = {{
          kind = "take", item = item, values = {{ D_STARTOFFS = 0.25 }},
          source = {{ kind = "source", path = {lua(str(source))}, seconds = 4.0 }},
        }}
        table.insert(one.items, item)
    """
    did = reaper.act(VARY, inputs=("0.3",), project=project, tracks="{ one, two }", selected_item="item")
    made = [item for item in items(did) if item[0] == "2"]
    ((_, position, length, offset, _, varied),) = made
    assert (float(position), float(length), float(offset)) == (8.0, 1.5, 0.25)
    assert soundfile.info(varied).frames == soundfile.info(path).frames


def test_without_an_audio_item_there_is_nothing_to_vary(reaper: Reaper) -> None:
    assert reaper.act(VARY) == [["box", "Select an audio item first."]]


def test_the_newest_take_lands_at_the_cursor(reaper: Reaper) -> None:
    ((*_, path),) = items(reaper.act(GENERATE, inputs=("C\nkeys\n\n1",), **ONE_TRACK))
    ((_, position, *_, placed),) = items(reaper.act(PLACE, cursor="7.5", **ONE_TRACK))
    assert (float(position), placed) == (7.5, path)


def test_json_is_read_with_its_escapes(reaper: Reaper, tmp_path: Path) -> None:
    common = reaper.scripts / "msanii_bridge.lua"
    probe = tmp_path / "probe.lua"
    probe.write_text(
        'reaper = { GetOS = function() return "Win64" end }\n'
        f"local msanii = dofile({lua(str(common))})\n"
        'print(msanii.from_json([[C:\\\\new \\u00fc\\ud83c\\udfb9 \\"x\\"]]))\n',
        encoding="utf-8",
    )
    done = subprocess.run(
        [need("lua5.4"), str(probe)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == 'C:\\new ü🎹 "x"\n'
