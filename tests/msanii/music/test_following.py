"""What plays along follows: a steady tempo from the first bar line on, a loop's own, or every beat."""

from __future__ import annotations

import pytest

from msanii.music.following import followed
from msanii.music.lead_sheet import Meter

FOUR, SIX = Meter(), Meter(numerator=6, denominator=8)


def beats(bpm: float, count: int, first: float = 0.0, jitter: float = 0.0) -> list[float]:
    return [first + number * 60 / bpm + jitter * (-1) ** number for number in range(count)]


def test_a_loop_has_just_the_tempo_of_its_length() -> None:
    heard = [at + 0.007 for at in beats(123.2, 16)]
    grid = followed(heard, FOUR, steadiness=1.0, seconds=16 * 60 / 123)
    assert grid is not None
    assert (grid.bpm, grid.beat_seconds, grid.loop_beats) == (123.0, (), 16)
    uneven = followed(beats(97.35, 16), FOUR, steadiness=1.0, seconds=round(16 * 60 / 97.3 * 44_100) / 44_100)
    assert uneven is not None
    assert (uneven.bpm, uneven.loop_beats) == (97.3, 16)


def test_a_loop_may_begin_with_a_pickup() -> None:
    grid = followed(beats(120.1, 15, first=0.35), FOUR, steadiness=1.0, seconds=8.0)
    assert grid is not None
    assert (grid.bpm, grid.loop_beats) == (120.0, 16)
    assert list(grid.beat_seconds) == pytest.approx([0.35], abs=0.01)


def test_a_bounce_with_a_bit_of_air_is_no_loop() -> None:
    grid = followed(beats(120.0, 360), FOUR, steadiness=1.0, seconds=180.04)
    assert grid is not None
    assert (grid.bpm, grid.loop_beats) == (120.0, None)


def test_what_is_said_to_be_another_tempo_or_meter_follows_nothing() -> None:
    heard = beats(120.0, 16)
    assert followed(heard, FOUR, steadiness=1.0, seconds=8.0, bpm=123.0) is None
    assert followed(heard, FOUR, steadiness=1.0, seconds=8.0, said_meter=SIX) is None
    assert followed(heard, FOUR, steadiness=1.0, seconds=8.0, said_meter=Meter()) is not None


def test_beats_that_a_said_tempo_would_leave_behind_are_followed_one_by_one() -> None:
    heard = beats(119.2, 358)
    grid = followed(heard, FOUR, steadiness=1.0, seconds=181.0, bpm=120.0)
    assert grid is not None
    assert (grid.bpm, grid.beat_seconds) == (120.0, tuple(heard))


def test_the_first_bar_line_is_where_a_line_through_the_beats_has_it() -> None:
    heard = beats(110, 32, first=0.5, jitter=0.008)
    grid = followed(heard, FOUR, steadiness=1.0, seconds=25.0)
    assert grid is not None
    assert grid.bpm == 110.0
    assert list(grid.beat_seconds) == pytest.approx([0.5], abs=1e-3)


def test_a_long_recordings_tempo_is_not_rounded() -> None:
    grid = followed(beats(120.3, 400, first=1.0), FOUR, steadiness=0.95, seconds=201.0)
    assert grid is not None
    assert grid.bpm == pytest.approx(120.3)


def test_a_tempo_that_is_known_is_kept() -> None:
    heard = beats(119.8, 32, first=0.5)
    grid = followed(heard, FOUR, steadiness=1.0, seconds=20.0, bpm=120.0)
    assert grid is not None
    assert grid.bpm == 120.0
    # The first bar line is placed so that the middle of the beats fits.
    assert grid.beat_seconds[0] + 15.5 * 0.5 == pytest.approx(sum(heard) / 32, abs=1e-4)


def test_what_drifts_is_followed_beat_by_beat() -> None:
    slowing = [number * 0.5 + number**2 * 0.005 for number in range(16)]
    grid = followed(slowing, FOUR, steadiness=0.3, seconds=9.0)
    assert grid is not None
    assert grid.beat_seconds == tuple(slowing)
    assert grid.bpm == pytest.approx(60 / 0.575, abs=1)


def test_beats_of_another_length_count_quarter_notes() -> None:
    grid = followed([0.3, 1.3, 2.3, 3.3], SIX, steadiness=1.0, seconds=4.4)
    assert grid is not None
    assert grid.bpm == 90.0


@pytest.mark.parametrize("heard", [[], [1.0]])
def test_fewer_than_two_beats_are_no_tempo(heard: list[float]) -> None:
    assert followed(heard, FOUR, steadiness=0.0, seconds=4.0) is None
