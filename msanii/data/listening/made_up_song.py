"""Songs on progressions with all kinds of chords, since hardly one in a hundred of POP909 is diminished.

Positions are quarter notes.
"""

from __future__ import annotations

import numpy as np

from msanii.data.bar_time import METERS, BarChord, BarNote, BarSong
from msanii.data.electronic_writing import write_arpeggio, write_stabs
from msanii.data.part_writing import drawn_velocity, write_pad
from msanii.music.chord_classes import KEYS, QUALITIES, root_names
from msanii.music.chord_types import MAJOR_SCALE
from msanii.music.chords import Chord, parse_chord

_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
_METER_SHARES = {"4/4": 0.44, "3/4": 0.18, "6/8": 0.16, "5/4": 0.10, "7/8": 0.12}
# What may stand for a triad; the first is the triad itself.
_RICHER = {
    "": ("", "maj7", "7", "sus4", "sus2", "7sus4", "aug"),
    "m": ("m", "m7"),
    "dim": ("dim", "m7b5"),
}
_BASS_SHARE, _FOREIGN_SHARE = 0.12, 0.08
# Bars a chord, in order of shares below; half a bar where the meter has a middle.
_CHORD_BARS, _CHORD_BAR_SHARES = (1.0, 0.5, 2.0), (0.62, 0.24, 0.14)


def made_up_song(bars: int, random: np.random.Generator) -> tuple[BarSong, int]:
    """A song of `bars` bars on a drawn progression, and its key, an index in KEYS."""
    meter = METERS[str(random.choice(list(_METER_SHARES), p=list(_METER_SHARES.values())))]
    key = int(random.integers(len(KEYS)))
    span_bars = float(random.choice(_CHORD_BARS, p=_CHORD_BAR_SHARES))
    if span_bars == 0.5 and meter.numerator in (3, 5, 7):
        span_bars = 1.0
    length = span_bars * meter.quarters
    loop = _progression(key, int(random.choice((2, 3, 4, 4, 4, 6, 8))), float(random.random()), random)
    count = int(np.ceil(bars * meter.quarters / length))
    end = bars * meter.quarters
    chords = tuple(
        BarChord(place * length, min((place + 1) * length, end), loop[place % len(loop)])
        for place in range(count)
    )
    song = BarSong(meter=meter, bars=bars, tracks={}, chords=chords)
    write = (_write_block_chords, write_arpeggio, write_stabs, write_pad)[int(random.integers(4))]
    tracks = {"PIANO": write(song, random), "MELODY": _write_melody(song, key, random)}
    return BarSong(meter=meter, bars=bars, tracks=tracks, chords=chords), key


def _progression(key: int, count: int, richness: float, random: np.random.Generator) -> list[Chord]:
    """Chords of a key, the first one often its tonic, more of them rich ones as `richness` rises to 1."""
    tonic, is_minor = key % 12, key >= 12
    scale = _MINOR_SCALE if is_minor else MAJOR_SCALE
    names = root_names(key)
    chords: list[Chord] = []
    for place in range(count):
        degree = 0 if place == 0 and random.random() < 0.7 else int(random.integers(7))
        root = (tonic + scale[degree]) % 12
        third, fifth = ((scale[(degree + step) % 7] - scale[degree]) % 12 for step in (2, 4))
        triad = "dim" if fifth == 6 else "m" if third == 3 else ""
        if is_minor and degree == 4 and random.random() < 0.5:
            triad = ""  # the dominant of harmonic minor
        options = _RICHER[triad]
        quality = options[int(random.integers(len(options)))] if random.random() < richness else options[0]
        if random.random() < _FOREIGN_SHARE:
            root, quality = int(random.integers(12)), QUALITIES[int(random.integers(len(QUALITIES)))]
        text = names[root] + quality
        if random.random() < _BASS_SHARE:
            tones = sorted(parse_chord(text).tones - {root})
            text += f"/{names[tones[int(random.integers(len(tones)))]]}"
        chords.append(parse_chord(text))
    return chords


def _write_block_chords(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """The chord on every beat, or every second one, about middle C."""
    lowest = int(random.integers(48, 62))
    step = song.meter.unit * float(random.choice((1.0, 1.0, 2.0))) if song.meter.unit >= 1 else 1.0
    gate = float(random.uniform(0.5, 0.98))
    notes = []
    for span in song.chords:
        pitches = sorted(lowest + (tone - lowest) % 12 for tone in span.chord.tones)
        for onset in np.arange(span.start, span.end - 1e-6, step):
            end = min(float(onset) + step * gate, span.end)
            notes += [BarNote(float(onset), end, pitch, drawn_velocity(random, 80)) for pitch in pitches]
    return tuple(notes)


def _write_melody(song: BarSong, key: int, random: np.random.Generator) -> tuple[BarNote, ...]:
    """A line of steps and small leaps in the key, a chord tone where a chord begins, with rests."""
    tonic, scale = key % 12, _MINOR_SCALE if key >= 12 else MAJOR_SCALE
    in_key = [pitch for pitch in range(55, 88) if (pitch - tonic) % 12 in scale]
    here = int(random.integers(len(in_key) // 3, 2 * len(in_key) // 3))
    notes = []
    for span in song.chords:
        onset = span.start
        while onset < span.end - 1e-6:
            length = min(float(random.choice((0.5, 0.5, 1.0, 1.0, 1.5, 2.0))), span.end - onset)
            here = int(np.clip(here + random.integers(-2, 3), 0, len(in_key) - 1))
            pitch = in_key[here]
            if onset == span.start:
                pitch = min(range(pitch - 6, pitch + 7), key=lambda near: _distance(near, pitch, span.chord))
            if random.random() < 0.8:
                notes.append(BarNote(onset, onset + 0.92 * length, pitch, drawn_velocity(random, 84)))
            onset += length
    return tuple(notes)


def _distance(near: int, pitch: int, chord: Chord) -> tuple[bool, int]:
    return near % 12 not in chord.tones, abs(near - pitch)
