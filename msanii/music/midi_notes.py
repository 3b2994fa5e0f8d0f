"""A MIDI file's tracks -> notes in quarter notes, each with the part that it plays. Pure Python.

A note sounds until its key and the sustain pedal are up. The rule for parts is `part_of`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from msanii.music.midi_file import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Event, MidiFile

BeatNote = tuple[float, float, int, int]
"""onset in beats, end in beats, pitch 0-127, velocity 1-127"""

Stroke = tuple[BeatNote, ...]
"""notes that begin together"""

# Onsets closer than this are one stroke, as `msanii.controls.features` counts.
ONE_STROKE_SECONDS = 0.04
# Drum machines write notes without length; a thirty-second note is long enough to be heard.
SHORTEST_BEATS = 0.125
DRUMS = "drums"
PERCUSSION = 9  # channel 10, counted from 0
_PEDAL, _SOUND_OFF, _RESET, _NOTES_OFF = 64, 120, 121, 123
_PEDAL_DOWN = 64

# The first that fits wins: a bass drum is a drum, and a string bass is a bass.
_NAMES = (
    (DRUMS, re.compile(r"drum|percussion|\bperc\b|\bbeat\b|\bkick|\bsnare|\bhi.?hat|\bcymbal|schlagzeug")),
    ("bass", re.compile(r"\bbass(?!oon)|basse\b|\bsub\b|contrabass|\b808\b")),
    ("pad", re.compile(r"\bpads?\b|string|choir|ambien|atmos|\bdrone")),
    ("lead", re.compile(r"\blead|melod|vocal|voice|\bvox\b|solo\b|theme|flute|sax|trumpet|violin|topline")),
    ("keys", re.compile(r"key|piano|rhodes|wurli|organ|guitar|chord|comp\b|harp|clav|pluck|t hand")),
)  # fmt: skip
# By General MIDI program, from 0: the first of the next group ends a group.
_PROGRAMS = (
    (32, "keys"), (40, "bass"), (44, "lead"), (45, "pad"), (48, "keys"), (55, "pad"), (56, "keys"),
    (88, "lead"), (104, "pad"), (120, "keys"), (128, "pad"),
)  # fmt: skip
_BASS_BELOW, _LEAD_FROM, _PAD_BEATS, _ONE_AT_A_TIME = 48, 60, 2.0, 0.9


def notes_by_part(file: MidiFile) -> dict[str, tuple[BeatNote, ...]]:
    """The file's notes, sorted, by the part that they play."""
    groups: dict[tuple[str, int], list[_Played]] = defaultdict(list)
    for (track, channel), events in _voices(file).items():
        # The two hands of a piano are two tracks, and only one of them may have the pedal.
        part = part_of(*_described(file, track, channel, events))
        groups[part, channel] += [_Played(track, event) for event in events]
    end_tick = max((track.end_tick for track in file.tracks), default=0)
    notes: dict[str, list[BeatNote]] = defaultdict(list)
    for (part, _), played in groups.items():
        for onset, end, pitch, velocity in _sounding(played, end_tick):
            start, until = (round(tick / file.ticks_per_beat, 6) for tick in (onset, end))
            notes[part].append((start, audible_end(start, until), pitch, velocity))
    return {part: tuple(sorted(found)) for part, found in notes.items() if found}


def together(parts: Mapping[str, Iterable[BeatNote]]) -> tuple[BeatNote, ...]:
    """The notes of all parts, sorted."""
    return tuple(sorted(note for notes in parts.values() for note in notes))


def strokes(notes: Iterable[BeatNote], bpm: float) -> list[Stroke]:
    """Sorted notes as strokes, in order."""
    found: list[list[BeatNote]] = []
    last = -math.inf
    for note in notes:
        if (note[0] - last) * 60 / bpm > ONE_STROKE_SECONDS:
            found.append([])
        found[-1].append(note)
        last = note[0]
    return [tuple(stroke) for stroke in found]


def audible_end(start_beats: float, end_beats: float) -> float:
    """The end of a note, later than its start even if the file gives it no length."""
    return end_beats if end_beats > start_beats else round(start_beats + SHORTEST_BEATS, 6)


