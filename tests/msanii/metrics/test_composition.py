"""Metrics of written music on notes whose figures are known by counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from msanii.metrics.composition import (
    duration_histogram,
    interval_histogram,
    intervals,
    likeness,
    line,
    overlap,
    pitch_range,
    share_in_scale,
    share_of_chord_tones,
    share_together,
    steps_and_leaps,
    voices,
)

SCALE = np.array([(float(beat), beat + 1.0, pitch, 80) for beat, pitch in enumerate((60, 62, 64, 65))])
NONE = np.zeros((0, 4))


def test_chord_tones_count_on_beats_only() -> None:
    notes = np.array([(0.0, 1.0, 60, 80), (0.5, 1.0, 61, 80), (1.0, 2.0, 62, 80), (2.0, 3.0, 64, 80)])
    c_major = frozenset({0, 4, 7})
    assert share_of_chord_tones(notes, lambda _: c_major) == pytest.approx(2 / 3)
    assert share_of_chord_tones(notes, lambda beats: c_major if beats < 1 else frozenset()) == 1.0
    assert math.isnan(share_of_chord_tones(notes, lambda _: frozenset()))


def test_the_share_in_a_scale_goes_by_pitch_class() -> None:
    assert share_in_scale(SCALE, (0, 2, 4)) == 0.75
    assert math.isnan(share_in_scale(NONE, (0,)))


def test_bars_that_come_again_are_alike() -> None:
    again = np.concatenate([SCALE, SCALE + np.array([8, 8, 0, 0])])
    found = likeness(again, 4, 4.0)
    assert found[1] == 0.0
    # Bars 1 and 3 are alike; 2 and 4 are empty and do not count.
    assert found[2] == 1.0
    assert math.isnan(found[4])
    varied = again.copy()
    varied[-1, 2] += 1
    assert likeness(varied, 4, 4.0)[2] == 0.75


def test_the_line_is_the_highest_of_what_begins_together() -> None:
    chords = np.array([(0.0, 1.0, 60, 80), (0.0, 1.0, 67, 80), (1.0, 2.0, 65, 80), (1.0, 2.0, 53, 80)])
    assert line(chords)[:, 2].tolist() == [67, 65]
    assert intervals(chords).tolist() == [-2]
    assert intervals(np.array([(0.0, 1.0, 40, 80), (1.0, 2.0, 90, 80)])).tolist() == [12]


def test_steps_leaps_and_range() -> None:
    notes = np.array([(float(i), i + 1.0, pitch, 80) for i, pitch in enumerate((60, 62, 62, 67, 71))])
    assert steps_and_leaps(notes) == (0.25, 0.25)
    assert pitch_range(notes) == 11
    assert all(math.isnan(value) for value in steps_and_leaps(NONE))


def test_voices_are_counted_while_something_sounds() -> None:
    assert voices(SCALE) == 1.0
    held = np.array([(0.0, 2.0, 60, 80), (1.0, 2.0, 64, 80), (9.0, 10.0, 60, 80)])
    assert voices(held) == pytest.approx(4 / 3)
    assert math.isnan(voices(NONE))


def test_histograms_of_the_same_music_overlap_and_of_other_music_do_not() -> None:
    faster = SCALE * [0.25, 0.25, 1, 1]
    assert overlap(interval_histogram([SCALE]), interval_histogram([faster])) == pytest.approx(1.0)
    assert overlap(duration_histogram([SCALE]), duration_histogram([faster])) == 0.0
    assert overlap(duration_histogram([SCALE]), duration_histogram([SCALE, faster])) == pytest.approx(0.5)


def test_onsets_together_with_others() -> None:
    drums = np.array([(0.0, 0.2, 36, 100), (2.01, 2.2, 36, 100)])
    assert share_together(SCALE, drums) == 0.5
    assert math.isnan(share_together(SCALE, NONE))
