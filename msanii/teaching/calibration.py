"""The calibration: five minutes of notes that show an instrument's sound, as a MIDI file.

The musician plays the file through the instrument and records it. All times are in quarter notes; a pitch is
a MIDI key, 60 for C4.
"""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import mido

from msanii.errors import ScoreError
from msanii.music.drum_kit import (
    CLOSED_HAT,
    CRASH,
    FLOOR_TOM,
    HIGH_TOM,
    KICK,
    LOW_TOM,
    MID_TOM,
    OPEN_HAT,
    RIDE,
    RIM,
    SNARE,
)
from msanii.music.midi_notes import PERCUSSION, BeatNote
from msanii.music.midi_writing import TICKS_PER_BEAT

BPM = 120
BEATS = 600  # five minutes
DEFAULT_RANGE = "C2-C6"
_LOWEST_KEY, _HIGHEST_KEY, _NARROWEST = 21, 108, 12
_NOTE = re.compile(r"([A-Ga-g])([#b♯♭]?)(-?\d)")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_VELOCITIES = (96, 40, 112, 64, 80, 127, 52)
# An uneven rhythm, which no other place of the file has.
_LEAD_IN_BEATS = 8.0
_LEAD_IN = (0.0, 1.0, 1.75, 2.0, 3.0)
_CHORDS = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 4, 7, 11),
    (0, 3, 7, 10),
    (0, 5, 7),
    (0, 4, 7, 10),
    (0, 7, 12),
    (0, 3, 6),
)
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_DRUMS = (
    KICK, SNARE, CLOSED_HAT, OPEN_HAT, RIM, CRASH, RIDE, HIGH_TOM, MID_TOM, LOW_TOM, FLOOR_TOM,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The lowest and the highest key that the calibration plays."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The notes, sorted, and the beat at which each kind of playing begins, by its name."""

    notes: tuple[BeatNote, ...]
    sections: tuple[tuple[float, str], ...]
    is_kit: bool


def read_range(text: str) -> KeyRange:
    """Parse a range such as C2-C6, with C4 for middle C (key 60). Raises ScoreError."""
    found = re.fullmatch(rf"\s*({_NOTE.pattern})\s*(?:-|to|–)\s*({_NOTE.pattern})\s*", text)
    low, high = (_key(found[1]), _key(found[5])) if found else (0, 0)
    if not _LOWEST_KEY <= low <= high - _NARROWEST <= _HIGHEST_KEY - _NARROWEST:
        raise ScoreError(
            f"range: got {text[:40]!r}, expected two notes from A0 to C8, an octave or more apart, such as "
            f"{DEFAULT_RANGE}; C4 is middle C, which Live calls C3"
        )
    return KeyRange(low, high)


def _key(name: str) -> int:
    step, accidental, octave = _NOTE.fullmatch(name).groups()  # type: ignore[union-attr]
    return 12 * (int(octave) + 1) + _STEPS[step.upper()] + _ACCIDENTALS[accidental]


def pitched_calibration(keys: KeyRange) -> Calibration:
    """Single notes over the range at all strengths and lengths, chords, legato, staccato and phrases."""
    return _assembled(
        keys.low + (keys.high - keys.low) // 2,
        [
            (0.2, "single notes", lambda: _single_notes(keys)),
            (0.1, "long notes", lambda: _long_notes(keys)),
            (0.22, "chords", lambda: _chords(keys)),
            (0.12, "legato", lambda: _line(keys, legato=True)),
            (0.12, "staccato", lambda: _line(keys, legato=False)),
            (0.24, "phrases", lambda: _phrases(keys)),
        ],
        is_kit=False,
    )


def kit_calibration() -> Calibration:
    """Single strokes of each drum at all strengths, rolls, then patterns with fills."""
    return _assembled(
        SNARE,
        [(0.3, "single strokes", _strokes), (0.15, "rolls", _rolls), (0.55, "patterns", _patterns)],
        is_kit=True,
    )


def to_midi(calibration: Calibration) -> bytes:
    """A standard MIDI file of format 1: a track of tempo and markers, then a track of notes.

    It changes no program, so that the instrument keeps its sound.
    """
    channel = PERCUSSION if calibration.is_kit else 0
    head: list[tuple[int, int, mido.Message | mido.MetaMessage]] = [
        (0, 0, mido.MetaMessage("set_tempo", tempo=60_000_000 // BPM)),
        (0, 0, mido.MetaMessage("time_signature", numerator=4, denominator=4)),
    ]
    head += [(_ticks(beat), 0, mido.MetaMessage("marker", text=name)) for beat, name in calibration.sections]
    notes: list[tuple[int, int, mido.Message | mido.MetaMessage]] = []
    for onset, end, pitch, velocity in calibration.notes:
        # Within a tick, a note off comes before a note on.
        notes.append((_ticks(end), 0, mido.Message("note_off", channel=channel, note=pitch)))
        notes.append(
            (_ticks(onset), 1, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity))
        )
    name = mido.MetaMessage("track_name", name="calibration drums" if calibration.is_kit else "calibration")
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks = [_track(head), _track([(0, -1, name), *notes])]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _track(timed: list[tuple[int, int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(timed, key=lambda item: item[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=_ticks(BEATS) - now))
    return track


def _ticks(beats: float) -> int:
    return round(beats * TICKS_PER_BEAT)


_Piece = tuple[float, list[BeatNote]]
"""The length of a piece in beats, and its notes from beat 0 on."""


def _assembled(
    marker: int, sections: list[tuple[float, str, Callable[[], Iterator[_Piece]]]], *, is_kit: bool
) -> Calibration:
    """Put the sections one after the other, each with as many of its endless pieces as its share holds."""
    notes = [(beat, beat + 0.2, marker, 112) for beat in _LEAD_IN]
    places = [(0.0, "lead-in")]
    begin, shared = _LEAD_IN_BEATS, BEATS - _LEAD_IN_BEATS
    for share, name, pieces in sections:
        places.append((begin, name))
        now, end = begin, begin + share * shared
        for beats, piece in pieces():
            if now + beats > end:
                break
            notes += [(now + start, now + until, pitch, loud) for start, until, pitch, loud in piece]
            now += beats
        begin = now
    return Calibration(notes=tuple(sorted(notes)), sections=tuple(places), is_kit=is_kit)


def _loudness() -> Iterator[int]:
    while True:
        yield from _VELOCITIES


def _all_keys(keys: KeyRange) -> Iterator[int]:
    """Every key in leaps of a sixth, folded into the range, so that no note rings into its neighbour."""
    size = keys.high - keys.low + 1
    step = next(step for step in (9, 10, 11, 7, 5, 1) if math.gcd(size, step) == 1)
    key = 0
    while True:
        for _ in range(size):
            yield keys.low + key
            key += step
            while key >= size:
                key -= size
        key = (key + 1) % size


def _single_notes(keys: KeyRange) -> Iterator[_Piece]:
    lengths = ((1.0, 1.5), (0.5, 1.0), (0.25, 0.5), (1.5, 1.5))
    for number, (key, velocity) in enumerate(zip(_all_keys(keys), _loudness(), strict=False)):
        held, beats = lengths[number % len(lengths)]
        yield beats, [(0.0, held, key, velocity)]


def _long_notes(keys: KeyRange) -> Iterator[_Piece]:
    for key, velocity in zip(_all_keys(keys), _loudness(), strict=False):
        yield 4.0, [(0.0, 3.0, key, velocity)]


def _chords(keys: KeyRange) -> Iterator[_Piece]:
    shapes = ((2.0, 1.75), (1.0, 0.9), (1.0, 0.4), (3.0, 3.0), (0.5, 0.25), (0.5, 0.5))
    loud = _loudness()
    for number, root in enumerate(_all_keys(KeyRange(keys.low, max(keys.high - 12, keys.low + 1)))):
        beats, held = shapes[number % len(shapes)]
        tones = _CHORDS[number % len(_CHORDS)]
        velocity = next(loud)
        yield beats, [(0.0, held, root + tone, velocity) for tone in tones if root + tone <= keys.high]


def _line(keys: KeyRange, *, legato: bool) -> Iterator[_Piece]:
    """Scales up and down, a fifth further each time."""
    beats = 0.5 if legato else 0.25
    held = beats * (1.02 if legato else 0.4)
    loud = _loudness()
    for root in _all_keys(KeyRange(keys.low, max(keys.high - 12, keys.low + 1))):
        tones = [*_SCALE, 12]
        velocity = next(loud)
        up = [root + tone for tone in tones if root + tone <= keys.high]
        for tone in (*up, *reversed(up[:-1])):
            yield beats, [(0.0, held, tone, velocity)]
        yield 1.0, []


def _phrases(keys: KeyRange) -> Iterator[_Piece]:
    """Two bars at a time: chords or broken chords, under a melody that walks through the scale."""
    draw = random.Random(4)  # noqa: S311 (music, no secret)
    middle = (keys.low + keys.high) // 2
    progression = ((0, (0, 4, 7)), (9, (0, 3, 7)), (5, (0, 4, 7)), (7, (0, 4, 7)))
    place, number = 7, 0
    while True:
        root, tones = progression[number % 4]
        key = middle - 12 + (root + 5 * (number // 4)) % 12
        piece: list[BeatNote] = []
        strong = _VELOCITIES[number % len(_VELOCITIES)]
        if number % 3 == 0:
            piece += [(0.0, 3.8, key + tone, strong) for tone in tones]
        elif number % 3 == 1:
            piece += [(beat, beat + 0.4, key + tone, strong) for beat in range(4) for tone in tones]
        else:
            piece += [(step / 2, step / 2 + 0.5, key + tones[step % len(tones)], strong) for step in range(8)]
        now = 0.0
        while now < 4.0:
            beats = (0.25, 0.5, 0.5, 1.0, 1.5)[int(draw.random() * 5)]
            beats = min(beats, 4.0 - now)
            place = min(max(place + int(draw.random() * 5) - 2, 0), 13)
            melody = middle + 12 * (place // 7) + _SCALE[place % 7] + (5 * (number // 4)) % 12 - 5
            if draw.random() < 0.85:
                loud = min(127, max(30, strong + int(draw.random() * 24) - 4))
                piece.append((now, now + beats * (0.95 if number % 2 else 0.5), melody, loud))
            now += beats
        yield 4.0, _once([note for note in piece if keys.low <= note[2] <= keys.high])
        number += 1


def _once(notes: list[BeatNote]) -> list[BeatNote]:
    """Without notes that begin while their key is held."""
    kept: list[BeatNote] = []
    for note in sorted(notes):
        if not any(other[2] == note[2] and other[1] > note[0] for other in kept):
            kept.append(note)
    return kept


def _strokes() -> Iterator[_Piece]:
    loud = _loudness()
    while True:
        for drum in _DRUMS:
            for beats in (2.0, 1.0, 1.0):
                yield beats, [(0.0, 0.25, drum, next(loud))]


def _rolls() -> Iterator[_Piece]:
    while True:
        for drum in (SNARE, CLOSED_HAT, HIGH_TOM, FLOOR_TOM, KICK, RIDE):
            for velocity in (50, 70, 90, 110):
                yield 0.25, [(0.0, 0.1, drum, velocity)]
                yield 0.25, [(0.0, 0.1, drum, velocity - 15)]
            yield 0.5, [(0.0, 0.25, drum, 120)]


def _patterns() -> Iterator[_Piece]:
    """A bar at a time: kick and snare in turns, hats or ride, and a fill in each fourth bar."""
    draw = random.Random(9)  # noqa: S311 (music, no secret)
    kicks = ((0.0, 2.0), (0.0, 1.5, 2.5), (0.0, 1.0, 2.0, 3.0), (0.0, 0.75, 2.5), (0.0, 2.0, 2.75, 3.5))
    number = 0
    while True:
        strong = _VELOCITIES[number % len(_VELOCITIES)]
        bar = [(beat, KICK) for beat in kicks[number % len(kicks)]]
        bar += [(beat, RIM if number % 8 == 5 else SNARE) for beat in (1.0, 3.0)]
        steps, hat = (16, CLOSED_HAT) if number % 5 == 2 else (8, RIDE if number % 7 == 3 else CLOSED_HAT)
        bar += [(4.0 * step / steps, hat) for step in range(steps)]
        bar.append((3.5, OPEN_HAT))
        if number % 4 == 0:
            bar.append((0.0, CRASH))
        if number % 4 == 3:
            fill = (HIGH_TOM, HIGH_TOM, MID_TOM, MID_TOM, LOW_TOM, LOW_TOM, FLOOR_TOM, FLOOR_TOM)
            bar = [(beat, drum) for beat, drum in bar if beat < 2.0]
            bar += [(2.0 + step / 4, drum) for step, drum in enumerate(fill)]
        piece = [
            (beat, beat + 0.12, drum, min(127, max(24, strong + int(draw.random() * 30) - 12)))
            for beat, drum in sorted(set(bar))
        ]
        yield 4.0, _once(piece)
        number += 1
