"""What can be measured of a piece's rhythm: onsets against a grid or a score, swing, density. Pure numpy.

Shapes: N onsets. Times in seconds from the start of the piece.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import FloatArray

WINDOW_SECONDS = 0.03
# Where in a quarter its second eighth may fall; the straight sixteenths at 0.25 and 0.75 lie outside.
_OFF_BEATS = (0.46, 0.735)


def f_measure(found: FloatArray, expected: FloatArray, window_seconds: float = WINDOW_SECONDS) -> float:
    """F-measure, 0 to 1, of found against expected onsets, both rising; a pair lies within the window.

    Each is paired once at most (as in MIREX's onset detection task). 0 where nothing was found, NaN where
    nothing was expected.
    """
    if len(expected) == 0:
        return float("nan")
    hits = here = there = 0
    while here < len(found) and there < len(expected):
        late = float(found[here] - expected[there])
        hits += abs(late) <= window_seconds
        here += late <= window_seconds
        there += late >= -window_seconds
    return 2 * hits / (len(found) + len(expected))


def eighth_grid(seconds: float, bpm: float) -> FloatArray:
    """(N,): every eighth note of a piece, from its start on, up to one step before its end."""
    step = 30 / bpm
    return np.asarray(np.arange(max(0, int(np.ceil(seconds / step - 1e-6)))) * step, dtype=np.float64)


def grid_agreement(found: FloatArray, seconds: float, bpm: float) -> tuple[float, float]:
    """F-measures of onsets against the grid of eighth notes, and against the grid half a step later."""
    grid = eighth_grid(seconds, bpm)
    return f_measure(found, grid), f_measure(found, grid + 15 / bpm)


def strokes(onsets: FloatArray, together_seconds: float = 0.04) -> FloatArray:
    """Onsets (N,), those of one stroke of the hand as one: its first."""
    if len(onsets) == 0:
        return onsets
    rising = np.sort(onsets)
    first = np.concatenate([[True], np.diff(rising) > together_seconds])
    return np.asarray(rising[first], dtype=np.float64)


def measured_swing(found: FloatArray, bpm: float) -> float:
    """Where in each quarter its second eighth falls: the median of the onsets there; NaN where none is."""
    phases = (found * bpm / 60) % 1.0
    inside = phases[(phases > _OFF_BEATS[0]) & (phases < _OFF_BEATS[1])]
    return float(np.median(inside)) if len(inside) else float("nan")


def measured_density(found: FloatArray, seconds: float, bpm: float) -> float:
    """Attacks in a quarter note."""
    return len(found) / (seconds * bpm / 60)
