"""The last minute of the input, written by the callback: it copies, and takes no lock and no memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

KEPT_SECONDS = 60.0
# What may be written while the oldest frames are read.
_MARGIN_SECONDS = 4.0


class InputRing:
    """Frames (n, C) of the input; `written` counts them since it was opened.

    `overflowed_at` is the last frame before which its driver lost some; -1 if it lost none.

    One callback writes; any thread reads.
    """

    def __init__(self, rate: int, channels: int, first_channel: int = 0) -> None:
        self.rate = rate
        self.channels = channels
        self.written = 0
        self.overflowed_at = -1
        self._first = first_channel
        self._kept = round(KEPT_SECONDS * rate)
        self._capacity = round((KEPT_SECONDS + _MARGIN_SECONDS) * rate)
        # Not `zeros`: its pages would be made in the callback, one after another.
        self._buffer = np.full((self._capacity, channels), 0.0, np.float32)

    @property
    def oldest(self) -> int:
        """The oldest frame that is held."""
        return max(0, self.written - self._kept)

    def write(self, block: Audio, frames: int) -> None:
        """Append the first `frames` of a block with all channels of the device."""
        at = self.written % self._capacity
        first = min(frames, self._capacity - at)
        until = self._first + self.channels
        self._buffer[at : at + first] = block[:first, self._first : until]
        self._buffer[: frames - first] = block[first:frames, self._first : until]
        self.written += frames

    def read(self, begin: int, end: int) -> Audio | None:
        """Return a copy of the frames from `begin` to `end`; None if they are not all held any more.

        Frames before the first are silence.
        """
        audio = np.zeros((end - begin, self.channels), np.float32)
        start = max(0, begin)
        if end > self.written or start >= end:
            return None
        at, count = start % self._capacity, end - start
        first = min(count, self._capacity - at)
        audio[start - begin : start - begin + first] = self._buffer[at : at + first]
        audio[start - begin + first :] = self._buffer[: count - first]
        is_overwritten = start < self.written - self._capacity + self.rate
        return None if is_overwritten else audio
