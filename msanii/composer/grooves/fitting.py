"""A groove is fitted to another meter, beat by beat, and to a far tempo, at half or double time. Pure Python.

A groove in 4/4 fits every meter: a shorter bar ends earlier, a longer one repeats beats (the last two in 6/4,
the third in 5/4). In 6/8, 9/8 and 12/8 each of its beats becomes a dotted one, and its eighths shuffle. A
groove in 6/8 or 12/8 also fits 4/4, as triplets. Any other fits bars of a whole number of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from msanii.composer.grooves.groove import Groove, Lines, Sort
from msanii.music.chords import Meter

_EDGE = 1e-6
# Tempos further from a groove's range than this factor are played at half or double time.
_FAR = 1.5


def can_be_fitted(source: Meter, target: Meter) -> bool:
    """Whether a groove written in one meter makes sense in another."""
    if _is_binary(source):
        return True
    if _is_compound(source):
        return _is_compound(target) or _is_binary(target)
    return not _is_compound(target) and (target.bar_beats / source.bar_beats).denominator == 1


def fitted(groove: Groove, meter: Meter, bpm: float) -> Groove:
    """The groove in a meter that `can_be_fitted`, and at a tempo, 10 to 999 quarter notes a minute."""
    bar_beats = float(meter.bar_beats)
    if groove.meter != meter:
        rewriting = _Rewriting.of(groove.meter, meter)
        drums, bass = rewriting.lines(groove.drums), rewriting.lines(groove.bass)
        groove = replace(groove, meter=meter, drums=drums, bass=bass)
    while bpm > groove.bpm.high * _FAR:
        drums, bass = _slower(groove.drums, bar_beats), _slower(groove.bass, bar_beats)
        groove, bpm = replace(groove, drums=drums, bass=bass), bpm / 2
    while bpm < groove.bpm.low / _FAR:
        drums, bass = _faster(groove.drums, bar_beats), _faster(groove.bass, bar_beats)
        groove, bpm = replace(groove, drums=drums, bass=bass), bpm * 2
    return groove


def _is_compound(meter: Meter) -> bool:
    return meter.denominator >= 8 and meter.numerator % 3 == 0 and meter.numerator > 3


def _is_binary(meter: Meter) -> bool:
    return not _is_compound(meter) and meter.bar_beats in (2, 4)


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """Places `count` source beats, each `unit` long, into a bar of `bar_beats` as beats of `new_unit`."""

    unit: float
    count: int
    new_unit: float
    bar_beats: float
    bend: Callable[[float], float]
    """moves a position within a beat, 0 to 1"""

    @classmethod
    def of(cls, source: Meter, target: Meter) -> _Rewriting:
        bar_beats = float(target.bar_beats)
        if _is_compound(source):
            unit, count = 12 / source.denominator, source.numerator // 3
            new_unit = 12 / target.denominator if _is_compound(target) else 1.0
            return cls(unit, count, new_unit, bar_beats, _same)
        if not _is_binary(source):
            whole = float(source.bar_beats)
            return cls(whole, 1, whole, bar_beats, _same)
        if _is_compound(target):
            return cls(1.0, int(source.bar_beats), 12 / target.denominator, bar_beats, _shuffled)
        return cls(1.0, int(source.bar_beats), 1.0, bar_beats, _same)

    def lines(self, lines: Lines[Sort]) -> Lines[Sort]:
        beats = math.ceil(self.bar_beats / self.new_unit - _EDGE)
        order = [float(beat) for beat in _beat_order(beats, self.count)]
        # A fill ends where the bar ends, so a shorter bar takes its last beats.
        spare = self.count - self.bar_beats / self.new_unit
        fill_order = [spare + beat for beat in range(beats)] if spare > _EDGE else order
        return Lines(
            pattern=self._bars(lines.pattern, order),
            variations=tuple(self._bars(bars, order) for bars in lines.variations),
            fills=tuple(self._bars(bars, fill_order) for bars in lines.fills),
        )

    def _bars(self, bars: Sequence[Sequence[Sort]], order: Sequence[float]) -> tuple[tuple[Sort, ...], ...]:
        return tuple(_tidy([one for place, beat in enumerate(order) for one in self._beat(bar, beat, place)],
                           self.bar_beats) for bar in bars)  # fmt: skip

    def _beat(self, bar: Sequence[Sort], beat: float, place: int) -> list[Sort]:
        moved: list[Sort] = []
        for stroke in bar:
            inside = stroke.beats / self.unit - beat
            if -_EDGE <= inside < 1 - _EDGE:
                at = (place + self.bend(max(inside, 0.0))) * self.new_unit
                length = stroke.length_beats * self.new_unit / self.unit
                moved.append(stroke._replace(beats=at, length_beats=length))
        return moved


def _same(position: float) -> float:
    return position


def _shuffled(position: float) -> float:
    """The nearest third of a beat, the second eighth on the last of them."""
    return min(math.ceil(position * 3 - 0.3), 2) / 3


def _beat_order(beats: int, count: int) -> list[int]:
    """Which of `count` beats to play in a bar of `beats`."""
    if beats < count:
        return list(range(beats))
    whole, rest = divmod(beats, count)
    if rest == 1 and count > 2:
        return [*list(range(count)) * (whole - 1), *range(count - 1), count - 2, count - 1]
    return [*list(range(count)) * whole, *range(count - rest, count)]


def _slower(lines: Lines[Sort], bar_beats: float) -> Lines[Sort]:
    """At half time each bar takes two."""

    def halves(bars: Sequence[Sequence[Sort]]) -> tuple[tuple[Sort, ...], ...]:
        longer = [
            stroke._replace(
                beats=2 * (stroke.beats + index * bar_beats), length_beats=2 * stroke.length_beats
            )
            for index, bar in enumerate(bars)
            for stroke in bar
        ]
        return tuple(
            _tidy([one._replace(beats=one.beats - index * bar_beats) for one in longer
                   if index * bar_beats - _EDGE <= one.beats < (index + 1) * bar_beats - _EDGE], bar_beats)
            for index in range(2 * len(bars))
        )  # fmt: skip

    return Lines(
        pattern=halves(lines.pattern),
        variations=tuple(map(halves, lines.variations)),
        fills=tuple(map(halves, lines.fills)),
    )


def _faster(lines: Lines[Sort], bar_beats: float) -> Lines[Sort]:
    """At double time two bars take one; variations and fills are its second half."""
    times = 1 + len(lines.pattern) % 2
    pattern = lines.pattern * times

    def pairs(bars: Sequence[Sequence[Sort]]) -> tuple[tuple[Sort, ...], ...]:
        second = tuple(bars) * times
        return tuple(
            _joined(pattern[index], second[index + 1], bar_beats) for index in range(0, len(pattern), 2)
        )

    return Lines(
        pattern=pairs(lines.pattern),
        variations=tuple(map(pairs, lines.variations)),
        fills=tuple(map(pairs, lines.fills)),
    )


def _joined(first: Sequence[Sort], second: Sequence[Sort], bar_beats: float) -> tuple[Sort, ...]:
    strokes = [_halved(stroke, 0.0) for stroke in first]
    strokes += [_halved(stroke, bar_beats) for stroke in second]
    return _tidy(strokes, bar_beats)


def _halved(stroke: Sort, after: float) -> Sort:
    return stroke._replace(beats=(stroke.beats + after) / 2, length_beats=stroke.length_beats / 2)


def _tidy(strokes: Sequence[Sort], bar_beats: float) -> tuple[Sort, ...]:
    """Sorted, inside the bar, one at a time and place, none longer than its bar."""
    kept: dict[tuple[float, object], Sort] = {}
    for stroke in sorted(strokes):
        if stroke.beats < bar_beats - _EDGE:
            length = min(stroke.length_beats, bar_beats - stroke.beats)
            kept.setdefault((round(stroke.beats, 6), stroke[2]), stroke._replace(length_beats=length))
    return tuple(sorted(kept.values()))
