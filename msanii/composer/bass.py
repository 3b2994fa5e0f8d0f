"""Bass: a groove's line on the chords, with the kick of the drums that play."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from msanii.composer.bass_pitch import BassPitches
from msanii.composer.drums import human_beats, inside_bar
from msanii.composer.feel.swing import groove_swing, groove_time, moved_end, moved_time, swing_of
from msanii.composer.grooves.form import GrooveForm
from msanii.composer.grooves.groove import BASS, KICKS, BassStroke, Groove
from msanii.composer.plan import Notes, Plan
from msanii.music.midi_notes import BeatNote

# Velocity: at a kick of none, per velocity of the kick, with the kick, and of a ghost note.
_SOFTEST, _LIKE_KICK, _WITH_KICK, _GHOST_SHARE = 36, 0.46, 8, 0.5
_TOUCH = 3.0
_GHOST_SIGN, _APPROACH = "g", "a"
_GHOST_BEATS = 0.15
_INNER_DEGREES = frozenset("234567")
# Strokes this near are meant to be together.
_TOGETHER_BEATS = 0.07
_SAME_BEATS = 0.005
_SWING_TOLERANCE = 0.02
# A line of which fewer notes fall on a drum belongs to other drums.
_OWN_SHARE = 0.6
# A note that begins this near to the next chord and lasts into it is that chord's.
_TIE_BEATS = 0.5


def write_bass(plan: Plan, _part: str, random: np.random.Generator) -> Notes:
    """Play the groove's line on the plan's chords, in one voice; rests on N.C., silent without any chord.

    Where `given` has drums, each note falls on one of theirs: the groove's line if it fits, else the kick.
    """
    if plan.form is None or not any(span.chord.tones for span in plan.chords):
        return ()
    base = int(random.integers(2**62))
    drums = plan.given_drums()
    pitches = BassPitches.of(plan)
    line = _with_chord_changes(_in_order(_line(plan, plan.form, drums, base)), pitches)
    strokes = _with_roots_first(line, pitches)
    kicks = [note[0] for note in drums if note[2] in KICKS]
    touch = np.random.default_rng([base])
    level = _level(plan.form.groove)
    notes = []
    steps = 0  # how many notes there are from here to the one that is approached
    target: int | None = None
    for stroke, after in zip(reversed(strokes), [None, *reversed(strokes)], strict=False):
        steps = steps + 1 if stroke.sign == _APPROACH else 0
        pitch = _pitch(pitches, stroke, steps, target)
        target = target if steps else pitch
        if pitch is not None:
            end = after.beats if after is not None else plan.beats
            with_kick = bool(kicks) and abs(_nearest(kicks, stroke.beats) - stroke.beats) < _TOGETHER_BEATS
            velocity = level + _WITH_KICK * with_kick + _TOUCH * float(touch.standard_normal())
            notes.append(_note(stroke, pitch, end, plan.form.groove.gate, velocity))
    return tuple(sorted(notes))


def _line(plan: Plan, form: GrooveForm, drums: Sequence[BeatNote], base: int) -> list[BassStroke]:
    """The strokes of all bars, in beats from the start of the piece, when they are played."""
    own, asked = groove_swing(plan), swing_of(plan)[0]
    swings_anew = abs(own - asked) > _SWING_TOLERANCE
    onsets = [note[0] for note in drums]
    strokes: list[BassStroke] = []
    for bar in range(plan.whole_bars):
        start, end = bar * plan.bar_beats, (bar + 1) * plan.bar_beats
        line = []
        for one in form.strokes(form.groove.bass, bar):
            begins = groove_time(plan, start + one.beats)
            ends = groove_time(plan, start + one.beats + one.length_beats)
            if swings_anew:
                begins, ends = moved_time(begins, own, asked), moved_end(ends, own, asked)
            line.append(one._replace(beats=begins, length_beats=max(ends - begins, _SAME_BEATS)))
        here = drums[bisect_left(onsets, start - 1e-9) : bisect_left(onsets, end - 1e-9)]
        if here:
            strokes += _with_drums(line, here)
            continue
        player = np.random.default_rng([base, bar])
        off = [human_beats(form.groove, BASS, plan.bpm, player) for _ in line]
        strokes += [
            one._replace(beats=inside_bar(one.beats + late, bar, plan.bar_beats))
            for one, late in zip(line, off, strict=True)
        ]
    return strokes


def _with_drums(line: Sequence[BassStroke], drums: Sequence[BeatNote]) -> list[BassStroke]:
    """The line, each note at the time of the drum that it falls on; on the kick if it fits them badly."""
    onsets = [note[0] for note in drums]
    together = [
        one._replace(beats=_nearest(onsets, one.beats))
        for one in line
        if abs(_nearest(onsets, one.beats) - one.beats) <= _TOGETHER_BEATS
    ]
    kicks = sorted({note[0] for note in drums if note[2] in KICKS})
    if not kicks or (line and len(together) >= _OWN_SHARE * len(line)):
        return together
    ends = [*kicks[1:], kicks[-1] + 1.0]
    return [
        BassStroke(kick, end - kick, _sign_near(line, kick)) for kick, end in zip(kicks, ends, strict=True)
    ]


def _sign_near(line: Sequence[BassStroke], beats: float) -> str:
    """The degree that the line has about then; a ghost note or an approach becomes the root."""
    if not line:
        return "1"
    sign = min(line, key=lambda one: abs(one.beats - beats)).sign
    return sign if sign.isdigit() else "1"


def _nearest(onsets: Sequence[float], beats: float) -> float:
    """The nearest of some onsets in rising order."""
    place = bisect_left(onsets, beats)
    return min(onsets[max(place - 1, 0) : place + 1], key=lambda onset: abs(onset - beats))


def _in_order(strokes: Iterable[BassStroke]) -> list[BassStroke]:
    """Sorted, one at a time."""
    kept: list[BassStroke] = []
    for stroke in sorted(strokes):
        if not kept or stroke.beats - kept[-1].beats > _SAME_BEATS:
            kept.append(stroke)
    return kept


def _with_chord_changes(strokes: list[BassStroke], pitches: BassPitches) -> list[BassStroke]:
    """Add the root where a chord comes and the line does not say so within a beat."""
    added = list(strokes)
    onsets = [stroke.beats for stroke in strokes]
    for before, span in zip([None, *pitches.spans], pitches.spans, strict=False):
        if not span.chord.tones or (before is not None and before.chord.bass == span.chord.bass):
            continue
        start = span.start_beats
        patience = min(1.0, span.end_beats - start)
        place = bisect_left(onsets, start - _TIE_BEATS + 0.02)
        if place == len(onsets) or onsets[place] >= start + patience - 0.02:
            added.append(BassStroke(start, span.end_beats - start, "1"))
    return _in_order(added)


def _with_roots_first(strokes: list[BassStroke], pitches: BassPitches) -> list[BassStroke]:
    """Let each chord begin with its bass note, whichever degree the line has there."""
    rooted: list[BassStroke] = []
    sounding: int | None = None
    for stroke in strokes:
        chord = pitches.spans[pitches.span_at(stroke.beats, stroke.length_beats, _TIE_BEATS)].chord
        if chord.bass != sounding and stroke.sign in _INNER_DEGREES:
            stroke = stroke._replace(sign="1")
        sounding = chord.bass
        rooted.append(stroke)
    return rooted


def _pitch(pitches: BassPitches, stroke: BassStroke, steps: int, target: int | None) -> int | None:
    index = pitches.span_at(stroke.beats, stroke.length_beats, _TIE_BEATS)
    if stroke.sign == _APPROACH:
        return pitches.approach(index, steps, target)
    return pitches.degree(index, stroke.sign)


def _level(groove: Groove) -> float:
    """The bass is as soft as the groove's kick, or as its drums without one."""
    strokes = [stroke for bar in groove.drums.pattern for stroke in bar]
    kicks = [stroke.velocity for stroke in strokes if stroke.drum in KICKS]
    played = kicks or [stroke.velocity for stroke in strokes] or [84]
    return _SOFTEST + _LIKE_KICK * sum(played) / len(played)


def _note(stroke: BassStroke, pitch: int, end: float, gate: float, velocity: float) -> BeatNote:
    """The note as it is played: shorter than the time to the next."""
    span = min(stroke.length_beats, end - stroke.beats)
    if stroke.sign == _GHOST_SIGN:
        velocity, span = velocity * _GHOST_SHARE, min(span, _GHOST_BEATS)
    return stroke.beats, stroke.beats + span * gate, pitch, min(max(round(velocity), 1), 127)
