"""Bars by their numbers: text such as `3-4,7`, where they lie in samples, and which ones notes change.

In text bars are counted from 1, everywhere else from 0. Pure Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

from msanii.errors import ScoreError
from msanii.music.midi_notes import BeatNote

_RANGE = re.compile(r"\s*(\d{1,6})\s*(?:[-–]\s*(\d{1,6})\s*)?", re.ASCII)
# A note that rings so little over a bar line does not belong to the next bar.
_OVERHANG_BEATS = 0.25
_SAME_BEATS = 1e-3
# The start of a note that has begun in an earlier bar.
_HELD = -1.0


def read_bars(text: str, count: int) -> tuple[int, ...]:
    """Read `3-4,7` as the bars 2, 3 and 6 of a piece of `count` bars. Raises ScoreError."""
    found: set[int] = set()
    for item in text.split(","):
        match = _RANGE.fullmatch(item)
        if match is None:
            raise ScoreError(f"bars: got `{text[:40]}`, expected bars counted from 1, such as 3 or 3-4,7")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            raise ScoreError(
                f"bars: got `{item.strip()}`, expected bars from 1 to {count}, the lower number first"
            )
        found.update(range(first - 1, last))
    return tuple(sorted(found))


def bars_text(bars: Iterable[int]) -> str:
    """The text of bars, as `read_bars` reads it: `3-4,7`."""
    runs: list[list[int]] = []
    for bar in sorted(set(bars)):
        if runs and bar == runs[-1][1] + 1:
            runs[-1][1] = bar
        else:
            runs.append([bar, bar])
    return ",".join(f"{first + 1}" if first == last else f"{first + 1}-{last + 1}" for first, last in runs)


def bar_regions(
    bars: Iterable[int], line: Callable[[int], int], *, count: int, samples: int
) -> list[tuple[int, int]]:
    """First sample and end of each run of bars in a piece of `count` bars and `samples`.

    `line` is the sample of the bar line at which a bar begins. The last bar lasts to the end of the samples,
    for what rings on after it.
    """
    regions: list[tuple[int, int]] = []
    for bar in sorted(set(bars)):
        start = line(bar)
        end = samples if bar == count - 1 else min(line(bar + 1), samples)
        if regions and regions[-1][1] == start:
            regions[-1] = regions[-1][0], end
        else:
            regions.append((start, end))
    return regions


def changed_bars(
    before: Iterable[BeatNote], after: Iterable[BeatNote], *, bar_beats: float, count: int, loop: bool = False
) -> tuple[int, ...]:
    """The bars in which a note begins or sounds that is not the same in both.

    In a loop, notes that ring over the end sound in its first bars. Notes after the last bar change nothing.
    """
    sounding = [_in_bars(notes, bar_beats, count, loop) for notes in (before, after)]
    return tuple(bar for bar in range(count) if not _same(sounding[0][bar], sounding[1][bar]))


_Stretch = tuple[float, float, int, int]


def _in_bars(notes: Iterable[BeatNote], bar_beats: float, count: int, loop: bool) -> list[list[_Stretch]]:
    """What of each note lies in each bar: whole where it begins, and as far as it rings in later ones."""
    bars: list[list[_Stretch]] = [[] for _ in range(count)]
    for onset, end, pitch, velocity in sorted(notes):
        first = int(onset / bar_beats + _SAME_BEATS)
        last = max(first, math.ceil((end - _OVERHANG_BEATS) / bar_beats - _SAME_BEATS) - 1)
        for bar in range(first, last + 1):
            line = bar * bar_beats
            place = bar % count if loop else bar
            if place < count:
                start = onset - line if bar == first else _HELD
                stretch = start, min(end - line, bar_beats), pitch, velocity
                bars[place].append(stretch)
    return bars


def _same(before: Sequence[_Stretch], after: Sequence[_Stretch]) -> bool:
    if len(before) != len(after):
        return False
    pairs = zip(sorted(before, key=_by_pitch), sorted(after, key=_by_pitch), strict=True)
    return all(
        old[2:] == new[2:] and abs(old[0] - new[0]) < _SAME_BEATS and abs(old[1] - new[1]) < _SAME_BEATS
        for old, new in pairs
    )


def _by_pitch(note: _Stretch) -> tuple[int, float, float]:
    return note[2], note[0], note[1]
