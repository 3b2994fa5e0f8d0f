"""Runs the scripts for Ardour in its Lua host without a window, with a real bridge; reads the session back.

The host has no dialogs and no editor: `stand_ins.lua` has them. Its `do_import` cannot import, so the take
is written into the session's file between two runs, as a source with its region.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from pathlib import Path

import soundfile

from bridge.cli.own_daemon import free_port
from tests.conftest import ROOT, save_tiny_model

HERE = Path(__file__).parent
SCRIPTS = ROOT / "max_for_live" / "other_daws" / "ardour"
HOSTS = ("ardour7-lua", "ardour8-lua", "ardour9-lua")
PATIENCE_SECONDS = 300
LIBRARY = 'Küche "A" \\u0041\'s 🎹'  # a name that JSON and shells write otherwise
RATE = 44_100
SUPERCLOCKS_PER_SAMPLE = 282_240_000 // RATE  # Ardour's unit of time in session files
BAR_SAMPLES = Fraction(3 * 60 * RATE, 93)
LINES = {5: int(4 * BAR_SAMPLES), 9: int(8 * BAR_SAMPLES), 12: int(11 * BAR_SAMPLES)}
SEVEN_EIGHT_SAMPLES = Fraction(7 * 30 * RATE, 140)
LINES[15] = int(12 * BAR_SAMPLES + 2 * SEVEN_EIGHT_SAMPLES)
TAKE_SAMPLES = round(4 * BAR_SAMPLES)


def main() -> int:
    """Run all of it; print what was found. Return the exit code."""
    host = next(filter(None, map(shutil.which, HOSTS)), None)
    if host is None:
        print(f"none of {', '.join(HOSTS)} is there: sudo apt-get install ardour", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        check(Ardour(host, Path(folder)))
    return 0


class Ardour:
    """A real Ardour without a window, a folder for its session, and a bridge with a tiny model."""

    def __init__(self, host: str, folder: Path) -> None:
        self._host = host
        self.session = folder / "session"
        self._bridge = folder / "bridge"
        self._environment = {
            **os.environ,
            "HOME": str(folder / "home"),
            "PYTHONPATH": str(ROOT),
            "MSANII_BRIDGE": str(self._bridge),
            "MSANII_LIBRARY": str(folder / LIBRARY),
            "MSANII_MODELS_FOLDER": str(save_tiny_model(folder / "models" / "tiny").parent),
            "MSANII_MODEL": "tiny",
            "MSANII_PORT": str(free_port()),
        }
        (folder / "home").mkdir()
        self.answer_generate_with('exec "$@"')

    def answer_generate_with(self, line: str) -> None:
        """Write the command that the scripts start: the bridge, but for `generate` this line of a shell."""
        bridge = f"{shlex.quote(sys.executable)} -m bridge"
        self._bridge.write_text(
            "#!/bin/sh\n"
            '[ -z "$LD_LIBRARY_PATH" ] || exit 3  # that of Ardour\n'
            'case "$*" in\n'
            "*wait*) exec sleep 600 ;;\n"
            f'generate*) set -- {bridge} "$@"; {line} ;;\n'
            f'*) exec {bridge} "$@" ;;\n'
            "esac\n"
        )
        self._bridge.chmod(0o755)

    def run(self, script: str) -> list[list[str]]:
        """Run a script; return what it told, one list of words for each line."""
        arguments = (HERE / script, HERE, SCRIPTS, self.session)
        ran = subprocess.run(
            [self._host, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            env=self._environment,
            check=False,
        )
        # The host ends with 0 after an error in a script too.
        assert "Error:" not in ran.stdout + ran.stderr, ran.stdout + ran.stderr
        lines = [line.split("\t")[1:] for line in ran.stdout.splitlines() if line.startswith("told\t")]
        assert lines, ran.stdout + ran.stderr
        return lines

    def add_source(self, path: Path) -> None:
        """Write a stereo file into the session's file, as a source of it with a region of all of it."""
        shutil.copy(path, self.session / "interchange" / "session" / "audiofiles")
        length = soundfile.info(path).frames * SUPERCLOCKS_PER_SAMPLE
        session_file = self.session / "session.ardour"
        session = ElementTree.parse(session_file)  # noqa: S314  Ardour has just written it
        sources, regions = session.find("Sources"), session.find("Regions")
        assert sources is not None
        assert regions is not None
        numbers = [str(900_001), str(900_002)]
        for channel, number in enumerate(numbers):
            shared = {"name": path.name, "type": "audio", "flags": "", "id": number, "natural-position": "a0"}
            sources.append(ElementTree.Element("Source", {**shared, "channel": str(channel), "origin": ""}))
        region = {
            "name": path.stem, "id": "900003", "type": "audio", "whole-file": "1", "start": "a0",
            "length": f"a{length}@a0", "sync-position": "a0", "ancestral-start": "a0",
            "ancestral-length": "a0@a0", "stretch": "1", "shift": "1", "first-edit": "nothing",
            "channels": "2",
        }  # fmt: skip
        for channel, number in enumerate(numbers):
            region |= {f"source-{channel}": number, f"master-source-{channel}": number}
        regions.append(ElementTree.Element("Region", region))
        session.write(session_file, encoding="UTF-8", xml_declaration=True)


def check(ardour: Ardour) -> None:
    """Generate by a real bridge, place the take in several bars, and compare what Ardour has then."""
    asked, imported, said, refused = ardour.run("ask.lua")
    assert asked == ["asked", "From bar 5, at 93 bpm in 3/4"], asked
    take = Path(imported[1])
    assert soundfile.info(take).frames == TAKE_SAMPLES, soundfile.info(take)
    assert said[1].startswith(f"Ardour did not import `{take}`"), said
    assert refused[1] == "0", refused
    assert "Q7x" in refused[2], refused
    print(f"asked: {asked[1]}; take: {TAKE_SAMPLES} samples; refused: {refused[2]}")

    ardour.add_source(take)
    log = ardour.session.parent / "requests"
    line = f"printf '%s\\n' \"$*\" >>{shlex.quote(str(log))}; printf '%s\\n' {shlex.quote(str(take))}"
    ardour.answer_generate_with(line)
    placed, nine, fifteen, twelve, cancelled, *regions = ardour.run("place.lua")
    assert placed == ["placed", "0", str(take)], placed
    assert nine == ["here", "9", str(LINES[9]), "From bar 9, at 93 bpm in 3/4", "0", ""], nine
    assert fifteen == ["here", "15", str(LINES[15]), "From bar 15, at 140 bpm in 7/8", "0", ""], fifteen
    question = "Tempo or meter change in the 2 bars from bar 12 on. The take keeps those of bar 12."
    assert twelve[4:] == ["1", question], twelve
    assert cancelled == ["cancelled", "0", "0"], cancelled
    requests = [line.split(" --count")[0] for line in log.read_text().splitlines()]
    assert [request.split("generate ")[1] for request in requests] == [
        "--bpm 93 --meter 3/4 --bars 2",
        "--bpm 140 --meter 7/8 --bars 2",
        "--bpm 93 --meter 3/4 --bars 2",
    ], requests
    expected = sorted(["region", "Keys", str(line), str(TAKE_SAMPLES)] for line in LINES.values())
    assert sorted(regions) == expected, regions
    assert sorted(ardour.run("read_back.lua")) == expected
    for bar, sample in sorted(LINES.items()):
        print(f"bar {bar}: placed at sample {sample}, {TAKE_SAMPLES} samples long; the same after loading")


if __name__ == "__main__":
    sys.exit(main())
