"""The plainest composer that could win: phrases of training songs, chosen by chords and fitted to the plan's.

After AccoMontage (Zhao and Xia 2021), without its learned styles. Letters: P phrases, L notes, Q quarters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import WRITTEN_PARTS
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, PITCH, SLOT, SLOTS_A_QUARTER, Ints, as_beat_notes
from msanii.composer.melodic.grid_song import GridSong
from msanii.composer.melodic.harmony import chord_table, transposed
from msanii.composer.plan import Notes, Plan

PHRASE_BARS = 4
_NEAREST = 8  # phrases among which one is drawn
_QUARTERS = 4  # of a bar
_ROOT_WEIGHT = 2.0
_RANGES = {"keys": (33, 91), "lead": (52, 91)}


class PhraseComposer:
    """Composes 4/4 in phrases of songs. Where chords come again, so does their phrase."""

    def __init__(self, songs: Sequence[GridSong]) -> None:
        self._phrases = {part: _phrases_of(songs, part) for part in WRITTEN_PARTS}

    def __call__(self, plan: Plan, seed: int) -> dict[str, Notes]:
        """The plan's keys and lead."""
        random = np.random.default_rng(seed)
        beats = [
            bar * 4.0 + min(quarter, 3.9)
            for bar in range(plan.whole_bars)
            for quarter in range(MOST_QUARTERS)
        ]
        table = chord_table(plan.chord_at, beats)
        return {part: self._composed(plan, part, table, random) for part in plan.parts}

    def _composed(self, plan: Plan, part: str, table: Ints, random: np.random.Generator) -> Notes:
        notes, harmonies = self._phrases[part]
        known: dict[bytes, Ints] = {}
        found = []
        for first in range(0, plan.whole_bars, PHRASE_BARS):
            chords = table[first * MOST_QUARTERS : (first + PHRASE_BARS) * MOST_QUARTERS]
            key = chords.tobytes()
            if key not in known:
                place, shift = _nearest(harmonies, chords, random)
                known[key] = _fitted(notes[place], shift, chords, _RANGES[part])
            rows = known[key].copy()
            rows[:, BAR] += first
            found.append(rows)
        return as_beat_notes(np.concatenate(found), 4.0, plan.beats)


def _phrases_of(songs: Sequence[GridSong], part: str) -> tuple[list[Ints], NDArray[np.float32]]:
    """Notes (L, 5) of each phrase, and its harmony (P, quarters, 24): tones and root by quarter."""
    notes, harmonies = [], []
    for song in songs:
        for first in range(0, song.bars - PHRASE_BARS + 1, PHRASE_BARS) if song.is_plain else ():
            rows = song.notes_in(part, first, PHRASE_BARS)
            if len(np.unique(rows[:, BAR])) == PHRASE_BARS:
                notes.append(rows)
                harmonies.append(_harmony(song.chords_in(first, PHRASE_BARS)))
    return notes, np.array(harmonies, np.float32)


def _harmony(chords: Ints) -> NDArray[np.float32]:
    """(quarters, 24) of chords (Q, 14): which tones there are, and which one is the root."""
    played = chords.reshape(-1, MOST_QUARTERS, 14)[:, :_QUARTERS].reshape(-1, 14)
    roots = (played[:, :1] == np.arange(12)) * _ROOT_WEIGHT
    return np.concatenate([played[:, 2:] > 0, roots], axis=1).astype(np.float32)


def _nearest(harmonies: NDArray[np.float32], chords: Ints, random: np.random.Generator) -> tuple[int, int]:
    """One of the phrases whose harmony, moved by some semitones, is nearest to chords; and the semitones."""
    shifts = range(-5, 7)
    distances = np.stack(
        [np.abs(harmonies - _harmony(transposed(chords, -shift))).sum(axis=(1, 2)) for shift in shifts]
    )
    nearest = np.argsort(distances + random.random(distances.shape), axis=None)[:_NEAREST]
    row, place = np.unravel_index(int(random.choice(nearest)), distances.shape)
    return int(place), shifts[int(row)]


def _fitted(rows: Ints, shift: int, chords: Ints, pitches: tuple[int, int]) -> Ints:
    """A phrase in another key; on beats, what is no tone of the chord goes to the nearest one that is."""
    fitted = rows.copy()
    fitted[:, PITCH] = np.clip(fitted[:, PITCH] + shift, *pitches)
    tones = chords[fitted[:, BAR] * MOST_QUARTERS + fitted[:, SLOT] // SLOTS_A_QUARTER, 2:] > 0
    for row, held in zip(fitted, tones, strict=True):
        if row[SLOT] % SLOTS_A_QUARTER == 0 and held.any():
            row[PITCH] += min((step for step in range(-6, 7) if held[(row[PITCH] + step) % 12]), key=abs)
    order = np.lexsort((fitted[:, PITCH], fitted[:, SLOT], fitted[:, BAR]))
    return np.asarray(fitted[order])
