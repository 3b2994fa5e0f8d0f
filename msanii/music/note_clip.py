"""A clip of notes in quarter notes: its bars, its parts and where it begins. Pure Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msanii.errors import ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.midi_notes import DRUMS, BeatNote, part_of
from msanii.music.parts import part_names
from msanii.music.sounds import PARTS

# A note that rings so little over the last bar line needs no other bar.
_OVERHANG_BEATS = 0.25
_MIX = "mix"


def notes_error(name: str, what: str) -> ScoreError:
    """An error about a file of notes: what is wrong, and what to do."""
    return ScoreError(f"notes `{name}`: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteClip:
    """A file's notes, with tempo (`bpm`, quarter notes per minute) and meter, None if the file has none.

    `notes` are those that have pitches; in a file of drums alone, the drums. `parts` are the notes by the
    part that plays them, see `midi_notes.part_of`. `tempo_changes` counts tempos after the first. `no_meter`
    is a time signature as the file has it that is none, such as 0/4. `pickup_beats` is the length of a first
    bar that the file's meters make shorter.
    """

    name: str
    notes: tuple[BeatNote, ...]
    length_beats: float
    bpm: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    parts: Mapping[str, tuple[BeatNote, ...]] = field(default_factory=dict)
    tempo_changes: int = 0
    no_meter: str = ""
    pickup_beats: float = 0.0

    def bars(self, numerator: int, denominator: int) -> int:
        """The number of bars of a meter that hold the clip, at least 1, by its end mark.

        A last note that rings over the bar line by a sixteenth or less needs no other bar.
        """
        bar_beats = 4 * numerator / denominator
        last_onset = max((note[0] for note in self.notes), default=0.0)
        begun = math.floor(last_onset / bar_beats + 1e-3) + 1
        return max(begun, math.ceil((self.length_beats - _OVERHANG_BEATS) / bar_beats))

    def of_part(self, part: str) -> NoteClip:
        """The clip with the notes of one part alone; with no part, or for a mix, the clip itself.

        If one part alone has pitches, it plays whatever part is asked. Raises ScoreError for a part that is
        not there.
        """
        if part in ("", _MIX) or not self.parts:
            return self
        pitched = [name for name in self.parts if name != DRUMS]
        if part in self.parts or len(pitched) == 1:
            return replace(self, notes=self.parts.get(part) or self.parts[pitched[0]])
        raise notes_error(
            self.name,
            f"no track plays {part}, expected one of {', '.join(self.parts)}; ask for one of them, or name "
            "the track after its part",
        )

    def require_free(self, part: str) -> None:
        """Raise ScoreError if the clip plays a part already, so that it is not missing."""
        if part in self.parts:
            others = [other for other in PARTS if other not in self.parts and other != _MIX]
            raise notes_error(
                self.name,
                f"plays {part} already; ask for another part, such as {', '.join(others)}, or leave out the "
                f"file that plays {part}",
            )

    @property
    def lone_part(self) -> str:
        """`drums` for a file of drums alone, whose notes have no pitches; otherwise any part may play it."""
        return DRUMS if set(self.parts) == {DRUMS} else ""

    def of_parts(self, parts: Sequence[str]) -> tuple[tuple[BeatNote, ...], ...]:
        """The notes of each part of an arrangement; of none for a part that the file lacks.

        A repeated part has notes of its own if the file numbers it, as in keys_2, or those of the first.
        If the file has none of the parts, the first that has pitches plays all. Raises ScoreError if only
        drums are asked for, and the file has none.
        """
        named = zip(part_names(parts), parts, strict=True)
        found = [self.parts.get(name, self.parts.get(part, ())) for name, part in named]
        if not any(found):
            pitched = next((place for place, part in enumerate(parts) if part != DRUMS), 0)
            found[pitched] = self.of_part(parts[pitched]).notes
        return tuple(found)

    def from_beats(self, beats: float | None) -> NoteClip:
        """The clip from a place on, in quarter notes; what begins before is left out.

        With None it is whole, and a short first bar ends on a bar line: there is a rest before it. Raises
        ScoreError if no notes are left.
        """
        if beats is None:
            bar_beats = 4 * (self.numerator or 4) / (self.denominator or 4)
            return self._moved(bar_beats - self.pickup_beats) if self.pickup_beats else self
        moved = self._moved(-beats)
        if not moved.notes:
            raise notes_error(
                self.name, f"no notes begin after {beats:g} quarter notes; choose an earlier place"
            )
        return moved

    def _moved(self, beats: float) -> NoteClip:
        def moved(notes: Iterable[BeatNote]) -> tuple[BeatNote, ...]:
            return tuple(
                (round(max(0.0, onset + beats), 6), round(end + beats, 6), pitch, velocity)
                for onset, end, pitch, velocity in notes
                if onset + beats > -1e-6
            )

        return replace(
            self,
            notes=moved(self.notes),
            parts={part: found for part, notes in self.parts.items() if (found := moved(notes))},
            length_beats=max(0.0, self.length_beats + beats),
            pickup_beats=0.0,
        )


def merged(clips: Sequence[NoteClip]) -> NoteClip:
    """One clip of what several play together from their starts, with the first tempo and meter that any has.

    A part that several play is numbered, as in keys_2; notes without a part play what they suggest. Raises
    ScoreError without clips, for more notes than a request may have, and for meters that differ.
    """
    if not clips:
        raise ScoreError("notes: got no files, expected those of the parts that play")
    name = ", ".join(clip.name for clip in clips)
    clips = [clip.from_beats(None) for clip in clips]
    played = [(part, notes) for clip in clips for part, notes in _parts_of(clip)]
    parts = dict(
        zip(
            part_names([part.partition("_")[0] for part, _ in played]),
            [notes for _, notes in played],
            strict=True,
        )
    )
    count = sum(map(len, parts.values()))
    if count > MOST_NOTES:
        raise notes_error(name, f"{count} notes, expected at most {MOST_NOTES}; send a shorter part")
    metered = [clip for clip in clips if clip.numerator is not None]
    if len({(clip.numerator, clip.denominator) for clip in metered}) > 1:
        meters = ", ".join(f"{clip.numerator}/{clip.denominator} in `{clip.name}`" for clip in metered)
        raise notes_error(name, f"their meters differ ({meters}); send files of one meter")
    timed = next((clip for clip in clips if clip.bpm is not None), clips[0])
    in_meter = metered[0] if metered else clips[0]
    pitched = [notes for part, notes in parts.items() if part.partition("_")[0] != DRUMS]
    return replace(
        in_meter,
        name=name,
        notes=tuple(sorted(note for notes in pitched or parts.values() for note in notes)),
        parts=parts,
        bpm=timed.bpm,
        tempo_changes=timed.tempo_changes,
        length_beats=max(clip.length_beats for clip in clips),
    )


def _parts_of(clip: NoteClip) -> list[tuple[str, tuple[BeatNote, ...]]]:
    if clip.parts:
        return list(clip.parts.items())
    heard = [(onset, end, pitch) for onset, end, pitch, _ in clip.notes]
    return [(part_of(clip.name, 0, None, heard), clip.notes)]
