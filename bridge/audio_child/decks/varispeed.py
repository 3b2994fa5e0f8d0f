"""Varispeed playback at speeds near 1: pitch changes with tempo, as on tape.

Band-limited interpolation by a windowed sinc (Smith, "Digital Audio Resampling", CCRMA): 32 taps from a table
of 512 phases, interpolated linearly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

TAPS = 32
MARGIN = TAPS  # samples needed before and after the audio
_PHASES = 512
# Kaiser window: its first side lobe is 100 dB down. The cutoff leaves 5 % of the band for the transition.
_BETA = 10.0
_CUTOFF = 0.95

Audio = NDArray[np.float32]


def read_at(padded: Audio, start: float, speed: float, frames: int) -> Audio:
    """Read `frames` samples of `padded` (MARGIN + L + MARGIN, C), from `start`, `speed` apart.

    Positions count from the end of the first margin, from 0 to L + MARGIN / 2. Returns (frames, C).
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
    for channel in range(padded.shape[1]):  # one contiguous channel at a time is twice as fast
        line = np.ascontiguousarray(padded[low:high, channel])
        windows = np.lib.stride_tricks.sliding_window_view(line, TAPS)[first - low]  # (frames, TAPS)
        np.einsum("ft,ft->f", windows, weights, out=read[:, channel])
    return read


@cache
def _table() -> tuple[Audio, Audio]:
    """Return the filter table and the difference from each row to the next, both (_PHASES, TAPS).

    Row p has the weights of the samples around a point p / _PHASES after the middle one.
    """
    offsets = np.arange(TAPS) - (TAPS // 2 - 1)  # the middle tap is the sample at or before the point
    distance = offsets[None, :] - np.arange(_PHASES + 1)[:, None] / _PHASES
    half = TAPS / 2
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, None))) / np.i0(_BETA)
    weights = np.sinc(_CUTOFF * distance) * window
    weights /= weights.sum(axis=1, keepdims=True)
    return weights[:-1].astype(np.float32), np.diff(weights, axis=0).astype(np.float32)
