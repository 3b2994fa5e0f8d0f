"""Composed pieces beside real ones: bars of POP909's test songs, as they are and as they are composed anew.

Letters: N notes, each (onset beats, end beats, pitch, velocity).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from msanii.composer.compose import compose
from msanii.composer.melodic.config import WRITTEN_PARTS
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, Ints, as_beat_notes
from msanii.composer.melodic.grid_song import GridSong, load_songs
from msanii.composer.plan import Notes, Plan
from msanii.metrics.harmony import FloatArray
from msanii.music.chords import NO_CHORD, Chord, ChordSpan

TEST_SONGS_PATH = Path(__file__).with_name("reference_data") / "test_songs.npz"
BARS = 16
_MOST_EMPTY_BARS = 2  # in a part of a real piece

Composer = Callable[[Plan, int], Mapping[str, Notes]]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A plan, and the notes (N, 4) of each part: `real` ones and `composed` ones."""

    plan: Plan
    real: Mapping[str, FloatArray]
    composed: Mapping[str, FloatArray]

    def tones_at(self, beats: float) -> frozenset[int]:
        """The chord tones at a time."""
        return self.plan.chord_at(min(beats + 1e-6, self.plan.beats - 1e-6)).tones


def read_test_songs(path: Path = TEST_SONGS_PATH) -> list[GridSong]:
    """The test songs that ship. Raises DataError."""
    return load_songs(path)[0]


def composed_pieces(
    songs: list[GridSong], count: int | None, seed: int, composer: Composer = compose, *, bars: int = BARS
) -> list[Piece]:
    """Pieces of `bars` bars where keys and lead both play, at most `count`, spread over the songs."""
    places = [
        (first, song)
        for song in songs
        for first in range(0, song.bars - bars + 1, bars)
        if all(_plays(song.notes_in(part, first, bars), bars) for part in WRITTEN_PARTS)
    ]
    chosen = places if count is None else [places[i * len(places) // count] for i in range(count)]
    pieces = []
    for number, (first, song) in enumerate(chosen):
        plan = plan_of(song, first, bars)
        real = {part: _real(song, part, first, bars) for part in WRITTEN_PARTS}
        composed = {part: as_array(notes) for part, notes in composer(plan, seed + number).items()}
        pieces.append(Piece(plan=plan, real=real, composed=composed))
    return pieces


def plan_of(song: GridSong, first: int, bars: int) -> Plan:
    """The plan of some bars of a 4/4 song: its chords and tempo, keys and lead to be composed."""
    table = song.chords_in(first, bars)
    spans: list[ChordSpan] = []
    for bar in range(bars):
        for quarter in range(round(song.bar_beats)):
            chord = _chord(table[bar * MOST_QUARTERS + quarter])
            start = bar * song.bar_beats + quarter
            if spans and spans[-1].chord == chord:
                spans[-1] = ChordSpan(start_beats=spans[-1].start_beats, end_beats=start + 1, chord=chord)
            else:
                spans.append(ChordSpan(start_beats=start, end_beats=start + 1, chord=chord))
    return Plan(bars=bars, parts=WRITTEN_PARTS, bpm=song.bpm, chords=tuple(spans))


def as_array(notes: Notes) -> FloatArray:
    """Notes as (N, 4)."""
    return np.array(notes, np.float64).reshape(-1, 4)


def _real(song: GridSong, part: str, first: int, bars: int) -> FloatArray:
    return as_array(as_beat_notes(song.notes_in(part, first, bars), song.bar_beats, bars * song.bar_beats))


def _plays(rows: Ints, bars: int) -> bool:
    return bars - len(np.unique(rows[:, BAR])) <= _MOST_EMPTY_BARS


def _chord(row: Ints) -> Chord:
    root, bass, *tones = row.tolist()
    if root < 0:
        return NO_CHORD
    held = frozenset(tone for tone, is_in in enumerate(tones) if is_in)
    return Chord(root=root, bass=bass, tones=held, text="")
