"""What is to play along with a recording follows: a steady tempo from its first bar line on, or its beats.

Pure Python.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, mean, median

from msanii.music.lead_sheet import Meter

STEADY = 0.9
"""the share of beats at one tempo from which on music is steady"""

_SAME_TEMPO = 0.01  # relative
_AT_START_SECONDS = 0.04
# How far a tempo that is said, or a whole number as in DAWs, may move the last beat from where it is heard.
_MOST_SHIFT_SECONDS = 0.04
_NEARLY_WHOLE_BEATS = 0.05
# By chance, one recording in ten is so near to whole beats.
_LONGEST_ODD_LOOP_BEATS = 64
_SAMPLE_SECONDS = 1 / 44_100
_MOST_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A tempo in quarter notes a minute, and `beat_seconds` as a Score has them.

    Where the recording is a loop, `loop_beats` is its length in beats of the `meter`.
    """

    meter: Meter
    bpm: float
    beat_seconds: tuple[float, ...]
    loop_beats: int | None = None


def followed(
    beats: Sequence[float],
    meter: Meter,
    *,
    steadiness: float,
    seconds: float,
    bpm: float | None = None,
    said_meter: Meter | None = None,
) -> Followed | None:
    """Return what follows beats of a recording in a meter, from its first bar line on.

    The recording lasts `seconds`. Steady music is told by its tempo and the place of the first bar line
    alone, and a recording that lasts whole beats is a loop of just their tempo. A `bpm` that is said is kept,
    and beats that it would leave behind are followed one by one. None for fewer than two beats, and where
    another tempo or `said_meter` is said.
    """
    if len(beats) < 2 or said_meter not in (None, meter):
        return None
    quarters = meter.beat_quarters
    is_steady = steadiness >= STEADY
    slope, start = linear_regression(range(len(beats)), beats)
    if not is_steady:
        slope = median(after - before for before, after in itertools.pairwise(beats))
    heard = 60 / slope * quarters
    if bpm is not None and not math.isclose(bpm, heard, rel_tol=_SAME_TEMPO):
        return None
    if not is_steady or (bpm is not None and abs(bpm / heard - 1) * seconds > _MOST_SHIFT_SECONDS):
        return Followed(meter=meter, bpm=bpm or round(heard, 3), beat_seconds=tuple(beats))
    whole = _loop_beats((bpm or heard) / quarters, seconds)
    if bpm is not None and whole is not None and abs(whole * quarters * 60 / bpm - seconds) > _SAMPLE_SECONDS:
        whole = None
    found = bpm or (_meant_tempo(heard, seconds) if whole is None else _loop_tempo(whole, quarters, seconds))
    if abs(start) < _AT_START_SECONDS:
        return Followed(meter=meter, bpm=found, beat_seconds=(), loop_beats=whole)
    # A line through the beats is surest in their middle.
    first = mean(beats) - (len(beats) - 1) / 2 * quarters * 60 / found
    return Followed(meter=meter, bpm=found, beat_seconds=(round(first, 4),), loop_beats=whole)


def _loop_beats(per_minute: float, seconds: float) -> int | None:
    """How many beats a recording lasts, if it is short or a round tempo makes it so to within a sample."""
    beats = seconds * per_minute / 60
    whole = round(beats)
    if not whole or abs(beats - whole) > _NEARLY_WHOLE_BEATS:
        return None
    is_loop = whole <= _LONGEST_ODD_LOOP_BEATS or _round_tempo(whole, seconds) is not None
    return whole if is_loop else None


def _loop_tempo(whole: int, quarters: float, seconds: float) -> float:
    per_minute = _round_tempo(whole, seconds)
    return whole * quarters * 60 / seconds if per_minute is None else per_minute * quarters


def _round_tempo(whole: int, seconds: float) -> float | None:
    """The roundest tempo at which so many beats last just as long; None if it would have many digits."""
    exact = whole * 60 / seconds
    tempos = (round(exact, digits) for digits in range(_MOST_DIGITS + 1))
    return next((one for one in tempos if abs(whole * 60 / one - seconds) <= _SAMPLE_SECONDS), None)


def _meant_tempo(bpm: float, seconds: float) -> float:
    """The tempo that was likely meant by one that was heard."""
    if abs(round(bpm) / bpm - 1) * seconds < _MOST_SHIFT_SECONDS:
        return float(round(bpm))
    return round(bpm, 3)
