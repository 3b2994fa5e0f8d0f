"""What plays along follows: a steady tempo from the first bar line on, a loop's own, or every beat."""

from __future__ import annotations

import pytest

from msanii.music.following import Followed, followed


def beats(bpm: float, count: int, first: float = 0.0, jitter: float = 0.0) -> list[float]:
    return [first + number * 60 / bpm + jitter * (-1) ** number for number in range(count)]


def test_a_loop_has_just_the_tempo_of_its_length() -> None:
    heard = [at + 0.007 for at in beats(123.2, 16)]
    assert followed(heard, quarters=1, steadiness=1.0, seconds=16 * 60 / 123) == Followed(
        bpm=123.0, beat_seconds=()
    )
    uneven = followed(beats(97.35, 16), quarters=1, steadiness=1.0, seconds=16 * 60 / 97.3)
    assert uneven is not None
    assert uneven.bpm == pytest.approx(97.3, abs=1e-5)


def test_the_first_bar_line_is_where_a_line_through_the_beats_has_it() -> None:
    heard = beats(110, 32, first=0.5, jitter=0.008)
    grid = followed(heard, quarters=1, steadiness=1.0, seconds=25.0)
    assert grid is not None
    assert grid.bpm == 110.0
    assert grid.beat_seconds == (pytest.approx(0.5, abs=1e-3),)


def test_a_long_recordings_tempo_is_not_rounded() -> None:
    grid = followed(beats(120.3, 400, first=1.0), quarters=1, steadiness=0.95, seconds=201.0)
    assert grid is not None
    assert grid.bpm == pytest.approx(120.3)


def test_a_tempo_that_is_known_is_kept() -> None:
    heard = beats(119.6, 32, first=0.5)
    grid = followed(heard, quarters=1, steadiness=1.0, seconds=20.0, bpm=120.0)
    assert grid is not None
    assert grid.bpm == 120.0
    # The first bar line is placed so that the middle of the beats fits.
    assert grid.beat_seconds[0] + 15.5 * 0.5 == pytest.approx(sum(heard) / 32, abs=1e-4)


def test_what_drifts_is_followed_beat_by_beat() -> None:
    slowing = [number * 0.5 + number**2 * 0.005 for number in range(16)]
    grid = followed(slowing, quarters=1, steadiness=0.3, seconds=9.0)
    assert grid is not None
    assert grid.beat_seconds == tuple(slowing)
    assert grid.bpm == pytest.approx(60 / 0.575, abs=1)


def test_beats_of_another_length_count_quarter_notes() -> None:
    grid = followed([0.3, 1.3, 2.3, 3.3], quarters=1.5, steadiness=1.0, seconds=4.4)
    assert grid is not None
    assert grid.bpm == 90.0


@pytest.mark.parametrize("heard", [[], [1.0]])
def test_fewer_than_two_beats_are_no_tempo(heard: list[float]) -> None:
    assert followed(heard, quarters=1, steadiness=0.0, seconds=4.0) is None
