"""Audio from elsewhere on the decks of a real daemon: what is known of it is played, what is new is heard."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.cli.client import Answer, Client
from bridge.listening.heard_files import HeardFiles, RememberedAudio
from bridge.listening.hearing import _version
from bridge.messages import HeardAudio
from tests.bridge.listening.listeners import asked_and_begun, stopped
from tests.conftest import NO_MODEL, DaemonUnderTest

RATE = 48_000
BAR = 2 * RATE
PICKUP = round(0.35 * RATE)
FADE = RATE // 1_000
_SECONDS = 240.0


@pytest.fixture(scope="module")
def stage(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    """One daemon with a listener, and a stream that nobody hears."""
    library = tmp_path_factory.mktemp("heard_decks") / "library"
    library.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSANII_HEAR_SOURCES", "1")
        patch.setenv("JACK_NO_START_SERVER", "1")
        patch.setenv("JACK_DEFAULT_SERVER", "msb-nobody")
        running = DaemonUnderTest(library, models, model=NO_MODEL, flags=["--stream"])
        try:
            running.start()
            yield running
        finally:
            running.stop()


def write_loop(path: Path, seed: int) -> NDArray[np.float32]:
    audio = np.random.default_rng(seed).uniform(0.02, 0.2, (BAR, 2)).astype(np.float32)
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return audio


def remember(library: Path, path: Path, listener: Path, heard: HeardAudio) -> None:
    """Have a file heard by the listener that the daemon uses."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    answer = RememberedAudio(name=path.name, listener=_version(listener), heard=heard)
    HeardFiles(library / ".msanii" / "heard").write(sha256, answer)


def until(client: Client, address: str, *begins: object) -> Answer:
    for answer in client.answers(_SECONDS):
        assert answer.address != "/msanii/fail", answer
        if answer.address == address and answer.arguments[: len(begins)] == begins:
            return answer
    raise AssertionError(f"no {address} {begins}")


def test_a_loop_that_is_known_starts_with_its_downbeat(stage: DaemonUnderTest, models: Path) -> None:
    client = stage.client()
    audio = write_loop(stage.library / "loop.wav", 1)
    known = HeardAudio(119.97, 4, 4, PICKUP, "", "", 0.9, (0.35, 0.85), 1.0)
    remember(stage.library, stage.library / "loop.wav", models / "listener", known)
    client.send("/msanii/deck/1/load", "loop.wav")
    heard = until(client, "/msanii/deck/event/heard", 1)
    assert heard.arguments[:4] == (1, "loop.wav", 120.0, 4.0)
    assert heard.arguments[4] == pytest.approx(0.35)
    client.send("/msanii/deck/1/state")
    words = until(client, "/msanii/deck/1/state.reply").arguments
    assert words[words.index("bpm") + 1] == 120.0
    client.send("/msanii/deck/1/record", 1)
    until(client, "/msanii/recording", 1)
    client.send("/msanii/deck/1/launch", 1)
    until(client, "/msanii/deck", 1, "playing", "loop.wav")
    time.sleep(3.5)
    client.send("/msanii/deck/1/record", 0)
    path = until(client, "/msanii/recorded", 1).arguments[1]
    client.send("/msanii/panic", 1)
    sound, _ = soundfile.read(str(path), dtype="float32")
    begin = int(np.flatnonzero(sound.any(axis=1))[0])
    expected = np.tile(audio, (3, 1))[PICKUP:]
    frames = min(len(sound) - begin, round(1.25 * BAR))
    assert frames > BAR  # it has gone round
    assert (sound[begin + FADE : begin + frames] == expected[FADE:frames]).all()


def test_a_new_file_is_on_its_deck_before_it_is_heard(stage: DaemonUnderTest) -> None:
    client = stage.client()
    for seed, name in enumerate(("first.wav", "new.wav"), start=2):
        write_loop(stage.library / name, seed)
    sha256 = hashlib.sha256((stage.library / "new.wav").read_bytes()).hexdigest()
    answers = HeardFiles(stage.library / ".msanii" / "heard")
    listener = asked_and_begun(stage, client, Path("first.wav"))
    until(client, "/msanii/heard", "first.wav")
    with stopped(listener):
        client.send("/msanii/deck/2/load", "new.wav")
        client.send("/msanii/deck/2/launch", 1)
        until(client, "/msanii/deck", 2, "playing", "new.wav")
        assert answers.read(sha256) is None
    ends = time.monotonic() + _SECONDS
    while (remembered := answers.read(sha256)) is None:
        assert time.monotonic() < ends, "it was never heard"
        time.sleep(0.1)
    assert remembered.bytes == (stage.library / "new.wav").stat().st_size
    client.send("/msanii/deck/2/state")
    assert until(client, "/msanii/deck/2/state.reply").arguments[:2] == ("playing", "new.wav")
    client.send("/msanii/panic", 1)
