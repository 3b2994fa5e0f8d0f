"""Reading audio at a speed near 1, as a tape does: pitch moves with tempo.

Band-limited interpolation by a windowed sinc (Smith, "Digital Audio Resampling", CCRMA): 32 taps, of which
512 phases are kept and neighbouring ones are mixed linearly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

TAPS = 32
MARGIN = TAPS  # samples that must lie before and after what is read
_PHASES = 512
# Kaiser: the first side lobe lies 100 dB down. The cutoff leaves a twentieth of the band to its slope.
_BETA = 10.0
_CUTOFF = 0.95

Audio = NDArray[np.float32]


def read_at(padded: Audio, start: float, speed: float, frames: int) -> Audio:
    """`frames` samples of `padded` (MARGIN + L + MARGIN, C), the first at `start`, `speed` apart.

    Positions count from the end of the first margin, and lie from 0 to L + MARGIN / 2. Returns (frames, C).
    """
    positions = start + speed * np.arange(frames)
    whole = np.floor(positions).astype(np.int64)
    phase = (positions - whole) * _PHASES
    index = phase.astype(np.int64)
    rows, steps = _table()
    weights = rows.take(index, 0) + steps.take(index, 0) * (phase - index).astype(np.float32)[:, None]
    first = whole + (MARGIN - TAPS // 2 + 1)
    low, high = int(first[0]), int(first[-1]) + TAPS
    read = np.empty((frames, padded.shape[1]), np.float32)
    for channel in range(padded.shape[1]):  # each on its own lies in one piece, which is twice as fast
        line = np.ascontiguousarray(padded[low:high, channel])
        windows = np.lib.stride_tricks.sliding_window_view(line, TAPS)[first - low]  # (frames, TAPS)
        np.einsum("ft,ft->f", windows, weights, out=read[:, channel])
    return read


@cache
def _table() -> tuple[Audio, Audio]:
    """(_PHASES, TAPS): row p weighs the samples around a point p / _PHASES after the middle one.

    And the step from each row to the next.
    """
    offsets = np.arange(TAPS) - (TAPS // 2 - 1)  # the middle tap is the sample at or before the point
    distance = offsets[None, :] - np.arange(_PHASES + 1)[:, None] / _PHASES
    half = TAPS / 2
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, None))) / np.i0(_BETA)
    weights = np.sinc(_CUTOFF * distance) * window
    weights /= weights.sum(axis=1, keepdims=True)
    return weights[:-1].astype(np.float32), np.diff(weights, axis=0).astype(np.float32)
