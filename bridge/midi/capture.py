"""Capture of chords and notes from MIDI keys.

Keys pressed at almost the same time form one chord, as do keys added while all the others stay down. The next
chord begins with a key pressed after another was released, or long after the chord was complete.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from bridge.messages import BeatNote
from bridge.messages.midi import Timing
from bridge.midi.chord_recognition import RecognisedChord, recognise
from bridge.midi.played_notes import PlayedNote
from msanii.limits import MOST_NOTES

STRUM_SECONDS = 0.15
_STANDS_SECONDS = 0.5  # a chord of three tones held this long is complete; the next key starts a new chord
_CHORD_TONES = 3
MOST_CHORDS = 256
_LONGEST_BEATS = 64


@dataclass(slots=True)
class _Group:
    """The keys of one chord. `carried` maps keys still held from the chord before to their release times."""

    began_seconds: float
    last_seconds: float
    keys: set[int] = field(default_factory=set)
    carried: dict[int, float | None] = field(default_factory=dict)
    any_released: bool = False
    ended_seconds: float | None = None

    def pitches(self) -> set[int]:
        """Return the chord's notes: its own, and carried ones unless released right after it began."""
        kept = {
            key
            for key, released in self.carried.items()
            if released is None or released - self.began_seconds > 2 * STRUM_SECONDS
        }
        return self.keys | kept


class Captured:
    """Records both the chords and the single notes played. Times are seconds of any monotonic clock."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int, int], int] = {}
        self._groups: list[_Group] = []
        self._notes: list[PlayedNote] = []

    @property
    def held(self) -> set[int]:
        """The MIDI pitches of the keys held down."""
        return set(self._held.values())

    def press(self, port: str, channel: int, pitch: int, velocity: int, at_seconds: float) -> None:
        """Record a key press."""
        others = self.held
        self._held[port, channel, pitch] = pitch
        if len(self._notes) < MOST_NOTES:
            self._notes.append(PlayedNote(at_seconds, pitch, velocity))
        group = self._groups[-1] if self._groups else None
        if group is None or not others or self._is_next(group, at_seconds):
            if len(self._groups) >= MOST_CHORDS:
                return
            self._groups.append(_Group(at_seconds, at_seconds, {pitch}, dict.fromkeys(others)))
            return
        group.keys.add(pitch)
        group.last_seconds = at_seconds

    def release(self, port: str, channel: int, pitch: int, at_seconds: float) -> bool:
        """Record a key release. Return True if no key is held any more."""
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
        """Release all keys."""
        for port, channel, pitch in list(self._held):
            self.release(port, channel, pitch, at_seconds)

    def undo(self, what: str) -> None:
        """Remove the last chord, or with `notes` the last note."""
        if what == "notes":
            del self._notes[-1:]
        elif self._groups:
            began = self._groups.pop().began_seconds
            self._notes = [note for note in self._notes if note.onset_seconds < began]

    def clear(self) -> None:
        """Discard all chords and notes; keys that are held stay held."""
        self._groups.clear()
        self._notes.clear()

    def chords(self) -> list[RecognisedChord]:
        """Return all chords so far, including the one being held."""
        named = (recognise(group.pitches()) for group in self._groups)
        return [chord for chord in named if chord is not None]

    def last_chord(self) -> RecognisedChord | None:
        """Return the latest chord, or None before the first."""
        return recognise(self._groups[-1].pitches()) if self._groups else None

    def held_chord(self) -> RecognisedChord | None:
        """Return the chord of the keys held down, or None if there are none."""
        return recognise(self.held)

    def progression(self, timing: Timing, bpm: float, bar_beats: float) -> tuple[str, float]:
        """Return the chords in the syntax of the `chords` parameter, and their length in bars.

        With timing `free` each chord lasts one bar. With `bar` it lasts until the next one, in whole beats,
        and the length is rounded up to whole bars.
        """
        names = [chord.name for chord in self.chords()]
        if timing == "free":
            return " ".join(names), float(len(names))
        beats = self._beats(bpm)
        text = " ".join(f"{name}:{count}" for name, count in zip(names, beats, strict=True))
        return text, float(math.ceil(sum(beats) / bar_beats - 1e-6))

    def notes(self, bpm: float) -> tuple[BeatNote, ...]:
        """Return the notes, in quarter notes from the first onset; held notes end with the latest event."""
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
        """Return how many bars the notes fill, at least 1; up to 1/16 bar past a bar line is ignored."""
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
