"""Lengths exact to the sample, harmony and beats in musical time."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msanii.errors import ScoreError
from msanii.music.score import Note, Score, make_score, samples_for


def roots(score: Score, seconds: list[float], ring_from_seconds: float | None = None) -> list[int | None]:
    chords = [score.chord_at(time, ring_from_seconds=ring_from_seconds) for time in seconds]
    return [None if chord is None else chord.root for chord in chords]


def test_four_bars_have_the_exact_number_of_samples() -> None:
    assert samples_for(4, 4, 4, 97.3, 44_100) == round(16 * 60 / 97.3 * 44_100)


@settings(max_examples=200)
@given(
    st.integers(1, 64),
    st.integers(1, 15),
    st.sampled_from([1, 2, 4, 8, 16, 32]),
    st.floats(10, 999),
    st.sampled_from([44_100, 48_000, 88_200, 96_000]),
)
def test_samples_are_within_half_a_sample_of_the_true_length(
    bars: int, numerator: int, denominator: int, bpm: float, rate: int
) -> None:
    exact = Fraction(bars) * 4 * numerator / denominator * 60 / Fraction(bpm) * rate
    if exact >= 1:
        assert abs(samples_for(bars, numerator, denominator, bpm, rate) - exact) <= Fraction(1, 2)


def test_a_length_in_bars_is_exact_at_every_rate() -> None:
    score = make_score(bars=3, bpm=174.01, numerator=7, denominator=8)
    for rate in (44_100, 48_000, 96_000):
        assert score.samples(rate) == samples_for(3, 7, 8, 174.01, rate)
    assert score.seconds == pytest.approx(3 * 3.5 * 60 / 174.01)


def test_whole_floats_are_accepted_as_a_meter() -> None:
    score = make_score(bars=4, bpm=97.3, numerator=4.0, denominator=4.0)  # type: ignore[arg-type]
    assert score == make_score(bars=4, bpm=97.3)
    assert len(score.beat_events(0, 1)) == 8


def test_a_length_in_seconds_ignores_the_tempo() -> None:
    score = make_score(seconds=1.25, bpm=97.3)
    assert (score.samples(44_100), score.bars) == (55_125, None)


def test_the_progression_repeats_beyond_its_end_and_before_its_start() -> None:
    score = make_score(bars=8, bpm=120, chords="Am F C G")
    assert roots(score, [0, 1.99, 2, 4, 6, 8, 15.9, 16, -0.1]) == [9, 9, 5, 0, 7, 9, 7, 9, 7]


def test_no_chord_sounds_once_the_score_rings() -> None:
    score = make_score(bars=1, bpm=120, chords="Am")
    assert roots(score, [1.99, 2.0, 5.0], ring_from_seconds=2.0) == [9, None, None]
    after = score.chord_at(2.0, ring_from_seconds=2.0)
    assert after is not None
    assert after.text == "N.C."


def test_a_score_without_chords_has_no_harmony() -> None:
    score = make_score(bars=1, bpm=120)
    assert score.chord_at(0.5) is None
    assert score.chord_events(0, 2) == ()


def test_chord_events_cover_the_stretch_without_gaps() -> None:
    score = make_score(bars=4, bpm=97.3, chords="Dm7:2 G7:1 C:3")
    events = score.chord_events(1.0, 9.0)
    assert (events[0].start_seconds, events[-1].end_seconds) == (1.0, 9.0)
    for before, after in pairwise(events):
        assert before.end_seconds == pytest.approx(after.start_seconds)
    for event in events:
        middle = (event.start_seconds + event.end_seconds) / 2
        assert score.chord_at(middle) == event.chord


@pytest.mark.parametrize(
    ("numerator", "denominator", "beats_per_bar", "beat_quarters"),
    [
        (4, 4, 4, 1.0),
        (3, 4, 3, 1.0),
        (6, 8, 2, 1.5),
        (12, 8, 4, 1.5),
        (7, 8, 7, 0.5),
        (2, 2, 2, 2.0),
        (6, 4, 6, 1.0),
    ],
)
def test_beats_follow_the_meter(
    numerator: int, denominator: int, beats_per_bar: int, beat_quarters: float
) -> None:
    score = make_score(bars=2, bpm=120, numerator=numerator, denominator=denominator)
    beats = score.beat_events(0, score.seconds)
    starts = [index for index, beat in enumerate(beats) if beat.starts_bar]
    assert starts[0] == 0
    assert {after - before for before, after in pairwise(starts)} == {beats_per_bar}
    assert beats[1].seconds - beats[0].seconds == pytest.approx(beat_quarters / 2)


def test_beats_reach_a_bar_line_on_either_side_of_a_short_stretch() -> None:
    beats = make_score(bars=4, bpm=120).beat_events(2.6, 2.7)
    bars = [beat.seconds for beat in beats if beat.starts_bar]
    assert bars[0] <= 2.6
    assert bars[-1] >= 2.7
    assert all(seconds % 2 == 0 for seconds in bars)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("bpm", math.nan, "bpm: got nan, expected 10 to 999"),
        ("bpm", 0, "bpm: got 0, expected 10 to 999"),
        ("bpm", math.inf, "bpm: got inf"),
        ("bars", 0, "bars: got 0"),
        ("bars", -1, "bars: got -1"),
        ("bars", math.nan, "bars: got nan"),
        ("bars", 9_999, "expected at most 3600; ask for fewer bars"),
        ("numerator", 0, "numerator: got 0"),
        ("denominator", 3, "meter: got 4/3, expected a whole number over one of 1, 2, 4, 8, 16, 32"),
        ("denominator", 0, "meter: got 4/0"),
        ("seconds", 2.0, "length: got bars 4 and seconds 2.0, expected one of the two"),
    ],
)
def test_values_out_of_range_are_named(field: str, value: float, message: str) -> None:
    values: dict[str, float] = {"bars": 4, "bpm": 120, field: value}
    with pytest.raises(ScoreError, match=message):
        make_score(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [None, 0.0, -1.0, math.nan, math.inf, 4_000.0])
def test_a_length_in_seconds_is_checked(seconds: float | None) -> None:
    with pytest.raises(ScoreError, match=r"length|seconds"):
        make_score(seconds=seconds, bpm=120)


def test_the_shortest_length_is_a_sample_and_a_rate_is_needed() -> None:
    assert samples_for(1 / 64, 1, 32, 999, 8_000) == 1
    with pytest.raises(ScoreError, match="rate: got 0"):
        samples_for(1, 4, 4, 120, 0)


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (Note(onset_seconds=1, end_seconds=0.5, pitch=60), "note 2: from 1 to 0.5 seconds"),
        (Note(onset_seconds=-1, end_seconds=0.5, pitch=60), "note 2: from -1"),
        (Note(onset_seconds=math.nan, end_seconds=1, pitch=60), "note 2: from nan"),
        (Note(onset_seconds=0, end_seconds=1, pitch=128), "note 2: pitch: got 128, expected 0 to 127"),
        (Note(onset_seconds=0, end_seconds=1, pitch=60, velocity=-1), "note 2: velocity: got -1"),
    ],
)
def test_an_impossible_note_is_named(note: Note, message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        make_score(bars=1, bpm=120, notes=[Note(onset_seconds=0, end_seconds=1, pitch=60), note])


def test_whole_floats_from_osc_are_accepted_as_a_meter() -> None:
    floats: dict[str, Any] = {"numerator": 3.0, "denominator": 4.0}
    assert make_score(bars=4, bpm=120, chords="Am F", **floats) == make_score(
        bars=4, bpm=120, chords="Am F", numerator=3, denominator=4
    )
