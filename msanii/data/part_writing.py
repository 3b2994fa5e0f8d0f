"""Generated bass lines, pads and drum grooves on a song's bars and chords.

All parts of a song share its grid and harmony, so that separately rendered parts fit together. Positions are
quarter notes; all draws come from the generator that is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msanii.data.bar_time import BarChord, BarMeter, BarNote, BarSong
from msanii.music.chords import Chord
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

TOMS = (HIGH_TOM, MID_TOM, LOW_TOM, FLOOR_TOM)
BASS_LOWEST = 28  # E1, a bass guitar's open string
PHRASE_BARS = (4, 8)
BASS_STYLES = ("held", "beats", "eighths", "fifths", "octaves", "pushed")
GROOVES = ("rock", "half time", "four on the floor", "sixteenths", "ballad", "ride")
TRACKS = {"keys": ("PIANO",), "lead": ("MELODY", "BRIDGE")}
_GATE = 0.92  # of a note's slot, so that the next attack is heard


def write_bass(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """Roots (the chord's bass note) and fifths in one of `BASS_STYLES`; rests without a chord."""
    style = BASS_STYLES[random.integers(len(BASS_STYLES))]
    lowest = BASS_LOWEST + int(random.choice((0, 0, 0, 5, 12)))
    notes: list[BarNote] = []
    for span in chords_by_bar(song):
        for offset, length, interval in _bass_slots(style, span, song.meter):
            pitch = lowest + (_bass_of(span.chord) - lowest) % 12 + interval
            velocity = drawn_velocity(random, 88 if offset == 0 else 80)
            start = span.start + offset
            notes.append(BarNote(start, start + length * _GATE, pitch, velocity))
    return tuple(notes)


def write_pad(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """Held chord tones, each voicing close to the last; in some songs struck at every bar line."""
    centre = int(random.integers(56, 70))
    by_bar = bool(random.random() < 0.5)
    spans = chords_by_bar(song) if by_bar else [span for span in song.chords if span.chord.tones]
    previous: list[int] = [centre - 4, centre, centre + 5]
    notes: list[BarNote] = []
    for span in spans:
        previous = _voiced(span.chord, previous, centre)
        velocity = drawn_velocity(random, 72)
        end = span.start + (span.end - span.start) * 0.98
        notes += [BarNote(span.start, end, pitch, velocity) for pitch in previous]
    return tuple(notes)


def write_drums(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """One of `GROOVES` in the song's meter, with a fill at the end of each phrase and a crash after it."""
    groove = GROOVES[random.integers(len(GROOVES))]
    phrase = int(random.choice(PHRASE_BARS))
    notes: list[BarNote] = []
    for bar in range(song.bars):
        start = bar * song.meter.quarters
        is_last = (bar + 1) % phrase == 0
        hits = _groove(groove, song.meter, random)
        if is_last and random.random() < 0.8:
            hits = _with_fill(hits, song.meter, random)
        if bar % phrase == 0 and bar and random.random() < 0.8:
            hits = [hit for hit in hits if hit[0] > 0 or hit[1] == KICK] + [(0.0, CRASH, 100)]
        for offset, pitch, velocity in sorted(hits):
            end = start + offset + 0.2
            notes.append(BarNote(start + offset, end, pitch, drawn_velocity(random, velocity)))
    return tuple(notes)


def song_track(song: BarSong, part: str) -> tuple[BarNote, ...]:
    """What POP909's tracks play in a part, by onset; nothing in parts that it lacks."""
    notes = [note for name in TRACKS.get(part, ()) for note in song.tracks.get(name, ())]
    return tuple(sorted(notes, key=lambda note: (note.onset, note.pitch)))


def chords_by_bar(song: BarSong) -> list[BarChord]:
    """The named chords, split at the bar lines."""
    quarters = song.meter.quarters
    cut: list[BarChord] = []
    for span in song.chords:
        start = span.start
        while span.chord.tones and start < span.end - 1e-6:
            bar_line = (int(start / quarters + 1e-6) + 1) * quarters
            cut.append(BarChord(start, min(span.end, bar_line), span.chord))
            start = bar_line
    return cut


def _bass_slots(style: str, span: BarChord, meter: BarMeter) -> list[tuple[float, float, int]]:
    """(offset, length, semitones above the bass note) of each note under a chord."""
    length = span.end - span.start
    fifth = 7 if span.chord.root is not None and (span.chord.root + 7) % 12 in span.chord.tones else 12
    if style == "held":
        return [(0.0, length, 0)]
    if style == "pushed" and length >= 3:
        # Three, three, two: the rhythm of most ballads.
        return _clipped([(0.0, 1.5, 0), (1.5, 1.5, 0), (3.0, length - 3, fifth if length > 3 else 0)], length)
    step = meter.unit if meter.unit >= 1 else 1.0
    if style == "eighths":
        step = 0.5
    if style == "octaves":
        step = 0.5 if meter.unit != 1.5 else 1.5
    count = int(length / step + 1e-6) or 1
    above = {"fifths": (0, fifth), "octaves": (0, 12)}.get(style, (0, 0))
    return _clipped([(slot * step, step, above[slot % 2]) for slot in range(count)], length)


def _clipped(slots: list[tuple[float, float, int]], length: float) -> list[tuple[float, float, int]]:
    inside = [slot for slot in slots if length - slot[0] > 1e-6 and slot[1] > 0]
    return [(at, min(span, length - at), above) for at, span, above in inside]


def _bass_of(chord: Chord) -> int:
    return chord.bass if chord.bass is not None else 0


def _voiced(chord: Chord, previous: Sequence[int], centre: int) -> list[int]:
    """Each tone in the octave nearest to the middle of the last voicing, at most five tones."""
    middle = (sum(previous) / len(previous) + centre) / 2
    pitches = []
    for tone in sorted(chord.tones)[:5]:
        octave = round((middle - tone) / 12)
        pitches.append(tone + 12 * octave)
    return sorted(pitches)


def _groove(name: str, meter: BarMeter, random: np.random.Generator) -> list[tuple[float, int, int]]:
    """(offset, drum, velocity) of a bar."""
    quarters, step = meter.quarters, 0.5
    beats = _beat_offsets(meter)
    backbeats = beats[1::2] if len(beats) % 2 == 0 else beats[1:][-2::2] or beats[-1:]
    cymbal = RIDE if name == "ride" else CLOSED_HAT
    if name == "sixteenths" and meter.unit != 1.5:
        step = 0.25
    if name == "ballad" and meter.unit == 1.0:
        step = 1.0
    hats = [(at, cymbal, 78 if _is_on(at, beats) else 58) for at in np.arange(0, quarters - 1e-6, step)]
    if name == "four on the floor":
        hats = [(at + min(0.5, meter.unit / 2), OPEN_HAT, 72) for at in beats] + hats[::2]
        kicks = list(beats)
    elif name == "half time":
        kicks, backbeats = [0.0], [beats[len(beats) // 2]]
    else:
        kicks = [0.0, *(at for at in beats[2::2] if at not in backbeats)]
    if name != "four on the floor" and random.random() < 0.5:
        kicks.append(float(random.choice([at for at, _, _ in hats[1:]])))
    drum = RIM if name == "ballad" else SNARE
    hits = hats + [(at, KICK, 96) for at in sorted(set(kicks))] + [(at, drum, 94) for at in backbeats]
    return [(float(at), pitch, velocity) for at, pitch, velocity in hits if at < quarters - 1e-6]


def _beat_offsets(meter: BarMeter) -> list[float]:
    """The beats that a drummer counts: those of the meter; in 7/8 two, two and three eighths."""
    if meter.unit == 0.5:
        return [0.0, 1.0, 2.0]
    return [float(at) for at in np.arange(0, meter.quarters - 1e-6, meter.unit)]


def _is_on(at: float, beats: Sequence[float]) -> bool:
    return any(abs(at - beat) < 1e-6 for beat in beats)


def _with_fill(
    hits: list[tuple[float, int, int]], meter: BarMeter, random: np.random.Generator
) -> list[tuple[float, int, int]]:
    """Replace the bar's last beat or two by a roll down the toms."""
    span = min(meter.quarters / 2, float(random.choice((1.0, 2.0))))
    start = meter.quarters - span
    step = 0.25 if meter.unit != 1.5 and random.random() < 0.6 else 0.5
    steps = np.arange(start, meter.quarters - 1e-6, step)
    drums = (SNARE, *TOMS)
    fill = [
        (float(at), drums[int(index * len(drums) / len(steps))], 84 + 3 * index)
        for index, at in enumerate(steps)
    ]
    return [hit for hit in hits if hit[0] < start - 1e-6] + fill


def drawn_velocity(random: np.random.Generator, centre: int) -> int:
    """A velocity about a centre, with a standard deviation of 6."""
    return int(np.clip(round(centre + 6 * random.standard_normal()), 1, 127))
