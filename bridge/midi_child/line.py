"""A straight line through the times of clock ticks, of which some come late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

_ROUNDS = 3
_FAR = 3 * 1.4826  # three standard deviations, by the median deviation of a normal distribution
_SMALLEST_GROUP, _GROUPS = 6, 16
_LEAST_FAR_SECONDS = 3e-4  # what is nearer than this never counts as late

Tick = tuple[float, int]
"""When a tick came, in seconds, and its number."""


class Line(NamedTuple):
    """seconds = intercept + slope * tick, as most ticks have it.

    `spread` is the deviation of one of these ticks, in seconds; `share` is how many of all they are, 0 to 1.
    """

    intercept: float
    slope: float
    slope_error: float
    spread: float
    share: float

    def at(self, tick: int) -> float:
        """When a tick is due, in seconds."""
        return self.intercept + self.slope * tick


def fitted(ticks: Sequence[Tick]) -> Line:
    """The line through most of three ticks or more, of different numbers.

    A machine that is busy hands on some messages late, one or a whole burst, and least squares alone would
    lean on them. So the first guess is the median slope of pairs half the memory apart (Theil and Sen's,
    on as many pairs as there are ticks), and least squares sees only what lies near it.
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
    """Centred first, since monotonic clocks count from long ago."""
    count = len(ticks)
    mean_at, mean_tick = fmean(at for at, _ in ticks), fmean(tick for _, tick in ticks)
    squares = sum((tick - mean_tick) ** 2 for _, tick in ticks)
    slope = sum((at - mean_at) * (tick - mean_tick) for at, tick in ticks) / squares
    errors = sum((at - mean_at - slope * (tick - mean_tick)) ** 2 for at, tick in ticks)
    spread = math.sqrt(errors / max(1, count - 2))
    return Line(mean_at - slope * mean_tick, slope, spread / math.sqrt(squares), spread, count / of)
