"""The master's safety limiter: nothing louder leaves, and nothing quieter is touched.

Rule: no sample leaves above -0.3 dBFS. Sound is delayed by 2 ms of look-ahead; within it the gain falls to
what the coming peak needs, and afterwards it rises again by a straight line, from silence to full in 250 ms.
Both channels share one gain. While nothing is above the threshold the gain is 1 and every sample passes
bit for bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 10 ** (-0.3 / 20)
LOOK_AHEAD_SECONDS = 0.002
RELEASE_SECONDS = 0.25

Audio = NDArray[np.float32]


class Limiter:
    """Limits audio block by block. `delay` is how many frames later each sample leaves."""

    def __init__(self, rate: int, channels: int) -> None:
        self._window = round(LOOK_AHEAD_SECONDS * rate) + 1
        self.delay = self._window - 1
        self._rise = 1 / (RELEASE_SECONDS * rate)
        self._late = np.zeros((self.delay, channels), np.float32)
        self._wanted = np.ones(self.delay)  # the gain that each sample still inside needs
        self._held = np.ones(self.delay)  # the falling and rising line, before it is smoothed
        self._gain = 1.0

    def process(self, block: Audio) -> Audio:
        """Audio (L, C) in, the same number of frames out, `delay` later. Only finite samples may come in."""
        frames = len(block)
        inside = np.concatenate((self._late, block))
        self._late = inside[frames:]
        peaks = np.abs(block).max(axis=1)
        if self._gain == 1.0 and float(peaks.max()) <= THRESHOLD and self._is_idle():
            return inside[:frames]
        return self._limited(inside[:frames], peaks)

    def _is_idle(self) -> bool:
        return bool((self._wanted == 1).all() and (self._held == 1).all())

    def _limited(self, late: Audio, peaks: NDArray[np.float32]) -> Audio:
        frames = len(late)
        needed = np.minimum(1.0, THRESHOLD / np.maximum(peaks.astype(np.float64), THRESHOLD))
        wanted = np.concatenate((self._wanted, needed))
        self._wanted = wanted[frames:]
        lowest = np.lib.stride_tricks.sliding_window_view(wanted, self._window).min(axis=1)  # (frames,)
        # g[n] = min(lowest[n], g[n - 1] + rise), without a loop: subtract the slope, take running minima.
        slope = self._rise * np.arange(1, frames + 1)
        line = np.minimum(np.minimum.accumulate(lowest - slope), self._gain) + slope
        line = np.minimum(line, 1.0)
        self._gain = float(line[-1])
        held = np.concatenate((self._held, line))
        self._held = held[frames:]
        windows = np.lib.stride_tricks.sliding_window_view(held, self._window)
        # A window of ones averages to one but for rounding, and rounding would touch quiet sound.
        gain = np.where(windows.min(axis=1) == 1, 1.0, windows.mean(axis=1))
        limited = (late * gain[:, None]).astype(np.float32)
        top = np.float32(THRESHOLD)
        return np.clip(limited, -top, top) if (gain < 1).any() else limited
