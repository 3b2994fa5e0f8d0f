"""Density: strokes are left out, the weakest first, or added on the grid, alike in every bar."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msanii.composer.feel.swing import counts_as_off_beat, swung_time
from msanii.composer.grooves.groove import DRUMS, KICKS
from msanii.composer.plan import Notes, Plan
from msanii.music.midi_notes import ONE_STROKE_SECONDS, BeatNote, Stroke, strokes

_MARGIN_SECONDS = 0.001
# Parts of a quarter note, from the first to be filled to the last.
_GRIDS = (1, 2, 4, 3, 8, 6, 12, 16)
_HATS = tuple(DRUMS[name] for name in ("hat", "ride", "shaker", "open hat", "pedal hat", "ride bell"))
_STRONG = frozenset((*KICKS, DRUMS["snare"], DRUMS["clap"], DRUMS["rim"]))
_SOFTER = 0.8
_GATE = 0.9


def with_density(plan: Plan, kind: str, notes: Notes, density: float, swing: tuple[float, float]) -> Notes:
    """Leave strokes out or add some until there are `density` to a quarter note of the bars that are written.

    Added drums are hats; added notes are tones of the chord near those around them. `swing`, of eighths and
    sixteenths, is where the grid's places are.
    """
    if not notes:
        return ()
    wanted = max(1, round(density * _written_beats(plan)))
    played = strokes(notes, plan.bpm)
    if len(played) > wanted:
        return _thinned(plan, kind, played, len(played) - wanted)
    return _filled(plan, kind, played, wanted - len(played), swing)


def _written_beats(plan: Plan) -> float:
    if plan.write is None:
        return plan.beats
    starts = [bar * plan.bar_beats for bar in plan.write]
    return sum(max(min(start + plan.bar_beats, plan.beats) - start, 0.0) for start in starts)


def _thinned(plan: Plan, kind: str, strokes: Sequence[Stroke], count: int) -> Notes:
    """Leave out `count` strokes: places in the bar by their weight, the same place in all bars together."""
    places = [_place(plan, stroke[0][0]) for stroke in strokes]
    loudness: dict[float, float] = defaultdict(float)
    for place, stroke in zip(places, strokes, strict=True):
        loudness[place] += _loudness(kind, stroke) / plan.whole_bars
    order = sorted(
        range(len(strokes)),
        key=lambda index: (
            _weight(plan, places[index]) + loudness[places[index]],
            places[index],
            _turn(plan.bar_at(strokes[index][0][0])),
        ),
    )
    left_out = set(order[:count])
    kept: list[Stroke] = []
    for index, stroke in enumerate(strokes):
        if index not in left_out:
            kept.append(stroke)
        elif kept and kind != "drums":
            kept[-1] = _held(plan, kept[-1], stroke)
    return tuple(sorted(note for stroke in kept for note in stroke))


def _held(plan: Plan, before: Stroke, left_out: Stroke) -> Stroke:
    """Notes that led straight into a stroke that is left out sound on in its place, on the same chord."""
    start, end = left_out[0][0], max(note[1] for note in left_out)
    if plan.chord_at(before[0][0]) != plan.chord_at(end - 1e-3):
        return before
    return tuple(
        (note[0], max(note[1], end) if start - note[1] < 0.3 else note[1], *note[2:]) for note in before
    )


def _loudness(kind: str, stroke: Stroke) -> float:
    """0 to 1 by velocity, and more for the kick and the backbeat."""
    loudest = max(note[3] for note in stroke) / 127
    return loudest + 1.5 * (kind == "drums" and any(note[2] in _STRONG and note[3] > 60 for note in stroke))


def _place(plan: Plan, beats: float) -> float:
    """The place in the bar, on a grid of twelve to the quarter note."""
    return round((beats - plan.bar_at(beats) * plan.bar_beats) * 12) / 12


def _weight(plan: Plan, place: float) -> float:
    """How strong a place in the bar is: 4 where it begins, 3 on its beats, 2 on eighths, 1 on sixteenths."""
    if place == 0:
        return 4.0
    beat = 1.5 if plan.meter.denominator >= 8 and plan.meter.numerator % 3 == 0 else 1.0
    for weight, step in ((3.0, beat), (2.0, 0.5), (1.0, 0.25)):
        if abs(place / step - round(place / step)) < 0.17 / step * 0.5:
            return weight
    return 0.5


def _turn(bar: int) -> tuple[int, int]:
    """The order in which bars change: every other one first, so that a phrase stays even."""
    return (bar + 1) % 2, bar


def _filled(
    plan: Plan, kind: str, strokes: Sequence[Stroke], count: int, swing: tuple[float, float]
) -> Notes:
    notes = [note for stroke in strokes for note in stroke]
    hats = [note[2] for note in notes if note[2] in _HATS]
    filling = _Filling(plan, kind, notes, max(_HATS, key=hats.count))
    for start in _candidates(plan, swing):
        if count <= 0:
            break
        count -= filling.add(start)
    return filling.notes()


def _candidates(plan: Plan, swing: tuple[float, float]) -> Iterator[float]:
    """Times on the grid in the bars that are written: coarse before fine, first those where drums play."""
    drums = sorted(note[0] for note in plan.given_drums())
    bars = sorted(
        (bar for bar in range(plan.whole_bars) if plan.write is None or bar in plan.write), key=_turn
    )
    for grid in _GRIDS:
        steps = range(math.ceil(plan.bar_beats * grid - 1e-9))
        places = {step: [bar * plan.bar_beats + step / grid for bar in bars] for step in steps}
        times = {step: [swung_time(start, *swing) for start in starts] for step, starts in places.items()}
        with_drums = {step: sum(_is_among(drums, time) for time in times[step]) for step in steps}
        for step in sorted(steps, key=lambda step: (-with_drums[step], -_weight(plan, step / grid), step)):
            for bar, time in zip(bars, times[step], strict=True):
                is_inside = plan.bar_at(time) == bar and time < plan.beats - 1e-3
                is_swung = plan.feel.swing is None or not counts_as_off_beat(time, but_for=swing[0])
                if is_inside and is_swung:
                    yield time


def _is_among(times: Sequence[float], time: float) -> bool:
    place = bisect_left(times, time - 0.03)
    return place < len(times) and times[place] <= time + 0.03


@dataclass(slots=True)
class _Filling:
    """Notes to which strokes are added."""

    plan: Plan
    kind: str
    sounding: list[BeatNote]
    hat: int
    """the drum that keeps the time"""

    def add(self, start: float) -> bool:
        """Add a stroke if there is room, and a pitch for it; return whether it was added."""
        gap = (ONE_STROKE_SECONDS + _MARGIN_SECONDS) * self.plan.bpm / 60
        place = bisect_right(self.sounding, start, key=lambda note: note[0])
        before = self.sounding[place - 1] if place else None
        after = self.sounding[place] if place < len(self.sounding) else None
        if (before is not None and start - before[0] < gap) or (after is not None and after[0] - start < gap):
            return False
        model = self._stroke_at(place - 1) if place else self._stroke_at(place)
        end = min(after[0] if after is not None else self.plan.beats, start + 1.0)
        for pitch in self._pitches(model, start, after):
            velocity = max(round(model[0][3] * _SOFTER), 1)
            insort(self.sounding, (start, start + (end - start) * _GATE, pitch, velocity))
        added = bisect_right(self.sounding, start, key=lambda note: note[0]) > place
        if added and self.kind != "drums":
            self._cut(place, start)
        return added

    def notes(self) -> Notes:
        return tuple(sorted(self.sounding))

    def _stroke_at(self, place: int) -> list[BeatNote]:
        onset = self.sounding[place][0]
        return [note for note in self.sounding[max(place - 8, 0) : place + 9] if abs(note[0] - onset) < 0.02]

    def _pitches(self, model: Sequence[BeatNote], start: float, after: BeatNote | None) -> list[int]:
        if self.kind == "drums":
            return [self.hat]
        chord = self.plan.chord_at(start)
        if self.plan.chords and not chord.tones:
            return []
        if chord == self.plan.chord_at(model[0][0]) and (len(model) > 1 or self.kind == "bass"):
            return [note[2] for note in model]
        if len(model) == 1 and self.kind != "bass":
            towards = model[0][2] if after is None else (model[0][2] + after[2]) / 2
            return [_nearest_tone(chord.tones, towards, but=model[0][2])]
        tones = chord.tones if self.kind != "bass" else frozenset({chord.bass or 0})
        return sorted({_nearest_tone(tones, note[2]) for note in model})

    def _cut(self, place: int, start: float) -> None:
        """Notes before the new stroke end where it begins."""
        for index in range(max(place - 12, 0), place):
            note = self.sounding[index]
            if note[1] > start:
                self.sounding[index] = (note[0], max(start, note[0] + 1e-3), *note[2:])


def _nearest_tone(tones: frozenset[int], pitch: float, but: int | None = None) -> int:
    """The nearest pitch of one of the tones, but for `but` if there is another; without tones the pitch."""
    nearby = [one for one in range(math.floor(pitch) - 9, math.ceil(pitch) + 10) if one % 12 in tones]
    others = [one for one in nearby if one != but] or [round(pitch)]
    return min(others, key=lambda one: (abs(one - pitch), one))
