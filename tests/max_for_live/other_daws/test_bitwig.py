"""The Bitwig script under Node in a strict stand-in for Bitwig's API, against a real daemon over UDP."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.cli.own_daemon import free_port
from tests.conftest import ROOT, DaemonUnderTest
from tests.max_for_live.node_device import node

SCRIPT = ROOT / "max_for_live" / "other_daws" / "bitwig" / "Msanii.control.js"
PROCESS = Path(__file__).parent / "bitwig" / "process.js"
PATIENCE_SECONDS = 120
NOTE_ON_16, GENERATE, PLACE = 0x9F, 36, 38


class Bitwig:
    """A process with the script in it. `popups` are all notifications so far."""

    def __init__(self, script: Path) -> None:
        self.popups: list[str] = []
        self._slots: list[str] | None = None
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._process = subprocess.Popen(
            [*node(), str(PROCESS), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(json.loads(line))

    def order(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def wait(self, is_there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_there():
            assert self._process.poll() is None, "the script failed"
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.popups}"
            try:
                line = self._lines.get(timeout=1)
            except queue.Empty:
                continue
            if "popup" in line:
                self.popups.append(line["popup"])
            else:
                self._slots = line["slots"]

    def wait_popup(self, words: str) -> str:
        self.wait(lambda: any(words in one for one in self.popups), f"`{words}`")
        return next(one for one in reversed(self.popups) if words in one)

    def slots(self) -> list[str]:
        self._slots = None
        self.order(slots=True)
        self.wait(lambda: self._slots is not None, "the slots")
        return self._slots or []

    def close(self) -> None:
        self._process.kill()
        _, words = self._process.communicate()
        assert not words, f"the script failed: {words}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], Bitwig]]:
    """Starts the script with its two ports changed, as a user would change them."""
    opened: list[Bitwig] = []

    def run(port: int) -> Bitwig:
        text = SCRIPT.read_text(encoding="utf-8")
        ports = {"BRIDGE_PORT": port, "REPLY_PORT": free_port()}
        for name, number in ports.items():
            text, count = re.subn(rf"(?m)^const {name} = \d+;", f"const {name} = {number};", text)
            assert count == 1
        script = tmp_path / SCRIPT.name
        script.write_text(text, encoding="utf-8")
        opened.append(Bitwig(script))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def bitwig(start: Callable[[int], Bitwig], daemon: DaemonUnderTest) -> Iterator[Bitwig]:
    """The script beside a daemon that has loaded its model; two bars at 97.3 bpm are asked."""
    daemon.status()
    running = start(daemon.port)
    running.order(tempo=97.3)
    running.order(setting=["Bars", 2])
    running.wait_popup("Ready")
    yield running
    with daemon.client() as client:
        client.send("/msanii/param/reset", "all")
        client.wait_for("/msanii/param/reset.reply")


def _request(path: str) -> dict[str, Any]:
    recipe: dict[str, Any] = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    return dict(recipe["request"])


def test_pads_generate_a_take_and_put_it_into_the_next_slot(bitwig: Bitwig) -> None:
    bitwig.order(setting=["Chords", "Am F"])
    bitwig.order(select=1)
    bitwig.order(midi=[NOTE_ON_16, GENERATE, 100])
    bitwig.order(midi=[NOTE_ON_16, GENERATE, 0])
    said = bitwig.wait_popup("Done: press Place")
    path = said.split("drag in ")[1]
    assert soundfile.info(path).duration == pytest.approx(2 * 4 * 60 / 97.3, abs=1e-4)
    request = _request(path)
    assert (request["bpm"], request["bars"], request["chords"], request["loop"]) == (97.3, 2, "Am F", 1)
    assert bitwig.slots() == ["", "", "", ""]
    bitwig.order(midi=[NOTE_ON_16, PLACE, 100])
    bitwig.wait_popup("Placed on Audio 1")
    assert bitwig.slots() == ["", path, "", ""]


def test_the_panel_varies_the_take(bitwig: Bitwig) -> None:
    bitwig.order(signal="Vary")
    bitwig.wait_popup("nothing to vary yet")
    bitwig.order(signal="Generate")
    first = bitwig.wait_popup("Done").split("drag in ")[1]
    bitwig.popups.clear()
    bitwig.order(signal="Vary")
    second = bitwig.wait_popup("Done").split("drag in ")[1]
    assert _request(second)["source"]["name"] == Path(first).name
    bitwig.order(signal="Place")
    bitwig.order(signal="Place")
    bitwig.wait(lambda: bitwig.popups.count("Msanii: Placed on Audio 1") == 2, "both")
    assert bitwig.slots() == [first, second, "", ""]


def test_a_track_without_audio_or_a_file_that_is_refused_leaves_the_files_name(bitwig: Bitwig) -> None:
    bitwig.order(signal="Place")
    bitwig.wait_popup("no take yet")
    bitwig.order(signal="Generate")
    path = bitwig.wait_popup("Done").split("drag in ")[1]
    bitwig.order(audioTrack=False)
    bitwig.order(signal="Place")
    assert bitwig.wait_popup("Select an audio track").endswith(path)
    bitwig.order(audioTrack=True)
    bitwig.order(deaf=True)
    bitwig.order(signal="Place")
    assert bitwig.wait_popup("did not take it").endswith(path)


def test_cancel_and_refusals_are_shown(bitwig: Bitwig) -> None:
    bitwig.order(signal="Cancel")
    bitwig.wait_popup("Nothing is being rendered")
    bitwig.order(setting=["Chords", "Amm"])
    bitwig.order(signal="Generate")
    bitwig.wait_popup("not a chord I know")
    bitwig.order(setting=["Chords", ""])
    bitwig.order(setting=["Bars", 64])
    bitwig.order(signal="Generate")
    bitwig.order(signal="Cancel")
    bitwig.wait_popup("cancelled")


def test_bitwigs_tempo_and_meter_are_the_sessions(bitwig: Bitwig, daemon: DaemonUnderTest) -> None:
    bitwig.order(tempo=133.5)
    bitwig.order(numerator=7)
    told: dict[str, object] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    with daemon.client() as client:
        while told != {"bpm": 133.5, "numerator": 7, "denominator": 4}:
            assert time.monotonic() < deadline, told
            for name in ("bpm", "numerator", "denominator"):
                client.send(f"/msanii/param/{name}")
                told[name] = client.wait_for(f"/msanii/param/{name}").arguments[0]


def test_a_missing_bridge_is_named(start: Callable[[int], Bitwig]) -> None:
    running = start(free_port())
    running.order(signal="Generate")
    running.wait_popup("start msanii-bridge serve")
    running.order(midi=[0x90, GENERATE, 100])
    assert len(running.popups) == 1
