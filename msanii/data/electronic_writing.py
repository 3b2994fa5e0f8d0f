"""Arpeggios and chord stabs on a song's chords, as sequencers play them. Positions are quarter notes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msanii.data.bar_time import BarNote, BarSong
from msanii.data.part_writing import chords_by_bar, drawn_velocity

DIRECTIONS = ("up", "down", "up and down", "random")
# Stabs in sixteenths of a 4/4 bar, as house, techno and garage have them; other meters are cut or repeated.
STAB_RHYTHMS: tuple[tuple[int, ...], ...] = (
    (2, 6, 10, 14),
    (3, 6, 11, 14),
    (0, 3, 6, 10),
    (2, 5, 10, 13),
    (0, 6, 12),
    (4, 12),
)
_CENTRES = (55, 72)
_EDGE = 1e-6


def write_arpeggio(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """The chord's tones one after another over one to three octaves, in eighths or sixteenths."""
    direction = str(random.choice(DIRECTIONS))
    step = float(random.choice((0.25, 0.25, 0.5))) if song.meter.unit != 1.5 else 0.5
    octaves, gate = int(random.choice((1, 2, 2, 3))), float(random.uniform(0.3, 0.95))
    lowest = int(random.integers(*_CENTRES)) - 6
    notes: list[BarNote] = []
    for span in chords_by_bar(song):
        tones = sorted(lowest + (tone - lowest) % 12 for tone in span.chord.tones)
        ladder = [tone + 12 * octave for octave in range(octaves) for tone in tones]
        for place in range(max(int((span.end - span.start) / step + _EDGE), 1)):
            start = span.start + place * step
            pitch = ladder[_rung(direction, place, len(ladder), random)]
            velocity = drawn_velocity(random, 94 if place % 4 == 0 else 78)
            notes.append(BarNote(start, min(start + gate * step, span.end), pitch, velocity))
    return tuple(notes)


def write_stabs(song: BarSong, random: np.random.Generator) -> tuple[BarNote, ...]:
    """The whole chord, short, in one rhythm for the song; each voicing in root position or its inversion."""
    rhythm = STAB_RHYTHMS[int(random.integers(len(STAB_RHYTHMS)))]
    lowest, length = int(random.integers(*_CENTRES)) - 6, float(random.uniform(0.12, 0.4))
    spans = chords_by_bar(song)
    notes: list[BarNote] = []
    for span in spans:
        bar = int(span.start / song.meter.quarters + _EDGE) * song.meter.quarters
        tones = sorted(lowest + (tone - lowest) % 12 for tone in span.chord.tones)[:5]
        for onset in _onsets(rhythm, bar, song.meter.quarters):
            if span.start - _EDGE <= onset < span.end - _EDGE:
                velocity = drawn_velocity(random, 92)
                notes += [BarNote(onset, onset + length, pitch, velocity) for pitch in tones]
    return tuple(notes)


def _rung(direction: str, place: int, rungs: int, random: np.random.Generator) -> int:
    if direction == "random":
        return int(random.integers(rungs))
    if direction == "up and down" and rungs > 1:
        turn = place % (2 * rungs - 2)
        return turn if turn < rungs else 2 * rungs - 2 - turn
    return place % rungs if direction != "down" else rungs - 1 - place % rungs


def _onsets(rhythm: Sequence[int], bar: float, quarters: float) -> list[float]:
    offsets = [turn * 4 + place / 4 for turn in range(2) for place in rhythm]
    return [bar + offset for offset in offsets if offset < quarters - _EDGE]
