"""The score of a take, from its recipe, and changes of it: other chords, another key, other notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from bridge.library.recipes import Recipe
from bridge.messages import BeatNote, BridgeError
from msanii.errors import ChordError
from msanii.music.bars import read_bars
from msanii.music.chord_texts import bar_texts, joined_bars, progression_text, transposed_chords
from msanii.music.chords import ChordSpan, Meter, canonical_chords, parse_chords
from msanii.music.degrees import parse_key
from msanii.music.midi_notes import DRUMS
from msanii.music.parts import part_names, part_of_name
from msanii.music.progression_recognition import recognise_progression

_BAR_AND_CHORDS = re.compile(r"\s*(\d{1,6})[\s:=]+(\S.*)", re.ASCII | re.DOTALL)
_HIGHEST_PITCH = 127
_OCTAVE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a take plays: `own` are the parts in `notes` that are heard, the others were made with it."""

    bars: int
    meter: Meter
    chords: str
    key: str
    loop: bool
    own: tuple[str, ...]
    notes: Mapping[str, tuple[BeatNote, ...]]

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Return the score of a take that has one. Its own part has no number, if there are several."""
        request = recipe.request
        beats = request.timeline.quarters_at(request.seconds)
        length = beats / float(request.meter.bar_beats) if request.bars is None else request.bars
        notes = dict(recipe.notes)
        part = request.part_of(recipe.index)
        if request.arrangement:
            name = part_names(request.arrangement)[recipe.index]
            swapped = {name: part, part: name}
            notes = {swapped.get(other, other): played for other, played in notes.items()}
        return cls(
            bars=-int(-(length - 1e-9) // 1),
            meter=request.meter,
            chords=request.chords,
            key=request.key,
            loop=bool(request.loop),
            own=(part,) if part in notes or request.arrangement else tuple(notes),
            notes=notes,
        )

    def with_notes(self, played: Mapping[str, Sequence[BeatNote]]) -> Self:
        """Return it with other notes of its own parts."""
        others = {part: notes for part, notes in self.notes.items() if part not in self.own}
        own = {part: tuple(notes) for part, notes in played.items()}
        return replace(self, own=tuple(own), notes={**others, **own})

    def played_by(self, part: str) -> Self:
        """Return it with another part that plays its own notes; a part of that name is left out."""
        others = {name: notes for name, notes in self.notes.items() if name not in (*self.own, part)}
        own = sorted(note for name in self.own for note in self.notes.get(name, ()))
        return replace(self, own=(part,), notes={**others, part: tuple(own)})

    def with_chords(self, chords: str) -> Self:
        """Return it with other chords, in canonical spelling. Raises ChordError."""
        return replace(self, chords=canonical_chords(chords, key=self.key, meter=self.meter))

    def spans(self) -> tuple[ChordSpan, ...]:
        """Return its chords; those that its notes play, if it names none."""
        if self.chords:
            return parse_chords(self.chords, key=self.key, meter=self.meter)
        return recognise_progression(self.notes, self.meter, self.bars)

    def flat_notes(self) -> tuple[BeatNote, ...]:
        """Return the notes of all parts in order."""
        return tuple(note for note, _ in self._flat())

    def flat_parts(self) -> tuple[str, ...]:
        """Return the part of each of `flat_notes`."""
        return tuple(part for _, part in self._flat())

    def _flat(self) -> list[tuple[BeatNote, str]]:
        return sorted((note, part) for part, notes in self.notes.items() for note in notes)


def rechorded(score: Score, text: str) -> Score:
    """Return a score with the chords of some bars changed, as in `3 Dm, 4 G:2 C:2`.

    Raises ChordError and ScoreError, with the bar; BridgeError `value` for other text.
    """
    spans = score.spans()
    bars = bar_texts(spans, score.meter, score.bars) if spans else ["N.C."] * score.bars
    for item in text.split(","):
        match = _BAR_AND_CHORDS.fullmatch(item)
        if match is None:
            raise BridgeError(
                "value", f"`chord`: got `{item.strip()[:40]}`, expected a bar and its chord, such as `3 Dm`"
            )
        (bar,) = read_bars(match[1], score.bars)
        bars[bar] = _one_bar(match[2].strip(), bar, score)
    return score.with_chords(joined_bars(bars))


def _one_bar(text: str, bar: int, score: Score) -> str:
    try:
        spans = parse_chords(text, key=score.key, meter=score.meter)
    except ChordError as error:
        raise ChordError(f"chord of bar {bar + 1}: {error}") from error
    if not spans or abs(spans[-1].end_beats - float(score.meter.bar_beats)) > 1e-6:
        beats = f"{float(score.meter.bar_beats):g}"
        raise ChordError(
            f"chord of bar {bar + 1}: `{text[:40]}` does not fill it, expected {beats} quarter notes; write "
            "one chord, or lengths, as in `Dm:2 G:2`"
        )
    return progression_text(spans, score.meter)


def changed_chords(old: Score, new: Score) -> set[int]:
    """Return the bars whose chords differ; none if only the spelling does."""
    if old.chords == new.chords:
        return set()
    was, now = old.spans(), new.spans()
    if not now:
        return set()
    both = [_bars_of(spans, old) for spans in (was, now)]
    return {bar for bar in range(old.bars) if both[0][bar] != both[1][bar]}


def _bars_of(spans: Sequence[ChordSpan], score: Score) -> list[object]:
    """What sounds in each bar: for each chord its length, bass and tones."""
    if not spans:
        return [None] * score.bars
    bars: list[object] = []
    for text in bar_texts(spans, score.meter, score.bars):
        chords = parse_chords(text, key=score.key, meter=score.meter)
        bars.append([(span.end_beats, span.chord.bass, span.chord.tones) for span in chords])
    return bars


def moved_to_key(score: Score, key: str) -> Score:
    """Return a score in another key: notes and chords move by the shorter way, drums stay.

    Raises BridgeError `value` if the old key is not known, or if major becomes minor; ChordError.
    """
    old, new = parse_key(score.key), parse_key(key)
    if old is None or new is None:
        raise BridgeError(
            "value",
            f"`key`: got `{key}`, but the take names no key to transpose from; send the `notes` transposed"
            if old is None
            else "`key`: got nothing, expected a key, such as Eb major",
        )
    if old.scale != new.scale:
        raise BridgeError(
            "value",
            f"`key`: got `{key}`, expected one of the mode of `{score.key}`: notes are transposed, no more",
        )
    steps = (new.tonic - old.tonic) % _OCTAVE
    steps = steps - _OCTAVE if steps > _OCTAVE // 2 else steps
    notes = {
        part: played if part_of_name(part) == DRUMS else _transposed(played, steps)
        for part, played in score.notes.items()
    }
    chords = transposed_chords(score.chords, steps, key=score.key, meter=score.meter)
    return replace(score, notes=notes, chords=chords, key=key)


def _transposed(notes: Sequence[BeatNote], steps: int) -> tuple[BeatNote, ...]:
    return tuple((onset, end, _in_range(pitch + steps), velocity) for onset, end, pitch, velocity in notes)


def _in_range(pitch: int) -> int:
    if pitch < 0:
        return pitch + _OCTAVE
    return pitch - _OCTAVE if pitch > _HIGHEST_PITCH else pitch
