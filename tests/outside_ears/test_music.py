"""Figures of beats, chords and notes, on music whose figures can be counted by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.outside_ears import music
from tests.outside_ears.clips import Clip, HeardNote, Span

C_MAJOR = Span(0.0, 2.0, 0, frozenset({0, 4, 7}))
A_MINOR = Span(2.0, 4.0, 9, frozenset({9, 0, 4}))


def note(start: float, end: float, pitch: int, strength: float = 1.0) -> HeardNote:
    return HeardNote(start, end, pitch, strength)


def clip(numerator: int, denominator: int, bpm: float = 120.0) -> Clip:
    return Clip(Path("a.wav"), "drums", "880", bpm, numerator, denominator, (), ())


def test_onsets_on_every_eighth_have_an_f_of_1() -> None:
    assert music.grid_f(music.grid(0.25, 8.0), 120.0, 8.0) == 1.0


def test_quarters_hit_half_of_the_eighths() -> None:
    assert music.grid_f(music.grid(0.5, 8.0), 120.0, 8.0) == pytest.approx(2 / 3)


def test_within_30_ms_is_on_the_grid_and_beyond_is_not() -> None:
    eighths = music.grid(0.25, 8.0)
    assert music.grid_f(eighths + 0.029, 120.0, 8.0) == 1.0
    assert music.grid_f(eighths + 0.031, 120.0, 8.0) == 0.0


def test_two_onsets_share_no_eighth() -> None:
    assert music.grid_f(np.array([0.0, 0.01]), 120.0, 0.25) == pytest.approx(2 / 3)


def test_no_onset_has_no_figure() -> None:
    assert math.isnan(music.grid_f(np.array([]), 120.0, 8.0))
    assert math.isnan(music.sixteenth_deviation_ms(np.array([]), 120.0))


def test_being_late_throughout_is_no_deviation_and_being_uneven_is() -> None:
    sixteenths = music.grid(0.125, 4.0)
    uneven = np.where(np.arange(len(sixteenths)) % 2, 0.02, -0.02)
    assert music.sixteenth_deviation_ms(sixteenths + 0.01, 120.0) == pytest.approx(0, abs=1e-6)
    assert music.sixteenth_deviation_ms(sixteenths + uneven, 120.0) == pytest.approx(20, abs=1e-6)


@pytest.mark.parametrize(
    ("numerator", "denominator", "step"), [(4, 4, 0.5), (3, 4, 0.5), (5, 4, 0.5), (6, 8, 0.75), (7, 8, 0.25)]
)
def test_a_beat_is_what_the_meter_counts(numerator: int, denominator: int, step: float) -> None:
    beats, twice, first, second, *_ = music.asked_beats(clip(numerator, denominator), 6.0)
    assert np.diff(beats) == pytest.approx(step)
    assert np.diff(twice) == pytest.approx(step / 2)
    assert (first[0], second[0]) == (0.0, step)
    assert np.diff(second) == pytest.approx(2 * step)


@pytest.mark.parametrize(
    ("root", "tones", "label"),
    [
        (0, {0, 4, 7}, "C:maj"),
        (10, {10, 1, 5, 8}, "A#:min"),
        (7, {7, 11, 2, 5}, "G:maj"),
        (11, {11, 2, 5}, "B:dim"),
        (0, {0, 4, 8}, "C:aug"),
        (2, {2, 7, 9}, "D:sus4"),
        (2, {2, 4, 9}, "D:sus2"),
        (4, {4, 11}, "E:5"),
        (-1, set(), "N"),
    ],
)
def test_chords_are_named_as_mir_eval_writes_them(root: int, tones: set[int], label: str) -> None:
    assert music.chord_label(Span(0.0, 1.0, root, frozenset(tones))) == label


def test_a_key_that_the_chords_leave_open_is_left_open() -> None:
    assert music.likely_scale([C_MAJOR, A_MINOR]) >= {0, 2, 4, 5, 7, 9, 11}
    both = Span(0.0, 1.0, 7, frozenset({7, 11, 2, 5}))
    assert music.likely_scale([C_MAJOR, both]) == {0, 2, 4, 5, 7, 9, 11}


def test_notes_count_by_length_and_strength_on_the_chord_that_sounds() -> None:
    # G is of C major, not of A minor; C sharp is of neither, and of no scale that holds both.
    heard = [note(1.0, 3.0, 67), note(0.0, 1.0, 61, strength=0.5)]
    on_chord, outside = music.tone_shares(heard, [C_MAJOR, A_MINOR])
    assert on_chord == pytest.approx(1.0 / 2.5)
    assert outside == pytest.approx(0.5 / 2.5)


def test_where_no_chord_is_asked_no_note_is_wrong() -> None:
    silent = Span(0.0, 4.0, -1, frozenset())
    assert all(math.isnan(share) for share in music.tone_shares([note(0, 1, 61)], [silent]))


def test_voices_are_counted_while_any_sounds() -> None:
    chord = [note(0.0, 1.0, 60), note(0.0, 1.0, 64), note(0.0, 1.0, 67)]
    assert music.voices([*chord, note(5.0, 6.0, 60)]) == pytest.approx(2.0)
    assert music.voices([note(0.0, 2.0, 60), note(1.0, 3.0, 64)]) == pytest.approx(4 / 3)
    assert math.isnan(music.voices([]))


def test_notes_under_90_ms_are_short() -> None:
    assert music.short_share([note(0.0, 0.08, 60), note(1.0, 1.1, 60)]) == 0.5


def test_the_melody_is_on_top() -> None:
    chord = [note(0.0, 1.0, 60), note(0.02, 1.0, 72), note(0.03, 1.0, 64)]
    under = note(0.5, 0.8, 65)
    after = note(1.0, 1.5, 71)
    assert [item.pitch for item in music.top_line([*chord, under, after])] == [72, 71]


def test_intervals_are_sorted_by_size() -> None:
    pitches = [60, 60, 62, 61, 65, 62, 67, 55]
    line = [note(place, place + 1, pitch) for place, pitch in enumerate(pitches)]
    assert music.interval_shares(line) == pytest.approx(
        {"repeated": 1 / 7, "steps": 2 / 7, "thirds": 2 / 7, "leaps": 2 / 7}
    )


def test_one_note_is_no_melody() -> None:
    assert all(math.isnan(share) for share in music.interval_shares([note(0, 1, 60)]).values())


def test_pitches_are_held_against_the_chord_of_their_time() -> None:
    times = np.array([0.5, 1.5, 2.5, 9.0])
    hertz = 440 * 2 ** ((np.array([36.3, 43.0, 43.0, 36.0]) - 69) / 12)
    on_chord, on_root = music.pitch_shares(times, hertz, [C_MAJOR, A_MINOR])
    assert (on_chord, on_root) == pytest.approx((2 / 3, 1 / 3))


def test_no_pitch_has_no_share() -> None:
    none = np.array([])
    assert all(math.isnan(share) for share in music.pitch_shares(none, none, [C_MAJOR]))
