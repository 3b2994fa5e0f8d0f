"""The last whole bars of a transport that is stopped, moved and changed, by its own lines."""

from __future__ import annotations

import pytest

from bridge.audio_child.input.bar_history import EARLY_SECONDS, BarHistory, LastBars
from bridge.audio_child.mixer import Mixer
from bridge.messages import BridgeError

RATE = 8_000
BLOCK = 100
BAR = 2 * RATE  # at 120 bpm


class Stage:
    """A mixer without decks, and its history."""

    def __init__(self) -> None:
        self.mixer = Mixer(RATE, 1)
        self.history = self.mixer.history = BarHistory(RATE)

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / BLOCK)):
            self.mixer.render(BLOCK)

    def last(self, bars: int, ago_seconds: float = 0.0) -> LastBars:
        return self.history.last_bars(bars, self.mixer.frame - ago_seconds * RATE)

    def why(self, bars: int) -> str:
        with pytest.raises(BridgeError) as caught:
            self.last(bars)
        assert caught.value.code == "missing"
        return caught.value.message


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_bars_end_at_the_last_line_and_last_exactly_as_long_as_their_tempo_says(stage: Stage) -> None:
    stage.play(1.0)
    stage.mixer.set_tempo(97.3)
    stage.mixer.play()
    stage.play(12.0)
    found = stage.last(2)
    bar = 4 * 60 / 97.3 * RATE
    assert found == LastBars(RATE + round(2 * bar), round(2 * bar), 2, 97.3, 4.0)


def test_a_press_a_little_before_a_line_means_that_line(stage: Stage) -> None:
    stage.mixer.play()
    stage.play(4.0 - EARLY_SECONDS / 2)
    assert stage.last(1).frame == BAR
    assert stage.last(1, ago_seconds=EARLY_SECONDS).frame == 0


@pytest.mark.parametrize(("beats", "bars"), [(3.5, 3), (3.0, 4), (6.0, 2)])
def test_bars_of_any_meter_count_from_where_it_began(stage: Stage, beats: float, bars: int) -> None:
    stage.mixer.play()
    stage.play(5.0)
    stage.mixer.transport.set_bar(beats, stage.mixer.frame)  # the bar that began at 4 s keeps its beginning
    stage.play(beats / 2 * bars)
    found = stage.last(bars)
    assert (found.frame, found.frames) == (2 * BAR, round(bars * beats / 2 * RATE))
    assert "meter changed" in stage.why(bars + 1)


def test_fewer_bars_are_told_with_their_number(stage: Stage) -> None:
    assert "the transport stands" in stage.why(1)
    stage.mixer.play()
    stage.play(6.5)
    assert "there are 3 whole bars since the transport started; catch 3" in stage.why(4)
    assert stage.last(3).frame == 0


def test_bars_are_at_one_tempo_and_those_before_a_change_are_not_mixed_with_it(stage: Stage) -> None:
    stage.mixer.play()
    stage.play(9.0)
    stage.mixer.set_tempo(140.0)
    assert stage.last(4).bpm == 120.0  # nothing was heard at the new tempo yet
    stage.play(1.5)
    why = stage.why(2)
    assert "from 120 to 140 bpm" in why
    assert "there are 0 whole bars since" in why
    stage.play(2.0)
    assert stage.last(1).bpm == 140.0


def test_a_jump_breaks_the_bars(stage: Stage) -> None:
    stage.mixer.play()
    stage.play(4.5)
    stage.mixer.locate(33.0)
    stage.play(3.6)
    assert "jumped" in stage.why(2)
    assert stage.last(1).frame == round(4.5 * RATE) + round(1.5 * RATE)


def test_a_stopped_transport_still_has_the_bars_before_it(stage: Stage) -> None:
    stage.mixer.play()
    stage.play(4.7)
    stage.mixer.stop()
    stage.play(3.0)
    assert stage.last(2).frame == 0
    stage.mixer.locate(0.0)
    stage.mixer.play()
    stage.play(0.5)  # no bar has ended since
    assert stage.last(2).frame == 0
    stage.play(2.0)
    assert stage.last(1).frame == round(7.7 * RATE)
    assert "1 whole bar since the transport started" in stage.why(2)


def test_a_clock_that_leads_bends_the_tempo_and_the_bars_have_the_one_that_was_heard(stage: Stage) -> None:
    stage.mixer.play()
    for number in range(80):
        stage.mixer.set_tempo(120.0 * (1 + 0.002 * (number % 3 - 1)), 120.0)
        stage.play(0.1)
    found = stage.last(3)
    assert found.bpm == pytest.approx(120.0, rel=0.002)
    assert found.frames == round(3 * 4 * 60 / found.bpm * RATE)


def test_what_is_older_than_a_minute_is_forgotten(stage: Stage) -> None:
    for number in range(400):
        stage.mixer.set_tempo(100.0 + number % 2)
        stage.play(0.5)
    assert len(stage.history._spans) < 160
