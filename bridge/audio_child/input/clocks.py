"""Which frame of the input came in as a frame of the output went out: on one clock, or on two.

The callbacks only count and store numbers in arrays that are there already.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

_MOST_STEPS = 4_096
_MARK_SECONDS = 0.05
_MOST_MARKS = 1_400  # 70 s of them
_AROUND_SECONDS = 2.0
_FEWEST_MARKS = 8
_STEP_SECONDS = 0.005
_OUTLIERS = 4.0


@dataclass(frozen=True, slots=True)
class Relation:
    """The input's frame is `offset` + `ratio` x the output's; `is_whole` unless either skipped frames."""

    ratio: float
    offset: float
    is_whole: bool = True

    def input_frame(self, output_frame: float) -> float:
        """Return the frame of the input that came in as that frame of the output went out."""
        return self.offset + self.ratio * output_frame


class Clock(Protocol):
    """Relates the frames of input and output."""

    is_exact: bool

    def between(self, first: float, last: float) -> Relation | None:
        """Return how they relate between two frames of the output; None if that is not known."""


class SharedClock:
    """One callback serves both: they move together, but where the output had nothing to play."""

    is_exact = True

    def __init__(self) -> None:
        self._steps = np.zeros((_MOST_STEPS, 2), np.int64)
        self._count = 0
        self._offset: int | None = None

    def note(self, input_frame: int, output_frame: int) -> None:
        """Note the first frames of a callback."""
        offset = input_frame - output_frame
        if offset != self._offset:
            step = self._steps[self._count % _MOST_STEPS]
            step[0], step[1] = output_frame, offset
            self._count += 1
            self._offset = offset

    def between(self, first: float, last: float) -> Relation | None:
        """Return how they relate from frame `first` of the output on; before the first callback, as there."""
        steps = self._steps[: min(self._count, _MOST_STEPS)]
        steps = steps[np.argsort(steps[:, 1], kind="stable")]  # the offset only grows
        if not len(steps):
            return None
        before = steps[steps[:, 0] <= first]
        before = before if len(before) else steps[:1]
        is_whole = not ((steps[:, 0] > first) & (steps[:, 0] < last)).any()
        return Relation(1.0, float(before[-1, 1]), is_whole)


class OwnClock:
    """A device of its own, whose clock drifts against the output's: a line through many callbacks."""

    is_exact = False

    def __init__(self, output_rate: int) -> None:
        self._output_rate = output_rate
        self._marks = np.zeros((_MOST_MARKS, 2), np.float64)
        self._count = 0
        self._marked = 0.0

    def note(self, input_frame: int, output_mark: tuple[int, float] | None) -> None:
        """Note the first frame of a callback; `output_mark` is the output's last, at time.monotonic."""
        now = time.monotonic()
        if output_mark is None or now - self._marked < _MARK_SECONDS:
            return
        self._marked = now
        mark = self._marks[self._count % _MOST_MARKS]
        mark[0], mark[1] = output_mark[0] + (now - output_mark[1]) * self._output_rate, input_frame
        self._count += 1

    def between(self, first: float, last: float) -> Relation | None:
        """Return the line through the callbacks around these frames of the output."""
        marks = self._marks[: min(self._count, _MOST_MARKS)].copy()
        around = _AROUND_SECONDS * self._output_rate
        near = marks[(marks[:, 0] >= first - around) & (marks[:, 0] <= last + around)]
        near = near if len(near) >= _FEWEST_MARKS else marks
        if len(near) < _FEWEST_MARKS:
            return None
        ratio, offset = np.polyfit(near[:, 0], near[:, 1], 1)
        errors = np.abs(near[:, 1] - offset - ratio * near[:, 0])
        kept = near[errors <= _OUTLIERS * np.median(errors) + 1.0]
        ratio, offset = np.polyfit(kept[:, 0], kept[:, 1], 1)
        errors = np.abs(near[:, 1] - offset - ratio * near[:, 0])
        step = _STEP_SECONDS * self._output_rate * ratio
        return Relation(float(ratio), float(offset), bool(np.mean(errors > step) < 0.1))
