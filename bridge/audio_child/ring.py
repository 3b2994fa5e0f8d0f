"""The lock-free ring buffer between renderer and device callback, and a clock for when frames are heard.

One thread writes, the callback reads. The callback only copies and counts: it takes no lock, writes no log
and allocates no arrays.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.voices import fade_curve
from bridge.audio_child.shared_memory.counters import Counters

Audio = NDArray[np.float32]

_FADE_FRAMES = 64
_HUSH_SECONDS = 0.01


class Ring:
    """A ring buffer of `capacity` frames; `written` and `read` count frames since the start.

    `mark` is the last read: the frames read before it, and its time by time.monotonic. Some hosts split a
    period into several callbacks in quick succession: only the first of these sets the mark.
    """

    def __init__(self, capacity: int, channels: int, counters: Counters, rate: int) -> None:
        self._buffer = np.zeros((capacity, channels), np.float32)
        self._capacity = capacity
        self._rate = rate
        self._counts = counters.values
        self._rising = fade_curve(_FADE_FRAMES)
        self._falling = np.ascontiguousarray(self._rising[::-1])
        self._starving = False
        self._hushing = np.ascontiguousarray(fade_curve(round(_HUSH_SECONDS * rate))[::-1])
        self._hushed = 0
        self._hushed_until = 0
        self.written = 0
        self.read = 0
        self.mark: tuple[int, float] | None = None

    @property
    def filled(self) -> int:
        """The number of frames ready to be read."""
        return self.written - self.read

    def write(self, block: Audio) -> None:
        """Append a block (n, C); there must be room for it."""
        at = self.written % self._capacity
        first = min(len(block), self._capacity - at)
        self._buffer[at : at + first] = block[:first]
        self._buffer[: len(block) - first] = block[first:]
        self.written += len(block)

    def discard(self, frames: int) -> None:
        """Skip frames, as if a device had read them."""
        self._set_mark()
        self.read += min(frames, self.filled)

    def hush(self, frames: int) -> None:
        """Fade out what is ready to be read and silence it, with the next `frames` that are written.

        Any thread may call this. The callback obeys it, so that it is heard at once however full the ring is.
        """
        self._hushed_until = self.written + frames

    def callback(self, out: Audio, frames: int, _time: Any, status: Any) -> None:
        """Fill `out` (frames, C); this is PortAudio's callback."""
        begun = time.perf_counter_ns()
        counts = self._counts
        counts[Counters.CALLBACKS] += 1
        if status.output_underflow:
            counts[Counters.UNDERRUNS] += 1
        self._set_mark()
        self.pull(out, frames)
        spent = time.perf_counter_ns() - begun
        if spent > counts[Counters.WORST_CALLBACK_NS]:
            counts[Counters.WORST_CALLBACK_NS] = spent

    def _set_mark(self) -> None:
        now = time.monotonic()
        if self.mark is not None:
            frames, seconds = self.mark
            if (now - seconds) * self._rate * 2 < self.read - frames:
                return
        self.mark = (self.read, now)

    def pull(self, out: Audio, frames: int) -> None:
        """Copy the next frames to `out`; if there are too few, fade out to silence."""
        ready = min(frames, self.written - self.read)
        at = self.read % self._capacity
        first = min(ready, self._capacity - at)
        out[:first] = self._buffer[at : at + first]
        out[first:ready] = self._buffer[: ready - first]
        if self.read < self._hushed_until:
            self._hush(out, min(ready, self._hushed_until - self.read))
        else:
            self._hushed = 0
        if self._starving and ready:
            length = min(ready, _FADE_FRAMES)
            out[:length] *= self._rising[:length]
            self._starving = False
        if ready < frames:
            self._counts[Counters.STARVED] += 1
            out[ready:] = 0
            length = min(ready, _FADE_FRAMES)
            out[ready - length : ready] *= self._falling[_FADE_FRAMES - length :]
            self._starving = True
        self.read += ready

    def _hush(self, out: Audio, frames: int) -> None:
        fading = min(frames, max(0, len(self._hushing) - self._hushed))
        out[:fading] *= self._hushing[self._hushed : self._hushed + fading]
        out[fading:frames] = 0
        self._hushed += frames


class HeardClock:
    """Tells when each frame is heard: from the callbacks' times, smoothed, plus the device's latency."""

    def __init__(self, rate: int, device_seconds: float) -> None:
        self._rate = rate
        self.device_seconds = device_seconds
        self._offset: float | None = None  # the time of frame 0
        self._seen = 0
        self._mark: tuple[int, float] | None = None
        self._latest: deque[float] = deque(maxlen=_SLIPPED_MARKS)
        # Whether the last callbacks agree on when frames are heard; those of a device's start do not.
        self.is_settled = False

    def observe(self, mark: tuple[int, float] | None) -> None:
        """Update the clock from the ring's last mark."""
        if mark is None or mark is self._mark:
            return
        self._mark = mark
        frames, seconds = mark
        offset = seconds - frames / self._rate
        if self._offset is None or abs(offset - self._offset) > _SLIP_SECONDS:
            self._latest.clear()
        self._latest.append(offset)
        spread_seconds = max(self._latest) - min(self._latest)
        self.is_settled = len(self._latest) == _SLIPPED_MARKS and spread_seconds < _STEP_SECONDS
        # A device settles while it starts. After a missed period it plays everything later by as much.
        if self._offset is None or len(self._latest) < _SLIPPED_MARKS or self._has_slipped(self._offset):
            self._offset, self._seen = statistics.median(self._latest), len(self._latest)
            return
        self._seen = min(self._seen + 1, _SMOOTHED_MARKS)
        self._offset += (offset - self._offset) / self._seen

    def _has_slipped(self, offset: float) -> bool:
        """Return whether all recent marks are off to the same side, which jitter would not cause."""
        if len(self._latest) < _SLIPPED_MARKS:
            return False
        return min(self._latest) > offset + _STEP_SECONDS or max(self._latest) < offset - _STEP_SECONDS

    def seconds_of(self, frame: float, *, ahead: int) -> float:
        """Return when a frame is heard, by time.monotonic; before any callback, `ahead` frames from now."""
        if self._offset is None:
            return time.monotonic() + ahead / self._rate + self.device_seconds
        return self._offset + frame / self._rate + self.device_seconds


_SLIP_SECONDS = 0.05
_STEP_SECONDS = 0.01
_SLIPPED_MARKS = 5
_SMOOTHED_MARKS = 100
