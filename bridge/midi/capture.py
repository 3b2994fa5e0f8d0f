"""What is played on the keys: which are held, the chords one after another, the notes with their times.

One chord is what sounds together: keys pressed within a moment of each other, or added while all the others
stay down. Another begins when a key is pressed after one was let go, or long after the chord stood.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from bridge.messages import BeatNote
from bridge.messages.midi import Timing
from bridge.midi.chord_recognition import RecognisedChord, recognise
from msanii.limits import MOST_NOTES

STRUM_SECONDS = 0.15
_STANDS_SECONDS = 0.5  # a chord of three tones that stood so long is not built any further
_CHORD_TONES = 3
MOST_CHORDS = 256
_LONGEST_BEATS = 64


@dataclass(slots=True)
class _Group:
    """Keys that sound together; `carried` are those of the chord before that are still held."""

    began_seconds: float
    last_seconds: float
    keys: set[int] = field(default_factory=set)
    carried: dict[int, float | None] = field(default_factory=dict)
    any_released: bool = False
    ended_seconds: float | None = None

    def pitches(self) -> set[int]:
        """The chord's notes: its own, and carried ones unless they were let go right at its start."""
        kept = {
            key
            for key, released in self.carried.items()
            if released is None or released - self.began_seconds > 2 * STRUM_SECONDS
        }
        return self.keys | kept


@dataclass(slots=True)
class _PlayedNote:
    onset_seconds: float
    pitch: int
    velocity: int
    end_seconds: float | None = None


class Captured:
    """Collects what is played, by chords and by notes at once; times in seconds of any steady clock."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int, int], int] = {}
        self._groups: list[_Group] = []
        self._notes: list[_PlayedNote] = []

    @property
    def held(self) -> set[int]:
        """The pitches held now."""
        return set(self._held.values())

    def press(self, port: str, channel: int, pitch: int, velocity: int, at_seconds: float) -> None:
        """A key goes down."""
        others = self.held
        self._held[port, channel, pitch] = pitch
        if len(self._notes) < MOST_NOTES:
            self._notes.append(_PlayedNote(at_seconds, pitch, velocity))
        group = self._groups[-1] if self._groups else None
        if group is None or not others or self._is_next(group, at_seconds):
            if len(self._groups) >= MOST_CHORDS:
                return
            self._groups.append(_Group(at_seconds, at_seconds, {pitch}, dict.fromkeys(others)))
            return
        group.keys.add(pitch)
        group.last_seconds = at_seconds

    def release(self, port: str, channel: int, pitch: int, at_seconds: float) -> bool:
        """A key goes up; True when it was the last one held."""
        if self._held.pop((port, channel, pitch), None) is None:
            return False
        for note in reversed(self._notes):
            if note.pitch == pitch and note.end_seconds is None:
                note.end_seconds = at_seconds
                break
        if self._groups:
            group = self._groups[-1]
            if pitch in group.carried and group.carried[pitch] is None:
                group.carried[pitch] = at_seconds
            if pitch in group.keys:
                group.any_released = True
            if not self._held:
                group.ended_seconds = at_seconds
        return not self._held

    def let_go(self, at_seconds: float) -> None:
        """Every key goes up."""
        for port, channel, pitch in list(self._held):
            self.release(port, channel, pitch, at_seconds)

    def undo(self, what: str) -> None:
        """Takes back the last chord, or the last note."""
        if what == "notes":
            del self._notes[-1:]
        elif self._groups:
            began = self._groups.pop().began_seconds
            self._notes = [note for note in self._notes if note.onset_seconds < began]

    def clear(self) -> None:
        """Forgets what was played; keys that are held stay held."""
        self._groups.clear()
        self._notes.clear()

    def chords(self) -> list[RecognisedChord]:
        """The chords so far, the one that sounds among them."""
        named = (recognise(group.pitches()) for group in self._groups)
        return [chord for chord in named if chord is not None]

    def last_chord(self) -> RecognisedChord | None:
        """The newest chord."""
        return recognise(self._groups[-1].pitches()) if self._groups else None

    def held_chord(self) -> RecognisedChord | None:
        """The chord of the keys that are held now."""
        return recognise(self.held)

    def progression(self, timing: Timing, bpm: float, bar_beats: float) -> tuple[str, float]:
        """The chords as `chords` reads them, and their length in bars (at least one, if there are any).

        `free` gives each chord a bar; `bar` the whole beats from its start to the next one's.
        """
        names = [chord.name for chord in self.chords()]
        if timing == "free":
            return " ".join(names), float(len(names))
        beats = self._beats(bpm)
        text = " ".join(f"{name}:{count}" for name, count in zip(names, beats, strict=True))
        return text, float(math.ceil(sum(beats) / bar_beats - 1e-6))

    def notes(self, bpm: float) -> tuple[BeatNote, ...]:
        """The notes in quarter notes, from the first one on; one that is held still ends with the last."""
        if not self._notes:
            return ()
        start = self._notes[0].onset_seconds
        latest = max(note.end_seconds or note.onset_seconds for note in self._notes)
        beat_seconds = 60 / bpm
        found = []
        for note in self._notes:
            onset = round((note.onset_seconds - start) / beat_seconds, 6)
            end = round(((note.end_seconds or latest) - start) / beat_seconds, 6)
            found.append((onset, max(end, onset + 1 / 16), note.pitch, note.velocity))
        return tuple(sorted(found))

    @staticmethod
    def bars(notes: tuple[BeatNote, ...], bar_beats: float) -> float:
        """How many bars hold the notes; a last note that hangs over by a sixteenth needs no other."""
        length = max((end for _, end, _, _ in notes), default=0.0)
        return float(max(1, math.ceil(length / bar_beats - 1 / 16)))

    def _beats(self, bpm: float) -> list[int]:
        starts = [group.began_seconds for group in self._groups]
        last = self._groups[-1] if self._groups else None
        if last is not None:
            ended = last.ended_seconds
            starts.append(last.last_seconds + 60 / bpm if ended is None else ended)
        lengths = (later - sooner for sooner, later in itertools.pairwise(starts))
        return [min(_LONGEST_BEATS, max(1, round(seconds * bpm / 60))) for seconds in lengths]

    @staticmethod
    def _is_next(group: _Group, at_seconds: float) -> bool:
        if at_seconds - group.last_seconds <= STRUM_SECONDS:
            return False
        tones = {pitch % 12 for pitch in group.pitches()}
        stands = len(tones) >= _CHORD_TONES and at_seconds - group.last_seconds > _STANDS_SECONDS
        return group.any_released or stands
