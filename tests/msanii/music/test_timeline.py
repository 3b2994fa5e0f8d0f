"""Quarter notes and seconds: at a steady tempo, on a recording's beats, and in a score that follows them."""

from __future__ import annotations

import math

import pytest

from msanii.errors import ScoreError
from msanii.limits import MOST_BEAT_CHARACTERS
from msanii.music.score import Score, make_score
from msanii.music.timeline import Timeline, beat_seconds_text, check_beat_seconds, read_beat_seconds

# Beats of 0.5 s, then of 0.6 s; the first bar line is at 0.4 s.
DRIFTING = (0.4, 0.9, 1.4, 2.0, 2.6)


def following(**values: object) -> Score:
    return make_score(
        **{"seconds": 4.0, "bpm": 120, "chords": "Am F", "beat_seconds": DRIFTING} | values  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("quarters", "seconds"),
    [(0, 0.4), (1, 0.9), (1.5, 1.15), (2, 1.4), (3.5, 2.3), (4, 2.6), (5, 3.1), (-0.5, 0.15), (-0.8, 0.0)],
)
def test_between_beats_time_runs_evenly_and_beyond_them_at_the_tempo(quarters: float, seconds: float) -> None:
    timeline = Timeline(bpm=120, beat_seconds=DRIFTING)
    assert timeline.seconds_at(quarters) == pytest.approx(seconds)
    assert timeline.quarters_at(seconds) == pytest.approx(quarters)


def test_one_beat_says_where_the_first_bar_begins() -> None:
    timeline = Timeline(bpm=90, beat_seconds=(0.25,))
    assert [timeline.seconds_at(quarter) for quarter in (0, 3)] == pytest.approx([0.25, 2.25])
    assert timeline.quarters_at(0.0) == pytest.approx(-0.375)


def test_without_beats_it_is_the_steady_tempo() -> None:
    timeline = Timeline(bpm=90)
    assert (timeline.seconds_at(3), timeline.quarters_at(2.0)) == (2.0, 3.0)


def test_a_beat_may_be_another_length() -> None:
    timeline = Timeline(bpm=90, beat_quarters=1.5, beat_seconds=(0.0, 1.0, 2.2))
    assert [timeline.seconds_at(quarter) for quarter in (1.5, 2.25, 3.0, 4.5)] == pytest.approx(
        [1.0, 1.6, 2.2, 3.2]
    )


@pytest.mark.parametrize(
    "bad", [(0.0, 0.0), (1.0, 0.5), (math.inf,), (math.nan,), (0.0, math.nan), (5.0, 4_000.0)]
)
def test_times_that_do_not_rise_are_refused(bad: tuple[float, ...]) -> None:
    with pytest.raises(ScoreError, match="beat_seconds"):
        check_beat_seconds(bad)


def test_times_are_read_as_they_are_written() -> None:
    text = beat_seconds_text([-3.8, 0.25, 0.7604, 12.0])
    assert text == "-3.8 0.25 0.76 12"
    assert read_beat_seconds(text) == (-3.8, 0.25, 0.76, 12.0)
    assert read_beat_seconds("0.5, 1") == (0.5, 1.0)
    assert read_beat_seconds("") == ()


def test_of_too_many_the_last_are_left_out() -> None:
    text = beat_seconds_text([number * 0.4567 for number in range(4_000)])
    assert len(text) <= MOST_BEAT_CHARACTERS
    times = read_beat_seconds(text)
    assert times[-1] == pytest.approx((len(times) - 1) * 0.4567, abs=1e-3)


@pytest.mark.parametrize("text", ["x", "0.1 0.1", "1 0", "nan", "inf 3", "1e9", "0.5;1"])
def test_text_that_is_no_times_is_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="beat_seconds: got"):
        read_beat_seconds(text)


def test_a_score_puts_chords_beats_and_notes_on_the_recordings_beats() -> None:
    score = following()
    chords = [(event.start_seconds, event.chord.text) for event in score.chord_events(0.0, score.seconds)]
    # The progression repeats before its start too.
    assert chords == [(0.0, "F"), (pytest.approx(0.4), "Am"), (pytest.approx(2.6), "F")]
    beats = [(beat.seconds, beat.starts_bar) for beat in score.beat_events(0.0, 3.0)]
    assert [at for at, starts in beats if starts and 0 <= at <= 3] == pytest.approx([0.4, 2.6])
    assert [at for at, _ in beats if 0 <= at <= 3] == pytest.approx([*DRIFTING])
    (note,) = score.timed([(3.0, 4.0, 60, 80)])
    assert (note.onset_seconds, note.end_seconds) == pytest.approx((2.0, 2.6))
    assert score.with_notes([(3.0, 4.0, 60, 80)]).notes == (note,)
    assert score.in_quarters([note]) == ((3.0, 4.0, 60, 80),)


def test_its_bars_are_counted_from_the_first_bar_line() -> None:
    score = following()
    assert score.length_bars == pytest.approx((4 + (4.0 - 2.6) * 2) / 4)
    assert score.whole_bars == 2
    chords = [score.chord_at(at) for at in (0.1, 0.5, 3.0)]
    assert [chord.text for chord in chords if chord] == ["F", "Am", "F"]


def test_a_steady_score_is_what_it_was() -> None:
    """To the last bit: a recipe of before gives its take back."""
    score = make_score(bars=3, bpm=97.3, numerator=7, denominator=8, chords="Am:2 F:1.5")
    events = score.chord_events(0.0, score.seconds)
    assert [event.start_seconds for event in events[:3]] == [0.0, 2.0 * (60 / 97.3), 3.5 * (60 / 97.3)]
    beats = score.beat_events(0.0, score.seconds)
    assert [beat.seconds for beat in beats[:15]] == [number * (240 / 8 / 97.3) for number in range(15)]
