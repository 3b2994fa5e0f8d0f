"""A grid of frames for events in seconds, which keeps their timing within a frame.

Letters: T frames, N events. Frame t is centred t * hop samples after the start, and its cell extends half a
hop to either side. Anything that lasts (a chord, a held note) gives each frame the share of its cell that it
fills; an onset is split linearly over the two nearest frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msanii.errors import ControlError

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.intp]


class FrameGrid:
    """Places times in seconds on `frames` frames; `circular` joins the last frame to the first."""

    def __init__(self, frames: int, seconds_per_frame: float, start_seconds: float, circular: bool) -> None:
        if frames < 1 or not seconds_per_frame > 0:
            raise ControlError(
                f"controls: got {frames} frames of {seconds_per_frame} seconds, expected both above 0"
            )
        self.frames = frames
        self.circular = circular
        self.seconds_per_frame = seconds_per_frame
        self._start_seconds = start_seconds

    def centres_seconds(self) -> FloatArray:
        """(T,): the time of each frame."""
        return self._start_seconds + np.arange(self.frames, dtype=np.float64) * self.seconds_per_frame

    def impulses(self, rows: int, row: IndexArray, seconds: FloatArray) -> FloatArray:
        """(rows, T): an impulse per event in its row, split linearly over its two nearest frames."""
        position = self._positions(seconds)
        if self.circular:
            position = position % self.frames
        inside = (position > -1) & (position < self.frames)
        # A margin of one column on either side takes the parts that fall off the ends.
        shape, weights = (rows, self.frames + 2), np.ones(int(inside.sum()))
        padded = _split_linearly(shape, row[inside], position[inside] + 1, weights)
        if self.circular:
            padded[:, 1] += padded[:, -1]
        return padded[:, 1:-1]

    def coverage(
        self,
        rows: int,
        row: IndexArray,
        start: FloatArray,
        end: FloatArray,
        weight: FloatArray | None = None,
    ) -> FloatArray:
        """(rows, T): the share of each frame's cell that the spans from `start` to `end` fill, summed.

        With `weight` (N,) each span's share is multiplied by its own.
        """
        first, last = self._positions(start), self._positions(np.maximum(start, end))
        reach = 2 * self.frames if self.circular else self.frames
        if self.circular:
            last = np.minimum(last - first, self.frames) + first % self.frames
            first = first % self.frames
        edges = np.clip(np.concatenate([first, last]), -0.5, reach + 0.5) + 0.5
        weight = np.ones(len(first)) if weight is None else weight
        weights = np.concatenate([weight, -weight])
        # An edge that crosses a cell fills it linearly, so coverage is the running sum of split impulses.
        filled = np.cumsum(_split_linearly((rows, reach + 3), np.tile(row, 2), edges, weights), axis=1)
        return self._folded(filled) if self.circular else filled[:, : self.frames]

    def _folded(self, line: FloatArray) -> FloatArray:
        folded = np.zeros((line.shape[0], self.frames))
        for start in range(0, line.shape[1], self.frames):
            part = line[:, start : start + self.frames]
            folded[:, : part.shape[1]] += part
        return folded

    def _positions(self, seconds: FloatArray) -> FloatArray:
        return (seconds - self._start_seconds) / self.seconds_per_frame


def _split_linearly(
    shape: tuple[int, int], row: IndexArray, position: FloatArray, weight: FloatArray
) -> FloatArray:
    grid = np.zeros(shape)
    left = np.floor(position).astype(np.intp)
    share = position - left
    np.add.at(grid, (row, left), weight * (1 - share))
    np.add.at(grid, (row, left + 1), weight * share)
    return grid
