"""Robust line fit through the times of clock ticks, some of which are late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

_ROUNDS = 3
_FAR = 3 * 1.4826  # three standard deviations, from the median absolute deviation of a normal distribution
_SMALLEST_GROUP, _GROUPS = 6, 16
_LEAST_FAR_SECONDS = 3e-4  # smaller deviations never count as late

Tick = tuple[float, int]
"""A tick's time of arrival, in seconds, and its number."""


class Line(NamedTuple):
    """seconds = intercept + slope * tick, fitted to the inliers.

    `spread` is the inliers' standard deviation, in seconds; `share` is their share of all ticks, 0 to 1.
    """

    intercept: float
    slope: float
    slope_error: float
    spread: float
    share: float

    def at(self, tick: int) -> float:
        """Return when a tick is due, in seconds."""
        return self.intercept + self.slope * tick


def fitted(ticks: Sequence[Tick]) -> Line:
    """Fit a line through at least three ticks with different numbers, ignoring outliers.

    A busy machine delivers some messages late, singly or in bursts, which would bias plain least squares. So
    the first guess is the median slope of pairs half the ticks apart (a Theil-Sen estimate on one pair for
    every two ticks), and least squares uses only the ticks near it.
    """
    half = len(ticks) // 2
    pairs = zip(ticks, ticks[half:], strict=False)
    slope = median((later[0] - at) / (later[1] - tick) for (at, tick), later in pairs)
    intercept = median(at - slope * tick for at, tick in ticks)
    line = Line(intercept, slope, 0.0, 0.0, 0.0)
    near: list[Tick] = []
    for _ in range(_ROUNDS):
        before = near
        errors = [abs(at - line.at(tick)) for at, tick in ticks]
        far = max(_LEAST_FAR_SECONDS, _FAR * median(errors))
        near = [tick for tick, error in zip(ticks, errors, strict=True) if error <= far]
        if near == before:
            break
        line = _least_squares(near, len(ticks))
    promptest = _promptest(near, line)
    prompt = _least_squares(promptest, len(ticks))
    return prompt._replace(spread=line.spread, share=line.share)


def _promptest(ticks: Sequence[Tick], line: Line) -> list[Tick]:
    size = max(_SMALLEST_GROUP, len(ticks) // _GROUPS)
    groups = (ticks[start : start + size] for start in range(0, len(ticks) - size + 1, size))
    return [min(group, key=lambda tick: tick[0] - line.at(tick[1])) for group in groups]


def _least_squares(ticks: Sequence[Tick], of: int) -> Line:
    """Fit by least squares; centred first for precision, since monotonic clocks have large values."""
    count = len(ticks)
    mean_at, mean_tick = fmean(at for at, _ in ticks), fmean(tick for _, tick in ticks)
    squares = sum((tick - mean_tick) ** 2 for _, tick in ticks)
    slope = sum((at - mean_at) * (tick - mean_tick) for at, tick in ticks) / squares
    errors = sum((at - mean_at - slope * (tick - mean_tick)) ** 2 for at, tick in ticks)
    spread = math.sqrt(errors / max(1, count - 2))
    return Line(mean_at - slope * mean_tick, slope, spread / math.sqrt(squares), spread, count / of)
