"""Tempos that move: steady, drifting, slowing down or speeding up, changing at a bar line, or free.

Positions are quarter notes, times seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS_A_QUARTER = 4
# Shares of takes, and how far the tempo goes in each.
_SHARES = {"steady": 0.58, "drift": 0.24, "ramp": 0.06, "change": 0.07, "rubato": 0.05}
_MOST_DRIFT, _MOST_RAMP, _RUBATO = 0.06, 0.15, 0.13
_CHANGES = (0.75, 0.8, 0.9, 1.12, 1.25, 1.33)


@dataclass(frozen=True, eq=False)
class TempoCurve:
    """Seconds at evenly spaced positions; between them the tempo is even."""

    kind: str
    quarters: NDArray[np.float64]
    at: NDArray[np.float64]

    def seconds(self, quarters: float) -> float:
        """The time of a position; before the first and past the last, at the tempo that is there."""
        if quarters > self.quarters[-1]:
            slope = (self.at[-1] - self.at[-2]) / (self.quarters[-1] - self.quarters[-2])
            return float(self.at[-1] + (quarters - self.quarters[-1]) * slope)
        return float(np.interp(quarters, self.quarters, self.at))


def drawn_curve(
    quarters: float, bpm: float, bar_quarters: float, random: np.random.Generator, kind: str = ""
) -> TempoCurve:
    """A curve over `quarters` about `bpm` quarter notes a minute, of a drawn kind."""
    kind = kind or str(random.choice(list(_SHARES), p=list(_SHARES.values())))
    count = max(2, round(quarters * _STEPS_A_QUARTER))
    places = np.linspace(0, quarters, count + 1)
    middles = (places[:-1] + places[1:]) / 2
    faster = np.zeros(count)
    if kind == "drift":
        walk = np.cumsum(random.standard_normal(count))
        width = min(8 * _STEPS_A_QUARTER, count)
        smooth = np.convolve(walk - walk.mean(), np.ones(width) / width, "same")
        faster = smooth / max(np.abs(smooth).max(), 1e-9) * random.uniform(0.01, _MOST_DRIFT)
    elif kind == "ramp":
        faster = np.linspace(0, 1, count) * random.uniform(-_MOST_RAMP, _MOST_RAMP)
    elif kind == "change":
        bars = max(1, int(quarters / bar_quarters))
        start = bar_quarters * int(random.integers(bars // 3, max(bars // 3 + 1, 2 * bars // 3 + 1)))
        faster = np.where(middles >= start, np.log(random.choice(_CHANGES)), 0.0)
    elif kind == "rubato":
        free = random.standard_normal(int(quarters) + 2) * _RUBATO
        faster = np.interp(middles, np.arange(len(free)), free)
    tempo = bpm * np.exp(faster)
    steps = np.diff(places) * 60 / tempo
    return TempoCurve(kind, places, np.concatenate([[0.0], np.cumsum(steps)]))