def part_of(name: str, channel: int, program: int | None, notes: Sequence[tuple[float, float, int]]) -> str:
    """The part that a track plays: by its channel, its name, its program, then by what it plays.

    `notes` are onset, end and pitch, in quarter notes. Program 0 tells nothing, for it is what programs write
    that do not care.
    """
    if channel == PERCUSSION:
        return DRUMS
    lower = name.lower()
    for part, words in _NAMES:
        if words.search(lower):
            return part
    if program:
        return next(part for limit, part in _PROGRAMS if program < limit)
    if not notes:
        return "keys"
    pitch = fmean(note[2] for note in notes)
    is_line = len({note[0] for note in notes}) >= _ONE_AT_A_TIME * len(notes)
    if is_line and pitch < _BASS_BELOW:
        return "bass"
    if is_line and pitch >= _LEAD_FROM:
        return "lead"
    is_held = fmean(end - onset for onset, end, _ in notes) >= _PAD_BEATS
    return "pad" if is_held and not is_line else "keys"


def _voices(file: MidiFile) -> dict[tuple[int, int], list[Event]]:
    voices: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for number, track in enumerate(file.tracks):
        for event in track.events:
            voices[number, event.channel].append(event)
    return voices


def _described(
    file: MidiFile, track: int, channel: int, events: Sequence[Event]
) -> tuple[str, int, int | None, list[tuple[float, float, int]]]:
    # In a file of format 0 the name is the song's.
    name = file.tracks[track].name if file.kind == 1 else ""
    program = next((event.data[0] for event in events if event.kind == PROGRAM), None)
    played = [_Played(track, event) for event in events if event.kind in (NOTE_ON, NOTE_OFF)]
    ticks = file.ticks_per_beat
    held = _sounding(played, file.tracks[track].end_tick)
    return name, channel, program, [(onset / ticks, end / ticks, pitch) for onset, end, pitch, _ in held]


class _Played(NamedTuple):
    track: int
    event: Event


def _sounding(played: Sequence[_Played], end_tick: int) -> list[tuple[int, int, int, int]]:
    """Pair each note on with its end: onset, end, pitch and velocity, times in ticks."""
    keyboard = _Keyboard()
    # At one tick the pedal moves first: a chord struck as it goes up is a new one.
    for one in sorted(played, key=lambda one: (one.event.tick, one.event.kind != CONTROL)):
        keyboard.take(one)
    keyboard.all_off(end_tick)
    return keyboard.notes


_Key = tuple[int, int]  # track and pitch
_Struck = tuple[int, int]  # tick and velocity


class _Keyboard:
    """The keys and the pedal of one channel. A note without an end lasts to the end of the file."""

    def __init__(self) -> None:
        self.notes: list[tuple[int, int, int, int]] = []
        self._pressed: dict[_Key, deque[_Struck]] = defaultdict(deque)
        self._held: dict[_Key, deque[_Struck]] = defaultdict(deque)
        self._is_pedal_down = False

    def take(self, played: _Played) -> None:
        """Take the next event in time."""
        event = played.event
        number, value = event.data
        key = played.track, number
        if event.kind == CONTROL:
            self._control(event.tick, number, value)
        elif event.kind == NOTE_ON and value > 0:
            # Striking the key again ends what the pedal holds of it.
            self._end(self._held, key, event.tick)
            self._pressed[key].append((event.tick, value))
        elif event.kind in (NOTE_ON, NOTE_OFF) and self._pressed.get(key):
            struck = self._pressed[key].popleft()
            if self._is_pedal_down:
                self._held[key].append(struck)
            else:
                self.notes.append((struck[0], event.tick, number, struck[1]))

    def all_off(self, tick: int) -> None:
        """End all notes."""
        for sounding in (self._held, self._pressed):
            for key in list(sounding):
                self._end(sounding, key, tick)

    def _control(self, tick: int, number: int, value: int) -> None:
        if number in (_SOUND_OFF, _NOTES_OFF):
            self.all_off(tick)
        elif number == _RESET or (number == _PEDAL and value < _PEDAL_DOWN):
            self._is_pedal_down = False
            for key in list(self._held):
                self._end(self._held, key, tick)
        elif number == _PEDAL:
            self._is_pedal_down = True

    def _end(self, sounding: dict[_Key, deque[_Struck]], key: _Key, tick: int) -> None:
        for onset, velocity in sounding.pop(key, ()):
            self.notes.append((onset, tick, key[1], velocity))
