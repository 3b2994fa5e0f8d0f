"""Another program's clock leads an endless deck end to end: MIDI clock over JACK, and Ableton Link.

The real daemon, its audio child (which runs without a device) and its worker with a tiny model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.cli.client import Answer, Client
from tests.bridge.audio_child.sounds import noise
from tests.bridge.core_waits import taken
from tests.bridge.link_peer import link_peer
from tests.bridge.midi_stage import Player, midi_server
from tests.conftest import DaemonUnderTest
from tests.patient_client import PATIENCE_SECONDS

pytestmark = [pytest.mark.calm, pytest.mark.timeout(300)]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
BEFORE, AFTER = 160.0, 132.0
RATE = 48_000
BAR_SECONDS = 4 * 60 / BEFORE

Audio = NDArray[np.float32]


@dataclass
class Listener:
    """A client that forgets nothing it has heard."""

    client: Client
    heard: list[Answer] = field(default_factory=list)

    def until(self, wanted: Callable[[Answer], bool]) -> tuple[Any, ...]:
        """What the next message that is wanted says."""
        for answer in self.client.answers(PATIENCE_SECONDS):
            self.heard.append(answer)
            if wanted(answer):
                return answer.arguments
        told = [answer for answer in self.heard if not answer.address.endswith("/beat")]
        raise AssertionError(f"not within {PATIENCE_SECONDS} s; heard {told[-60:]}")

    def at(self, address: str, *words: object) -> tuple[Any, ...]:
        """What the next message there that holds these words says."""
        return self.until(
            lambda answer: answer.address == address and all(word in answer.arguments for word in words)
        )

    def all_at(self, address: str) -> list[tuple[Any, ...]]:
        return [answer.arguments for answer in self.heard if answer.address == address]


@contextmanager
def midi_clock(daemon: DaemonUnderTest) -> Iterator[tuple[Client, Callable[[], None], Callable[[], None]]]:
    """A sequencer's clock over JACK; what begins it, and what changes its tempo."""
    with midi_server(f"ec-{WORKER}") as server:
        daemon.flags = ["--stream", "--midi", "--midi-api", f"UNIX_JACK:{server.name}"]
        sequencer = Player(server, "Sequencer")
        try:
            client = daemon.start().client()

            def begin() -> None:
                client.send("/msanii/midi/clock/in", 1)
                sequencer.tell({"clock": {"bpm": BEFORE, "beats": 8}})

            def change() -> None:
                sequencer.answer()
                sequencer.tell({"clock": {"bpm": AFTER, "beats": 64, "before": []}})

            yield client, begin, change
        finally:
            daemon.stop()
            sequencer.close()


@contextmanager
def ableton_link(daemon: DaemonUnderTest) -> Iterator[tuple[Client, Callable[[], None], Callable[[], None]]]:
    """A peer of a Link session; what has the daemon join it, and what changes the session's tempo."""
    with link_peer(BEFORE) as peer:
        daemon.flags = ["--stream"]
        client = daemon.start().client()

        def change() -> None:
            assert peer.where(AFTER)[2] == AFTER

        yield client, lambda: client.send("/msanii/link", 1), change


