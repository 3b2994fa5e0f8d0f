"""Curves: what a parameter of an endless deck does over the coming bars."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.parameters import PARAMETERS, Value

Point = tuple[float, Value]


@dataclass(frozen=True, slots=True)
class Curve:
    """Values of a parameter by the bar, counted from `first_bar`.

    Numbers go in a straight line from point to point, words such as chords change at theirs.
    """

    name: str
    first_bar: int
    points: tuple[Point, ...]

    def at(self, bar: int) -> Value | None:
        """Return the value for a bar of the deck: None before the first point, the last one's after it."""
        bars = bar - self.first_bar
        if bars < self.points[0][0]:
            return None
        place = bisect_right([at for at, _ in self.points], bars)
        before, value = self.points[place - 1]
        after, following = self.points[min(place, self._last)]
        if after == before:
            return value
        if isinstance(value, str) or isinstance(following, str):
            return value
        share = (bars - before) / (after - before)
        return PARAMETERS[self.name].check(_typed(self.name, value + share * (following - value)))

    def is_over(self, bar: int) -> bool:
        """Return whether the value no longer changes from a bar on."""
        return bar - self.first_bar >= self.points[self._last][0]

    @property
    def _last(self) -> int:
        return len(self.points) - 1


def curve_from(name: str, first_bar: int, points: Sequence[Point], now: object) -> Curve:
    """Return a curve from `first_bar` on, with the present value there unless the points say another."""
    begins = [(0.0, now)] if points[0][0] > 0 and isinstance(now, str | int | float) else []
    return Curve(name, first_bar, (*begins, *points))


def _typed(name: str, value: float) -> float:
    return round(value) if PARAMETERS[name].kind == "int" else value
