"""An input that hears the stage's own output over a real JACK server: bars are in place to the sample."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Answer, Client
from bridge.library.caught_bars import read_caught
from tests.bridge.audio_child.sounds import noise
from tests.bridge.jack_cables import Cables, jack_cables
from tests.bridge.jack_server import RATE, JackServer, jack_server
from tests.conftest import ROOT, fail_of

PERIOD = 512
BPM, BAR = 125.0, round(4 * 60 / 125 * RATE)
pytestmark = [pytest.mark.calm, pytest.mark.timeout(280)]


@pytest.fixture(scope="module")
def server() -> Iterator[JackServer]:
    with jack_server("catch", period=PERIOD) as running:
        yield running


@pytest.fixture
def cables(server: JackServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cables]:
    for name, value in server.environment.items():
        if name.startswith("JACK_"):
            monkeypatch.setenv(name, value)
    with jack_cables(server) as found:
        yield found


@pytest.fixture
def stage(make_daemon: Any, tmp_path: Path, cables: Cables) -> Any:
    """Starts a daemon with an input on the server; more flags may be given."""
    library = tmp_path / "library"
    library.mkdir()

    def start(*flags: str, heard: str = "system") -> Client:
        daemon = make_daemon(library=library, flags=["--stream", "--input", heard, *flags])
        daemon.start()
        client: Client = daemon.client()
        client.hello()
        client.send("/msanii/notify", 1)
        until(client, "/msanii/stream", "playing")
        client.send("/msanii/transport/tempo", BPM)
        return client

    return start


def until(client: Client, address: str, *begins: object, seconds: float = 90.0) -> Answer:
    """The first message there whose arguments begin like this."""
    for answer in client.answers(seconds):
        if answer.address == address and answer.arguments[: len(begins)] == begins:
            return answer
    raise AssertionError(f"no {address} {begins} within {seconds} s")


def measured(settings: Path, cables: Cables) -> str:
    """What `measure-latency` says, with a cable from output to input."""
    command = [sys.executable, "-m", "bridge", "measure-latency", "--input", "system"]
    command += ["--settings", str(settings)]
    settings.write_text("# mine\ndecks: 2\n", encoding="utf-8")
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        cables.loop()
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()
        rest, _ = process.communicate()
        print(rest)
    assert process.returncode == 0, said
    return said


def play(client: Client, library: Path, audio: Any, name: str = "bars.wav") -> None:
    """Loop audio on deck 1, and wait until it has played for long enough."""
    soundfile.write(library / name, audio, RATE, subtype="FLOAT")
    client.send("/msanii/deck/1/load", name, BPM)
    until(client, "/msanii/deck", 1, "stopped")
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/transport/event/beat", 4, 2)


def caught(client: Client, *arguments: int) -> list[Any]:
    """The answer to a catch of bars in which no frame was skipped: a busy machine may skip some."""
    for _ in range(5):
        client.send("/msanii/catch", *arguments)
        answer = next(
            answer
            for answer in client.answers(60)
            if answer.address in ("/msanii/catch.reply", "/msanii/fail")
        )
        assert answer.address == "/msanii/catch.reply", answer
        if "skipped" not in str(answer.arguments[3]):
            return list(answer.arguments)
        until(client, "/msanii/transport/event/beat")
    raise AssertionError("frames were skipped five times in a row; is the machine busy?")


def test_a_measured_latency_puts_the_click_of_each_bar_on_sample_0(
    stage: Any, cables: Cables, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.yaml"
    said = measured(settings, cables)
    samples = int(re.search(r"is (\d+) samples", said)[1])  # type: ignore[index]
    assert samples % PERIOD == 0  # JACK's loop is whole periods
    assert samples
    kept = settings.read_text(encoding="utf-8")
    assert kept.startswith("# mine\ndecks: 2\nround_trip_ms: ")

    client = stage("--settings", str(settings))
    cables.loop()
    client.send("/msanii/param/format", "float")
    bars = np.zeros((2 * BAR, 2), np.float32)
    bars[0], bars[BAR] = 0.5, 0.25
    bars[1000 : 2 * BAR - 1000] += noise(2 * BAR - 2000, level=0.1)
    bars[BAR - 1000 : BAR + 1000] = 0
    bars[BAR] = 0.25
    play(client, tmp_path / "library", bars)
    path, count, bpm, note = caught(client, 2)
    assert (count, bpm, note) == (2, BPM, "")
    found, rate = soundfile.read(path, dtype="float32")
    assert (rate, found.shape) == (RATE, bars.shape)
    assert np.array_equal(found, bars) or np.array_equal(found, np.roll(bars, BAR, axis=0))
    known = read_caught(Path(path))
    assert known is not None
    assert (known.bars, known.bpm, known.numerator, known.denominator) == (2, BPM, 4, 4)


def test_bars_are_caught_as_24_bits_and_launched_on_a_deck(
    stage: Any, cables: Cables, tmp_path: Path
) -> None:
    client = stage()
    cables.loop()
    play(client, tmp_path / "library", noise(BAR))
    path, *_ = caught(client, 2, 3)
    told = until(client, "/msanii/deck", 3, "playing")
    assert told.arguments[2] == Path(path).name
    assert soundfile.info(path).subtype == "PCM_24"
    assert soundfile.info(path).frames == 2 * BAR


def test_what_cannot_be_caught_is_told(stage: Any, cables: Cables, tmp_path: Path) -> None:
    client = stage()
    cables.loop()
    client.send("/msanii/catch", 2)
    _, code, why = fail_of([until(client, "/msanii/fail", "/msanii/catch")])
    assert code == "missing"
    assert "the transport stands" in why
    play(client, tmp_path / "library", noise(BAR))
    client.send("/msanii/catch", 32)
    _, code, why = fail_of([until(client, "/msanii/fail", "/msanii/catch")])
    assert code == "missing"
    assert re.search(r"got 32, and .*[3-9] whole bars", why)
    cables.pull()
    client.send("/msanii/deck/1/stop", 1)
    until(client, "/msanii/deck", 1, "stopped")
    until(client, "/msanii/transport/event/beat", seconds=20)
    for _ in range(9):
        until(client, "/msanii/transport/event/beat")
    client.send("/msanii/catch", 1)
    _, code, why = fail_of([until(client, "/msanii/fail", "/msanii/catch")])
    assert code == "value"
    assert "silent" in why
    assert not list((tmp_path / "library").glob("caught_*"))
    assert not list((tmp_path / "library" / ".msanii").glob("catch-*"))


def test_an_input_that_is_not_there_is_told_and_the_output_plays(stage: Any) -> None:
    client = stage(heard="nobody's microphone")
    client.send("/msanii/catch", 1)
    _, code, why = fail_of([until(client, "/msanii/fail", "/msanii/catch")])
    assert code == "missing"
    assert "no input is open" in why
    client.send("/msanii/stream/input", "system")
    until(client, "/msanii/input/event", "open", "system")


def test_devices_are_listed_with_their_inputs(stage: Any) -> None:
    client = stage()
    client.send("/msanii/stream/devices")
    row = until(client, "/msanii/stream/devices.reply").arguments
    assert row[1] == "system"
    assert row[6] == 2
    client.send("/msanii/input/level")
    assert until(client, "/msanii/input/level.reply").arguments == (-120.0,)