@pytest.mark.parametrize("clock", [midi_clock, ableton_link])
def test_another_clock_s_tempo_becomes_that_of_the_next_unrendered_bars(make_daemon: Any, clock: Any) -> None:
    daemon = make_daemon()
    daemon.library.mkdir(parents=True)
    with clock(daemon) as (client, begin, change), taken(int(str(daemon.status()["pid"]))) as time:
        soundfile.write(daemon.library / "bar.wav", noise(57_600, 1), RATE, subtype="FLOAT")
        story = Listener(client)
        client.send("/msanii/notify", 1)
        client.send("/msanii/transport/tempo", BEFORE)
        client.send(
            "/msanii/endless/start", 1, "chords", "Am F", "steps", 1, "iterations", 1, "ahead", 2, "seed", 4
        )
        # So the first bars have the tempo that was set, and not what the clock is first heard to have.
        story.at("/msanii/deck", 1, "playing")
        begin()
        story.at("/msanii/midi/event/clock" if clock is midi_clock else "/msanii/link/event", *_LEADS[clock])
        client.send("/msanii/deck/1/record", 1)
        change()
        _, bar, _ = story.until(_tempo_is_new)
        # Launched after the change, another deck still comes in on a bar.
        client.send("/msanii/deck/2/load", "bar.wav", AFTER)
        story.at("/msanii/deck", 2, "stopped")
        client.send("/msanii/deck/2/launch", 1)
        story.at("/msanii/deck", 2, "playing")
        client.send("/msanii/deck/2/state")
        assert story.at("/msanii/deck/2/state.reply")[2] % 4 == 0
        # The clock paused before its new tempo; the stage ran on, and jumps back to it within a bar or two.
        settled = bar + 3
        _plays(story, settled + 2)
        client.send("/msanii/deck/1/record", 0)
        recording = Path(str(story.at("/msanii/recorded", 1)[1]))
        bars = sorted((daemon.library / ".msanii" / "bars").glob("*/bar_*.npy"))
        made = {int(path.stem.removeprefix("bar_")): np.load(path) for path in bars}
        assert not story.all_at("/msanii/fail")
    # A clock's tempo is found step by step; each bar has the one that was last told to hold for it.
    told = [(0, BEFORE), *((first, bpm) for _, first, bpm in story.all_at("/msanii/endless/event/tempo"))]
    wanted = {number: [bpm for first, bpm in told if first <= number][-1] for number in made}
    assert {number: _bpm_of(audio) for number, audio in made.items()} == pytest.approx(wanted, rel=1e-4)
    assert (wanted[0], wanted[bar]) == (BEFORE, pytest.approx(AFTER, rel=0.005))
    audio, rate = soundfile.read(recording, dtype="float32")
    assert rate == RATE
    assert longest_gap_seconds(audio) < 0.02
    if late := story.all_at("/msanii/behind"):
        # Others were repeated instead, as may be on a machine that lets the worker wait for a core.
        assert time.seconds - time.own_seconds > BAR_SECONDS, late
        return
    slot = place_of(made[settled + 1], audio) - place_of(made[settled], audio)
    assert slot == pytest.approx(4 * 60 / AFTER * RATE, rel=0.005)


def test_a_launch_starts_a_stopped_stage_on_the_beat_of_link(make_daemon: Any) -> None:
    daemon = make_daemon(flags=["--stream"])
    daemon.library.mkdir(parents=True)
    soundfile.write(daemon.library / "bar.wav", noise(round(BAR_SECONDS * RATE), 1), RATE, subtype="FLOAT")
    with link_peer(BEFORE) as peer, daemon.start().client() as client:
        story = Listener(client)
        client.send("/msanii/notify", 1)
        client.send("/msanii/link", 1)
        story.at("/msanii/link/event", 1)
        client.send("/msanii/deck/1/load", "bar.wav", BEFORE)
        story.at("/msanii/deck", 1, "stopped")
        client.send("/msanii/deck/1/launch", 1)
        assert story.at("/msanii/transport", 1)
        story.at("/msanii/deck", 1, "playing")
        client.send("/msanii/deck/1/state")
        assert not story.at("/msanii/deck/1/state.reply")[2] % 4
        # Both count the same bar, whenever they are asked.
        _, before, _ = peer.where()
        client.send("/msanii/stream/status")
        status = story.at("/msanii/stream/status.reply")
        beat = status[status.index("beat") + 1]
        _, after, _ = peer.where()
        assert (beat - before + _CLOSE_BEATS) % 4 <= after - before + 2 * _CLOSE_BEATS


# 19 ms: the length of a mixed block, and what a clock is off before the stage follows.
_CLOSE_BEATS = 0.05
_LEADS: dict[Any, tuple[object, ...]] = {midi_clock: ("tempo",), ableton_link: (1,)}


def _tempo_is_new(answer: Answer) -> bool:
    is_told = answer.address == "/msanii/endless/event/tempo"
    return is_told and bool(answer.arguments[2] == pytest.approx(AFTER, rel=0.005))


def _plays(story: Listener, bar: int) -> None:
    """Waits until the endless deck plays that bar."""
    while True:
        story.client.send("/msanii/endless/status")
        if story.at("/msanii/endless/status.reply")[1] >= bar:
            return
        story.client.receive(0.2)


def _bpm_of(bar: Audio) -> float:
    return 4 * 60 * RATE / len(bar[0])


def longest_gap_seconds(audio: Audio) -> float:
    """The longest time in which nothing is heard, of audio (L, C)."""
    loud = np.flatnonzero(np.abs(audio).max(axis=1) > 1e-4)
    return float(np.diff(loud).max() / RATE)


def place_of(bar: Audio, audio: Audio) -> int:
    """Where a bar (C, L) begins in audio (L, C): where its second tenth of a second is found again."""
    piece = bar[0, 4_800:9_600] - bar[0, 4_800:9_600].mean()
    size = 1 << (len(audio) + len(piece)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(audio[:, 0], size) * np.fft.rfft(piece, size).conj(), size)
    return int(np.argmax(likeness[: len(audio)])) - 4_800
