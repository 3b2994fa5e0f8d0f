"""Recording through the daemon's own socket, with an audio process that is killed or has no disk."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Client
from tests.bridge.stage.test_stage import RATE, state_of, until
from tests.conftest import NO_MODEL, DaemonUnderTest, fail_of


@pytest.fixture
def stage(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DaemonUnderTest]:
    """A daemon with a stream that nobody hears, and a take in its library."""
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")
    library = tmp_path / "library"
    library.mkdir()
    soundfile.write(library / "hum.wav", np.full((2 * RATE, 2), 0.1, np.float32), RATE, subtype="FLOAT")
    running = DaemonUnderTest(library, tiny_model.parent, model=NO_MODEL, flags=["--stream"])
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
def client(stage: DaemonUnderTest) -> Client:
    """A subscriber, once there is an audio process."""
    one = stage.client()
    one.hello()
    one.send("/msanii/notify", 1)
    one.wait_for("/msanii/notify.reply")
    while stream_status(one)["state"] == "starting":
        time.sleep(0.05)
    return one


def stream_status(client: Client) -> dict[str, Any]:
    client.send("/msanii/stream/status")
    words = client.wait_for("/msanii/stream/status.reply").arguments
    return dict(zip(words[::2], words[1::2], strict=True))  # type: ignore[arg-type]


def test_a_recording_goes_on_in_a_next_file_when_the_audio_process_is_killed(client: Client) -> None:
    begun = {}
    for deck, address in ((0, "/msanii/record/master"), (1, "/msanii/deck/1/record")):
        client.send(address, 1)
        begun[deck] = Path(str(until(client, "/msanii/recording", deck).arguments[1]))
    found = stream_status(client)
    assert found["recording"] == "master deck1"
    while begun[1].stat().st_size < 4 * RATE:  # half a second, for the header is written anew every second
        time.sleep(0.05)
    os.kill(found["pid"], signal.SIGKILL)
    told: dict[int, dict[str, Path]] = {0: {}, 1: {}}
    for answer in client.answers(60):
        if answer.address in ("/msanii/recorded", "/msanii/recording"):
            number, path = answer.arguments[:2]
            told[int(str(number))][answer.address] = Path(str(path))
        if all(len(files) == 2 for files in told.values()):
            break
    for deck, first in begun.items():
        assert told[deck] == {
            "/msanii/recorded": first,
            "/msanii/recording": first.with_name(f"{first.stem}_2.wav"),
        }
        assert len(soundfile.read(first)[0]) > RATE // 4
    assert stream_status(client)["recording"] == "master deck1"
    for deck, address in ((0, "/msanii/record/master"), (1, "/msanii/deck/1/record")):
        client.send(address, 0)
        _, path, seconds = until(client, "/msanii/recorded", deck).arguments
        assert Path(str(path)) == told[deck]["/msanii/recording"]
        assert len(soundfile.read(path)[0]) == round(float(str(seconds)) * RATE)
    assert stream_status(client)["recording"] == ""
    client.send("/msanii/record/master", 0)
    about, code, sentence = fail_of([until(client, "/msanii/fail")])
    assert (about, code) == ("/msanii/record/master", "missing")
    assert "nothing is being recorded" in sentence


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")
def test_a_full_disk_is_a_failure_of_the_recording_and_the_rest_plays_on(
    client: Client, stage: DaemonUnderTest
) -> None:
    import resource

    folder = stage.library / "recordings"
    client.send("/msanii/deck/1/load", "hum.wav", 120)
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing", "hum.wav")
    pid = stream_status(client)["pid"]
    before = sorted(folder.glob("*"))
    unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    client.send("/msanii/record/master", 1)
    about, code, sentence = fail_of([until(client, "/msanii/fail")])
    assert (about, code) == ("/msanii/record/master", "disk")
    assert "File too large" in sentence
    assert sorted(folder.glob("*")) == before
    resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
    assert stream_status(client)["recording"] == ""
    assert state_of(client, 1)[:2] == ("playing", "hum.wav")
    client.send("/msanii/panic", 1)
