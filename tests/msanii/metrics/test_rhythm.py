"""Onset agreement, swing and density, on clicks at known times."""

from __future__ import annotations

import math
from typing import Any

import mir_eval.onset
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from msanii.metrics.harmony import onset_seconds
from msanii.metrics.rhythm import (
    WINDOW_SECONDS,
    eighth_grid,
    f_measure,
    grid_agreement,
    measured_density,
    measured_swing,
    share_together,
    strokes,
)

RATE = 44_100


def clicks(times: NDArray[np.floating[Any]], seconds: float) -> NDArray[np.float32]:
    """Short bursts of noise at those times, (1, L)."""
    random = np.random.default_rng(0)
    line = np.zeros(round(seconds * RATE), np.float32)
    for time in times:
        start = round(time * RATE)
        burst = random.standard_normal(3000) * np.exp(-np.arange(3000) / 600) * 0.3
        line[start : start + 3000] += burst[: len(line) - start].astype(np.float32)
    return line[None]


def test_every_pair_counts_once() -> None:
    expected = np.array([1.0, 2.0, 3.0, 4.0])
    assert f_measure(expected + 0.02, expected) == 1.0
    assert f_measure(expected + 0.04, expected) == 0.0
    assert f_measure(np.array([1.0, 1.01, 1.02]), np.array([1.0])) == pytest.approx(0.5)
    assert f_measure(np.array([1.0, 2.0]), expected) == pytest.approx(2 * 2 / 6)
    assert f_measure(np.zeros(0), expected) == 0.0
    assert math.isnan(f_measure(expected, np.zeros(0)))


ONSETS = st.lists(st.integers(0, 2_000), min_size=1, max_size=40, unique=True)


@given(ONSETS, ONSETS)
def test_the_f_measure_is_mir_evals(found_ms: list[int], expected_ms: list[int]) -> None:
    # No pair lies on the edge of the window, where rounding would decide.
    found, expected, window_seconds = np.sort(found_ms) / 1000, np.sort(expected_ms) / 1000, 0.0305
    theirs, _, _ = mir_eval.onset.f_measure(expected, found, window=window_seconds)
    assert f_measure(found, expected, window_seconds) == pytest.approx(theirs)


@pytest.mark.parametrize("bpm", [62.0, 113.0, 178.0])
@pytest.mark.parametrize("jitter_seconds", [0.0, 0.02, 0.05])
def test_the_onsets_of_a_clip_have_mir_evals_f_measure(bpm: float, jitter_seconds: float) -> None:
    expected = eighth_grid(6.0, bpm)[1:]
    played = expected + np.random.default_rng(1).uniform(-jitter_seconds, jitter_seconds, len(expected))
    found = onset_seconds(clicks(played, 6.2), RATE)
    theirs, _, _ = mir_eval.onset.f_measure(expected, found, window=WINDOW_SECONDS)
    assert theirs > 0.3
    assert f_measure(found, expected) == pytest.approx(theirs)


def test_the_grid_ends_before_the_piece() -> None:
    assert eighth_grid(2.0, 120).tolist() == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]


@pytest.mark.parametrize("bpm", [62.0, 113.0, 178.0])
def test_clicks_on_the_eighths_are_on_the_grid_and_between_them_beside_it(bpm: float) -> None:
    grid = eighth_grid(6.0, bpm)[1:]
    on, beside = grid_agreement(onset_seconds(clicks(grid, 6.0), RATE), 6.0, bpm)
    assert on > 0.93
    assert beside < 0.1
    moved = grid_agreement(onset_seconds(clicks(grid[:-1] + 15 / bpm, 6.0), RATE), 6.0, bpm)
    assert moved[0] < 0.1
    assert moved[1] > 0.9


@pytest.mark.parametrize("off_beat", [0.5, 0.58, 0.66, 0.72])
def test_swing_is_the_position_of_the_second_eighth(off_beat: float) -> None:
    quarter = 60 / 100
    beats = np.arange(1, 10, dtype=np.float64) * quarter
    times = np.sort(np.concatenate([beats, beats + off_beat * quarter]))
    assert measured_swing(onset_seconds(clicks(times, 7.0), RATE), 100) == pytest.approx(off_beat, abs=0.02)
    assert math.isnan(measured_swing(np.asarray(beats, np.float64), 100))


def test_density_counts_attacks_in_a_quarter() -> None:
    times = np.arange(24) * 0.25 + 0.1
    found = onset_seconds(clicks(times, 6.2), RATE)
    assert measured_density(found, 6.2, 120) == pytest.approx(24 / 12.4, rel=0.05)


def test_a_chord_is_one_stroke() -> None:
    assert strokes(np.array([1.0, 1.01, 1.03, 2.0])).tolist() == [1.0, 2.0]
    assert len(strokes(np.zeros(0))) == 0


def test_the_share_of_onsets_that_fall_on_others() -> None:
    bass, drums = np.array([0.0, 0.52, 1.0, 1.54]), np.array([0.0, 0.5, 1.5])
    assert share_together(bass, drums) == 0.5
    # Several may fall on the same one.
    assert share_together(np.array([0.49, 0.51]), drums) == 1.0
    assert share_together(bass, drums[:0]) == 0.0
    assert math.isnan(share_together(bass[:0], drums))
