"""Missing and spurious notes, and levels of strokes."""

from __future__ import annotations

import mir_eval.transcription
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msanii.metrics.transcription import (
    missing_and_spurious,
    missing_and_spurious_strokes,
    stroke_levels_db,
)

RATE = 44_100


def notes(*rows: tuple[float, int]) -> np.ndarray:
    return np.array([(onset, onset + 0.2, pitch, 80) for onset, pitch in rows], np.float64).reshape(-1, 4)


def test_a_note_is_heard_at_its_pitch_and_time_alone() -> None:
    asked = notes((0.0, 60), (0.5, 64), (1.0, 67), (1.5, 72))
    assert missing_and_spurious(asked, asked) == (0.0, 0.0)
    octave_off = notes((0.01, 60), (0.53, 64), (1.0, 55), (1.8, 72), (2.0, 40))
    assert missing_and_spurious(octave_off, asked) == pytest.approx((0.5, 0.6))
    missing, spurious = missing_and_spurious(notes(), asked)
    assert missing == 1
    assert np.isnan(spurious)
    assert np.isnan(missing_and_spurious(asked, notes())[0])


NOTES = st.lists(st.tuples(st.integers(0, 300), st.integers(60, 64)), min_size=1, max_size=25, unique=True)


@given(NOTES, NOTES)
def test_shares_are_one_less_mir_evals(heard: list[tuple[int, int]], asked: list[tuple[int, int]]) -> None:
    # Hundredths of a second, so that no pair lies on the edge of the window.
    ours, theirs = (notes(*((at / 100, pitch) for at, pitch in some)) for some in (heard, asked))
    missing, spurious = missing_and_spurious(ours, theirs, 0.055)
    hertz = [440 * 2 ** ((rows[:, 2] - 69) / 12) for rows in (ours, theirs)]
    precision, recall, _, _ = mir_eval.transcription.precision_recall_f1_overlap(
        theirs[:, :2], hertz[1], ours[:, :2], hertz[0], onset_tolerance=0.055, offset_ratio=None
    )
    assert (1 - missing, 1 - spurious) == pytest.approx((recall, precision))


def test_drums_struck_together_are_one_stroke() -> None:
    asked = np.array([0.0, 0.005, 0.5, 1.0])
    assert missing_and_spurious_strokes(np.array([0.01, 0.48, 0.7, 1.04]), asked) == pytest.approx((0, 0.25))


def test_a_strokes_level_is_what_it_adds() -> None:
    time = np.arange(2 * RATE) / RATE
    drone = 0.3 * np.sin(2 * np.pi * 220 * time)
    amplitudes, onsets = (0.1, 0.05, 0.2), np.array([0.3, 0.8, 1.3])
    strokes = sum(
        amplitude * (time >= onset) * (time < onset + 0.3) * np.sin(2 * np.pi * 990 * time)
        for amplitude, onset in zip(amplitudes, onsets, strict=True)
    )
    found = stroke_levels_db(np.stack([drone + strokes] * 2).astype(np.float32), RATE, onsets)
    assert np.diff(found) == pytest.approx([-6.02, 12.04], abs=0.3)
    # A stroke at the very start has silence before it, and one after the end is silent.
    edges = stroke_levels_db(np.stack([drone] * 2).astype(np.float32), RATE, np.array([0.0, 2.0]))
    assert edges[0] > -40
    assert edges[1] == pytest.approx(-120)
