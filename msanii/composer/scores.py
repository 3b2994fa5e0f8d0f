"""Scores with composed notes: what a score asks to be written, and the same score with its notes.

Times are beats, that is quarter notes from the start of the piece, where a name does not say seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from msanii.composer.compose import can_write, compose
from msanii.composer.grooves.choice import chosen_groove
from msanii.composer.grooves.library import Grooves, shipped_grooves
from msanii.composer.plan import Notes, Plan
from msanii.composer.progressions import with_chords
from msanii.errors import ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.midi_notes import DRUMS, together
from msanii.music.midi_writing import TICKS_PER_BEAT, head_of, on_ticks, to_midi
from msanii.music.parts import part_names
from msanii.music.score import Note, Score
from msanii.music.sounds import SOUNDS_OF_PART

# A mix is shown to the model by its notes with pitches; it plays drums of its own.
_OF_A_MIX = ("keys", "bass", "lead")
# Several parts have some sounds in common: who asks for strings alone means a pad.
_BY_SOUND = ("drums", "bass", "keys", "pad", "lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A score with its notes, and the same notes in beats, with their sounds, by the parts that play them."""

    score: Score
    notes: Mapping[str, Notes] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)

    def midi(self, part: str = "") -> bytes | None:
        """A MIDI file of one part, "" for all of them; None if there are no notes."""
        heard = {name: notes for name, notes in self.notes.items() if notes and part in ("", name)}
        return to_midi(heard, head_of(self.score), self.sounds) if heard else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreComposer:
    """Composes what scores ask for, in a `style` ("" leaves it open) of `grooves` (None: the program's).

    With `loop` the last bar leads into the first, and notes may ring over the seam. `groove_seed` is the seed
    that chose the groove of what is there, if no style does; other seeds then vary that groove. Methods
    raise ScoreError for more notes than a recipe holds, and GrooveError for a style that is unknown or not in
    the meter.
    """

    style: str = ""
    loop: bool = False
    grooves: Grooves | None = None
    groove_seed: int | None = None

    def with_notes(self, score: Score, seed: int) -> Written:
        """Compose what a score's part plays; a score that has notes keeps them.

        A mix gets the notes of its pitched parts, a score without a part those of the part that its sound
        suggests.
        """
        if score.notes:
            return as_given(score)
        parts, sounds = written_parts(score)
        notes = self.written(score, parts, sounds, seed)
        merged = together(notes)
        played = replace(score, notes=score.timed(merged))
        return Written(score=played, notes=notes, sounds=dict(zip(parts, sounds, strict=False)))

    def arranged(
        self,
        score: Score,
        parts: Sequence[str],
        sounds: Sequence[str] = (),
        given: Sequence[tuple[Note, ...]] = (),
        *,
        seed: int,
    ) -> Written:
        """Compose the parts of an arrangement together, by name; `given` has one entry a part, or none.

        A part with notes keeps them, and the others are written to it. The score's own notes go to the first
        part that has pitches. A part that nothing is written for plays freely: it has no notes.
        """
        names = part_names(parts)
        there = {name: score.in_quarters(notes) for name, notes in zip(names, given, strict=False) if notes}
        if score.notes and not there:
            pitched = next((place for place, part in enumerate(parts) if part != DRUMS), 0)
            there = {names[pitched]: score.in_quarters(score.notes)}
        own = dict(zip(names, sounds, strict=False))
        asked = tuple(name for name in names if name not in there and can_write(name))
        sounded = tuple(own.get(name, "") for name in asked)
        new = self.written(score, asked, sounded, seed, given=there)
        notes = {name: there.get(name) or new.get(name, ()) for name in names}
        return Written(score=score, notes=notes, sounds=own)

    def written(
        self,
        score: Score,
        parts: Sequence[str],
        sounds: Sequence[str],
        seed: int,
        *,
        given: Mapping[str, Notes] | None = None,
        write: Iterable[int] | None = None,
    ) -> Mapping[str, Notes]:
        """Compose parts to a score, as `compose` does; every note is one that a MIDI file can hold.

        Without chords the composer chooses some, which the score does not show: its notes say enough.
        Raises ScoreError for more notes, with those `given`, than a recipe holds.
        """
        plan = Plan(
            bars=score.length_bars,
            parts=tuple(parts),
            sounds=tuple(sounds),
            bpm=score.bpm,
            meter=score.meter,
            chords=score.chords,
            key=score.key,
            feel=score.feel,
            style=self.style,
            loop=self.loop,
            given=given or {},
            write=None if write is None else frozenset(write),
        )
        if self.groove_seed is not None and not self.style:
            random = np.random.default_rng([self.groove_seed])
            groove = chosen_groove(plan, self.grooves or shipped_grooves(), random)
            plan = replace(plan, style=groove.name)
        plan = with_chords(plan, np.random.default_rng([seed, *b"chords"]))
        last = float("inf") if self.loop else plan.beats
        notes = {part: playable(found, last) for part, found in compose(plan, seed, self.grooves).items()}
        count = sum(map(len, (*plan.given.values(), *notes.values())))
        if count > MOST_NOTES:
            raise ScoreError(
                f"compose: {count} notes in {plan.bars:g} bars, expected at most {MOST_NOTES}; ask for fewer "
                "bars or parts, or for `compose off`"
            )
        return notes


def as_given(score: Score) -> Written:
    """A score with the notes that it has, if any."""
    part = parts_of(score)[0]
    notes = {part: score.in_quarters(score.notes)} if score.notes else {}
    return Written(score=score, notes=notes, sounds={part: (*score.sounds, "")[0]})


def parts_of(score: Score) -> tuple[str, ...]:
    """The parts whose notes a score shows: its own, those of a mix, or the one that its sounds suggest."""
    if score.part == "mix":
        return _OF_A_MIX
    if score.part:
        return (score.part,)
    likely = (part for part in _BY_SOUND if set(score.sounds) & set(SOUNDS_OF_PART[part]))
    return (next(likely, "keys"),)


def written_parts(score: Score) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of `parts_of` that the composer writes, and the sound of each; no sounds if they are open."""
    parts = tuple(filter(can_write, parts_of(score)))
    sounds = tuple(sound_of(part, score.sounds) for part in parts) if len(parts) > 1 else score.sounds[:1]
    return parts, sounds


def sound_of(part: str, sounds: Sequence[str]) -> str:
    """The sound among several that plays a part; "" if none of them does."""
    return next((sound for sound in sounds if sound in SOUNDS_OF_PART.get(part, ())), "")


def playable(notes: Iterable[tuple[float, float, int, int]], last_beats: float) -> Notes:
    """Notes on the grid of a MIDI file that end by `last_beats`, and before their key is struck again."""
    ends: dict[int, float] = {}
    found = []
    for onset, end, pitch, velocity in sorted(notes, reverse=True):
        start = on_ticks(onset)
        until = min(max(on_ticks(end), on_ticks(start + 1 / TICKS_PER_BEAT)), ends.get(pitch, last_beats))
        if until > start:
            found.append((start, until, pitch, velocity))
            ends[pitch] = start
    return tuple(sorted(found))
