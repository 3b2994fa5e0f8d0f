"""Metrics of rhythm: onsets against a grid or a score, swing, density. Pure numpy.

Shapes: N onsets. Times in seconds from the start of the piece.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import FloatArray

WINDOW_SECONDS = 0.03
# Range of the second eighth in a quarter note; straight sixteenths at 0.25 and 0.75 are outside.
_OFF_BEATS = (0.46, 0.735)


def f_measure(found: FloatArray, expected: FloatArray, window_seconds: float = WINDOW_SECONDS) -> float:
    """F-measure, 0 to 1, of detected against expected onsets, both ascending; matches are within the window.

    Each onset matches at most once (as in MIREX's onset detection task). 0 if nothing was detected, NaN if
    nothing was expected.
    """
    if len(expected) == 0:
        return float("nan")
    return 2 * matches(found, expected, window_seconds) / (len(found) + len(expected))


def matches(found: FloatArray, expected: FloatArray, window_seconds: float = WINDOW_SECONDS) -> int:
    """How many detected and expected onsets, both ascending, meet within the window, each at most once."""
    hits = here = there = 0
    while here < len(found) and there < len(expected):
        late = float(found[here] - expected[there])
        hits += abs(late) <= window_seconds
        here += late <= window_seconds
        there += late >= -window_seconds
    return hits


def share_together(found: FloatArray, others: FloatArray, window_seconds: float = WINDOW_SECONDS) -> float:
    """The share, 0 to 1, of onsets that are within the window of one of the others; NaN without onsets."""
    if len(found) == 0:
        return float("nan")
    if len(others) == 0:
        return 0.0
    return float((np.abs(found[:, None] - others[None, :]).min(axis=1) <= window_seconds).mean())


def eighth_grid(seconds: float, bpm: float) -> FloatArray:
    """(N,): all eighth notes of a piece, from its start to before its end."""
    step = 30 / bpm
    return np.asarray(np.arange(max(0, int(np.ceil(seconds / step - 1e-6)))) * step, dtype=np.float64)


def grid_agreement(found: FloatArray, seconds: float, bpm: float) -> tuple[float, float]:
    """F-measures of onsets against the grid of eighth notes, and against the grid half a step later."""
    grid = eighth_grid(seconds, bpm)
    return f_measure(found, grid), f_measure(found, grid + 15 / bpm)


def strokes(onsets: FloatArray, together_seconds: float = 0.04) -> FloatArray:
    """Merge onsets (N,) of one stroke into its first."""
    if len(onsets) == 0:
        return onsets
    rising = np.sort(onsets)
    first = np.concatenate([[True], np.diff(rising) > together_seconds])
    return np.asarray(rising[first], dtype=np.float64)


def measured_swing(found: FloatArray, bpm: float) -> float:
    """The position of the second eighth in a quarter: the median of the onsets there; NaN without any."""
    phases = (found * bpm / 60) % 1.0
    inside = phases[(phases > _OFF_BEATS[0]) & (phases < _OFF_BEATS[1])]
    return float(np.median(inside)) if len(inside) else float("nan")


def measured_density(found: FloatArray, seconds: float, bpm: float) -> float:
    """Onsets per quarter note."""
    return len(found) / (seconds * bpm / 60)
