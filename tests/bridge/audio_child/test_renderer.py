"""When the mix is heard: what is told only then, and where a restored transport stands. Time is simulated."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.loading import Loader
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from bridge.audio_child.recorder import Recorder
from bridge.audio_child.renderer import Renderer
from bridge.audio_child.ring import HeardClock, Ring
from bridge.audio_child.shared_memory.counters import CounterBoard, Counters
from bridge.audio_child.shared_memory.snapshot import SnapshotBoard, SnapshotWriter
from tests.bridge.audio_child.sounds import RATE, held, noise

PERIOD_FRAMES = 1_024
LATENCY_SECONDS = 0.1
FINE = SimpleNamespace(output_underflow=False)


class Stage:
    """A renderer whose device is this test: it takes a period when told, at a time of `time.monotonic`."""

    def __init__(self, counters: Counters, snapshots: SnapshotWriter) -> None:
        self.mixer = Mixer(RATE, 1)
        self.ring = Ring(Renderer.ring_frames(LATENCY_SECONDS, RATE), 2, counters, RATE)
        self.renderer = Renderer(self.mixer, self.ring, 2, LATENCY_SECONDS, counters, snapshots)
        self.renderer.has_device = True
        self.renderer.fill()
        self._out = np.empty((PERIOD_FRAMES, 2), np.float32)

    def take(self, at_seconds: float) -> None:
        """The device asks for a period."""
        self.ring.mark = self.ring.read, at_seconds
        self.ring.pull(self._out, PERIOD_FRAMES)
        self.renderer.clock.observe(self.ring.mark)
        self.renderer.fill()

    def told(self) -> list[str]:
        """The deck's activities that are told now."""
        return [report.activity for report in self.renderer.reports() if isinstance(report, r.DeckReport)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    counts, board = CounterBoard(), SnapshotBoard()
    counters, snapshots = Counters(counts.name), SnapshotWriter(board.name)
    try:
        yield Stage(counters, snapshots)
    finally:
        counters.close()
        snapshots.close()
        counts.close()
        board.close()


def test_playing_and_stopped_are_told_when_they_are_heard_and_armed_at_once(stage: Stage) -> None:
    period_seconds = PERIOD_FRAMES / RATE
    now = time.monotonic() - 60
    stage.take(now)
    assert stage.told() == ["empty"]
    deck = stage.mixer.decks[1]
    deck.quantise = "beat"
    deck.hold(held(noise(4 * RATE)))
    stage.mixer.do(lambda: stage.mixer.launch(deck))
    launched = stage.mixer.frame
    assert stage.ring.read < launched - PERIOD_FRAMES
    while stage.ring.read < launched + stage.mixer.delay:
        assert "playing" not in stage.told()
        stage.take(now := now + period_seconds)
    stage.take(now + period_seconds)
    assert stage.told() == ["playing"]


def test_a_device_that_has_taken_a_frame_has_not_played_it_yet(stage: Stage) -> None:
    stage.renderer.clock.device_seconds = 1_000.0
    deck = stage.mixer.decks[1]
    deck.hold(held(noise(4 * RATE)))
    stage.mixer.do(lambda: stage.mixer.launch(deck, "off"))
    for _ in range(20):
        stage.take(time.monotonic())
    assert "playing" not in stage.told()
    # Whoever ends is not to keep it back.
    rest = list(stage.renderer.reports(heard_only=False))
    assert [report.activity for report in rest if isinstance(report, r.DeckReport)][-1] == "playing"


STARTS = {
    "late": [0.4 + n * PERIOD_FRAMES / RATE for n in range(40)],
    "three periods at once": [0.01 + max(0, n - 3) * PERIOD_FRAMES / RATE for n in range(40)],
    "a halt after the first": [0.01, *(0.3 + n * PERIOD_FRAMES / RATE for n in range(40))],
}


@pytest.mark.parametrize("start", STARTS)
def test_after_a_lost_audio_process_the_beat_is_where_it_would_have_been(stage: Stage, start: str) -> None:
    """However the device starts: the transport is restored once its clock is settled, and not before."""
    began = time.monotonic() - 60
    clock = stage.renderer.clock
    orders = Orders(stage.mixer, stage.renderer, Loader(), Recorder(RATE, lambda _: None), lambda _: None)
    periods = iter(STARTS[start])
    while not clock.is_settled:
        stage.take(began + next(periods))
    orders.obey(p.PlayTransport(8.0, began - 2.0))
    for at in periods:
        stage.take(began + at)
    # At 120, beat 8 was two seconds before this began.
    heard = stage.renderer.heard_at(stage.mixer.frame)
    assert stage.mixer.transport.beat_at(stage.mixer.frame) == pytest.approx(
        12.0 + (heard - began) * 2, abs=0.002 * 2
    )


def test_a_clock_whose_callbacks_disagree_is_not_settled() -> None:
    clock, period_seconds = HeardClock(RATE, 0.0), PERIOD_FRAMES / RATE
    settled = []
    for block in range(10):
        late_seconds = 0.0 if block < 4 else 0.02
        clock.observe((block * PERIOD_FRAMES, 50.0 + late_seconds + block * period_seconds))
        settled.append(clock.is_settled)
    assert settled == [False] * 8 + [True] * 2
    assert clock.seconds_of(0, ahead=0) == pytest.approx(50.02)
