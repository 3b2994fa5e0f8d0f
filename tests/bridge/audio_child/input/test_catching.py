"""Bars cut out of an input that hears the stage: in simulated time, with the real mixer, rings and clocks."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.audio_child.input import clocks
from bridge.audio_child.input.catching import Catcher
from bridge.audio_child.input.clocks import OwnClock, SharedClock
from bridge.audio_child.input.input_ring import InputRing
from bridge.audio_child.input.line_in import LineIn
from bridge.audio_child.protocol import Catch
from bridge.audio_child.reports import CatchFailed, Caught
from tests.bridge.audio_child.simulated_child import SimulatedChild, simulated_child
from tests.bridge.audio_child.sounds import held, noise
from tests.bridge.small_disk import mounted_disk

Audio = NDArray[np.float32]

RATE = 8_000
BAR = 2 * RATE  # at 120 bpm
PERIOD = 64
DELAY = 300  # frames from output to input
PATIENCE_SECONDS = 60.0
_BEFORE = 1_000


class Room:
    """A child whose output comes back `DELAY` frames later at its input, which may have its own clock."""

    def __init__(self, child: SimulatedChild, folder: Path, *, input_rate: float = 0.0) -> None:
        self.child = child
        self.reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.damage: dict[int, float] = {}  # what the driver delivers at these frames of the input
        rate = round(input_rate) or RATE
        self.ring = InputRing(rate, 2)
        self._input_rate = input_rate
        self.clock = OwnClock(RATE) if input_rate else SharedClock()
        self.line_in = cast(LineIn, SimpleNamespace(ring=self.ring, clock=self.clock, latency_seconds=0.0))
        self._sent = np.zeros((_BEFORE + 90 * RATE, 2), np.float32)
        self._folder = folder
        renderer = child.orders._renderer
        trip = DELAY / RATE
        self.catcher = Catcher(self.line_in, child.mixer, renderer, trip, self.reports.put)
        self.played = 0
        self._numbers = 0

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / PERIOD)):
            if isinstance(self.clock, SharedClock):
                self.clock.note(self.ring.written, self.child.ring.read)
                self._come_in(PERIOD)
            self.send(self.child.play(PERIOD, PERIOD))
            if isinstance(self.clock, OwnClock):
                self._come_in(round(self.played * self._input_rate / RATE) - self.ring.written)
                self.clock.note(self.ring.written, (self.child.ring.read, self.played / RATE))

    def send(self, block: Audio) -> None:
        """What the device plays, which comes back later."""
        begin = _BEFORE + self.played
        self._sent[begin : begin + len(block)] = block
        self.played += len(block)

    def catch(self, bars: int, folder: Path | None = None) -> Caught | CatchFailed:
        """Catch the bars that have ended by now."""
        self._numbers += 1
        path = (folder or self._folder) / f"{self._numbers}.npy"
        self.catcher.catch(Catch(self._numbers, bars, self.played / RATE, path))
        self.play(0.5)
        report: Caught | CatchFailed = self.reports.get(timeout=PATIENCE_SECONDS)
        assert report.number == self._numbers
        return report

    def _come_in(self, frames: int) -> None:
        """Deliver frames of the input: what was sent so long ago, between two samples where they lie so."""
        begin = self.ring.written
        places = np.arange(begin, begin + frames) * (RATE / (self._input_rate or RATE)) - DELAY + _BEFORE
        whole = places.astype(int)
        share = (places - whole)[:, None].astype(np.float32)
        block = (1 - share) * self._sent[whole] + share * self._sent[whole + 1]
        for frame, value in self.damage.items():
            if begin <= frame < begin + frames:
                block[frame - begin] = value
        self.ring.write(block.astype(np.float32), frames)


@pytest.fixture
def child() -> Iterator[SimulatedChild]:
    with simulated_child(RATE) as one:
        yield one


@pytest.fixture
def room(child: SimulatedChild, tmp_path: Path) -> Room:
    return Room(child, tmp_path)


def launch(child: SimulatedChild, audio: Audio) -> None:
    """Loop audio from the first line on."""
    deck = child.mixer.decks[1]
    deck.hold(held(audio, 120.0, 4.0 * len(audio) / BAR))
    child.mixer.do(lambda: child.mixer.launch(deck))


def audio_of(report: Caught | CatchFailed) -> Audio:
    assert isinstance(report, Caught), report
    audio: Audio = np.load(report.path)
    assert len(audio) == report.before + report.frames
    return audio[report.before :]


def test_what_a_deck_plays_is_caught_in_place_to_the_sample(child: SimulatedChild, room: Room) -> None:
    bars = noise(2 * BAR)
    launch(child, bars)
    room.play(9.3)
    report = room.catch(2)
    assert np.array_equal(audio_of(report), bars)
    assert isinstance(report, Caught)
    assert (report.bpm, report.bar_beats, report.rate, report.is_whole) == (120.0, 4.0, RATE, True)
    assert (report.clipped, report.damaged) == (0, 0)
    before: Audio = np.load(report.path)[: report.before]
    assert np.array_equal(before, bars[-report.before :])  # what leads to the first bar


def test_an_output_that_starved_before_the_bars_moves_nothing(child: SimulatedChild, room: Room) -> None:
    bars = noise(BAR)
    launch(child, bars)
    room.play(1.0)
    out = np.zeros((1_000, 2), np.float32)
    child.ring.pull(out, 1_000)  # more than was mixed: some of it is silence
    room.send(out)
    room._come_in(1_000)
    child.orders._renderer.fill()
    room.play(8.0)
    assert np.array_equal(audio_of(room.catch(1)), bars)


def test_no_numbers_are_silence_and_full_scale_is_told(child: SimulatedChild, room: Room) -> None:
    launch(child, noise(BAR))
    at = 3 * BAR + BAR // 2 + DELAY
    room.damage = {at: float("nan"), at + 1: float("inf"), at + 2: 1.0, at + 3: -1.2}
    room.play(8.3)
    report = room.catch(2)
    audio = audio_of(report)
    assert isinstance(report, Caught)
    assert (report.damaged, report.clipped) == (4, 4)  # in each of two channels
    assert report.peak == pytest.approx(1.2)
    assert np.isfinite(audio).all()


def test_bars_from_before_the_input_was_opened_are_told(child: SimulatedChild, room: Room) -> None:
    launch(child, noise(BAR))
    room.play(6.2)
    room.ring, room.clock = InputRing(RATE, 2), SharedClock()
    room.line_in.ring, room.line_in.clock = room.ring, room.clock
    room.play(4.3)
    report = room.catch(4)
    assert isinstance(report, CatchFailed)
    assert report.code == "missing"
    assert "bars: got 4, and the input has 1 whole bar since it was opened; catch 1" in report.message
    assert isinstance(room.catch(1), Caught)


def test_more_than_a_minute_is_told_with_the_bars_that_there_are(child: SimulatedChild, room: Room) -> None:
    launch(child, noise(BAR))
    child.mixer.do(lambda: child.mixer.set_tempo(120.0))
    room.play(70.3)  # in the half second of a catch, no bar is forgotten
    report = room.catch(31)
    assert isinstance(report, CatchFailed)
    assert "the input has 29 whole bars in the 60 s of it that are kept; catch 29" in report.message
    audio_of(room.catch(29))


def test_an_input_on_its_own_clock_is_made_to_fit(
    child: SimulatedChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(child, tmp_path, input_rate=6_000 * (1 + 200e-6))
    monkeypatch.setattr(clocks, "time", SimpleNamespace(monotonic=lambda: room.played / RATE))
    times = np.arange(BAR) / RATE
    tone = (0.4 * np.sin(2 * np.pi * 200 * times) * np.exp(-times * 3)).astype(np.float32)
    bars = np.stack([tone, tone], axis=1)
    launch(child, bars)
    room.play(9.3)
    audio = audio_of(room.catch(2))
    assert audio.shape == (2 * BAR, 2)
    wanted = np.tile(bars, (2, 1))
    # Linear interpolation, by which this room is made, dulls a little.
    error = audio[200:-200] - wanted[200:-200]
    assert np.abs(error).max() < 0.1
    assert np.sqrt(np.mean(error**2)) < 0.02


def test_an_input_that_is_lost_meanwhile_is_told(child: SimulatedChild, room: Room) -> None:
    launch(child, noise(BAR))
    room.play(4.3)
    room.catcher.catch(Catch(1, 1, room.played / RATE, Path("never.npy")))
    room.line_in.ring = None
    child.play(512)
    report = room.reports.get(timeout=PATIENCE_SECONDS)
    assert isinstance(report, CatchFailed)
    assert report.code == "missing"
    assert "no input is open" in report.message


def test_a_folder_that_cannot_be_written_is_told(child: SimulatedChild, room: Room, tmp_path: Path) -> None:
    launch(child, noise(BAR))
    room.play(4.3)
    report = room.catch(1, tmp_path / "nowhere")
    assert isinstance(report, CatchFailed)
    assert report.code == "folder"


def test_a_full_disk_is_told(child: SimulatedChild, room: Room, tmp_path: Path) -> None:
    launch(child, noise(BAR))
    with mounted_disk(tmp_path / "small", 1) as disk:
        (disk / "ballast").write_bytes(bytes(1_000_000))
        room.play(20.3)
        report = room.catch(8, disk)
        assert isinstance(report, CatchFailed)
        assert report.code == "disk"
        assert "is full" in report.message
