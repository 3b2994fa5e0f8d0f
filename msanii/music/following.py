"""What is to play along with a recording follows: a steady tempo from its first bar line on, or its beats.

Pure Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, mean, median

STEADY = 0.9
"""the share of beats at one tempo from which on music is steady"""

_AT_START_SECONDS = 0.04
_NEARLY_WHOLE_BEATS = 0.1
# A whole number of bpm, as DAWs have, is taken if that moves no beat further than hearing is exact.
_MOST_SHIFT_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A tempo in quarter notes a minute, and `beat_seconds` as a Score has them."""

    bpm: float
    beat_seconds: tuple[float, ...]


def followed(
    beats: Sequence[float], *, quarters: float, steadiness: float, seconds: float, bpm: float | None = None
) -> Followed | None:
    """Return what follows beats of a recording, from its first bar line on; None for fewer than two.

    Each beat is `quarters` long, and the recording lasts `seconds`. Steady music is told by its tempo and the
    place of the first bar line alone, and a recording that begins on it and lasts whole beats is a loop of
    just that tempo. A `bpm` that is known is kept.
    """
    if len(beats) < 2:
        return None
    if steadiness < STEADY:
        typical = median(after - before for before, after in itertools.pairwise(beats))
        return Followed(bpm=bpm or round(60 / typical * quarters, 3), beat_seconds=tuple(beats))
    slope, start = linear_regression(range(len(beats)), beats)
    begins_on_bar = abs(start) < _AT_START_SECONDS
    found = bpm or _meant_tempo(60 / slope * quarters, quarters, seconds, may_be_loop=begins_on_bar)
    if begins_on_bar:
        return Followed(bpm=found, beat_seconds=())
    # A line through the beats is surest in their middle.
    first = mean(beats) - (len(beats) - 1) / 2 * quarters * 60 / found
    return Followed(bpm=found, beat_seconds=(round(max(first, 0.0), 4),))


def _meant_tempo(bpm: float, quarters: float, seconds: float, *, may_be_loop: bool) -> float:
    """The tempo that was likely meant by one that was heard."""
    beats = seconds * bpm / 60 / quarters
    if may_be_loop and round(beats) and abs(beats - round(beats)) < _NEARLY_WHOLE_BEATS:
        return round(round(beats) * quarters * 60 / seconds, 6)
    if abs(round(bpm) / bpm - 1) * seconds < _MOST_SHIFT_SECONDS:
        return float(round(bpm))
    return round(bpm, 3)
