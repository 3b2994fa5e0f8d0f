"""The composer's grid: bars of sixteenths and triplets, and notes on it.

A tick is a twelfth of a quarter note. A bar has six slots a quarter: its sixteenths and its triplet eighths.
Letters: N notes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msanii.music.midi_notes import BeatNote

Ints = NDArray[np.int64]

TICKS = 12  # of a quarter note
SLOT_TICKS = np.array((0, 3, 4, 6, 8, 9))
SLOTS_A_QUARTER = len(SLOT_TICKS)
MOST_QUARTERS = 6  # of a bar; longer ones are cut, see `bar_lines`
SLOTS = SLOTS_A_QUARTER * MOST_QUARTERS
DURATION_TICKS = np.array((2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 36, 48, 60, 72, 96))
VELOCITY_STEP = 16
VELOCITIES = 8
PITCHES = 128

COLUMNS = ("bar", "slot", "pitch", "duration", "velocity")
BAR, SLOT, PITCH, DURATION, VELOCITY = range(5)

_TRIPLETS = np.array((0, 4, 8, 12))
_SIXTEENTHS = np.array((0, 3, 6, 9, 12))
# How much nearer to triplets than to sixteenths the notes of a quarter must be to be triplets.
_TRIPLET_ADVANTAGE = 0.5


def slot_ticks(slots: Ints) -> Ints:
    """The ticks of slots from the start of their bar."""
    return np.asarray(slots // SLOTS_A_QUARTER * TICKS + SLOT_TICKS[slots % SLOTS_A_QUARTER])


def slots_in(bar_beats: float) -> int:
    """How many slots a bar has."""
    return int(np.count_nonzero(slot_ticks(np.arange(SLOTS)) < round(bar_beats * TICKS)))


def on_grid(notes: NDArray[np.float64], bar_beats: float) -> Ints:
    """(N, 5) rows of COLUMNS, sorted, of notes (N, 4): onset and end in beats, pitch, velocity.

    Each quarter's onsets go to its sixteenths or to its triplets, whichever fit. Of notes that fall on one
    place and pitch, the longest stays; a note ends where its pitch is struck again.
    """
    if not len(notes):
        return np.zeros((0, len(COLUMNS)), np.int64)
    bars = np.floor(notes[:, 0] / bar_beats + 1e-6).astype(np.int64)
    within = _snapped((notes[:, 0] - bars * bar_beats) * TICKS, bars)
    # What is played a little before a bar line belongs to the bar behind it.
    is_early = within >= bar_beats * TICKS - 1e-6
    bars, within = np.where(is_early, bars + 1, bars), np.where(is_early, 0, within)
    ticks = bars * round(bar_beats * TICKS) + within
    slots = within // TICKS * SLOTS_A_QUARTER + np.searchsorted(SLOT_TICKS, within % TICKS)
    lengths = np.maximum((notes[:, 1] - notes[:, 0]) * TICKS, 1.0)
    pitches, velocities = notes[:, 2].astype(np.int64), notes[:, 3].astype(np.int64) // VELOCITY_STEP
    order = np.lexsort((-lengths, pitches, ticks))
    ticks, pitches, lengths = ticks[order], pitches[order], lengths[order]
    rows = np.stack([bars[order], slots[order], pitches, np.zeros_like(pitches), velocities[order]], axis=1)
    first = np.ones(len(rows), bool)
    first[1:] = (np.diff(ticks) != 0) | (np.diff(pitches) != 0)
    rows, lengths = rows[first], _until_struck_again(ticks[first], pitches[first], lengths[first])
    rows[:, DURATION] = duration_classes(lengths)
    return np.asarray(rows[rows[:, BAR] >= 0])


def mean_velocity(rows: Ints) -> float:
    """The mean velocity of notes (N, 5), at least one."""
    return float(rows[:, VELOCITY].mean()) * VELOCITY_STEP + VELOCITY_STEP / 2


def velocity_class(velocity: float) -> float:
    """The class of a velocity, with its fraction: whole in the middle of a class."""
    return (velocity - VELOCITY_STEP / 2) / VELOCITY_STEP


def duration_classes(ticks: NDArray[np.float64]) -> Ints:
    """The class of each length: the nearest of DURATION_TICKS, by ratio."""
    edges = np.sqrt(DURATION_TICKS[1:] * DURATION_TICKS[:-1])
    return np.searchsorted(edges, ticks).astype(np.int64)


def as_beat_notes(rows: Ints, bar_beats: float, until_beats: float) -> tuple[BeatNote, ...]:
    """Notes of rows (N, 5), sorted; all end by `until_beats`, and where their pitch is struck again."""
    struck: dict[int, float] = {}
    notes: list[BeatNote] = []
    for bar, slot, pitch, duration, velocity in rows[np.lexsort((rows[:, SLOT], rows[:, BAR]))][
        ::-1
    ].tolist():
        start = bar * bar_beats + float(slot_ticks(np.array(slot))) / TICKS
        end = min(
            start + float(DURATION_TICKS[duration]) / TICKS, struck.get(pitch, until_beats), until_beats
        )
        if end > start:
            notes.append((start, end, pitch, velocity * VELOCITY_STEP + VELOCITY_STEP // 2))
            struck[pitch] = start
    return tuple(sorted(notes))


def _snapped(ticks: NDArray[np.float64], bars: Ints) -> Ints:
    """The whole ticks nearest to onsets: each quarter's all on its sixteenths, or all on its triplets."""
    quarters = np.floor((ticks + 0.75) / TICKS)
    within = ticks - quarters * TICKS
    sixteenths, triplets = (_nearest(within, choices) for choices in (_SIXTEENTHS, _TRIPLETS))
    _, group = np.unique(np.stack([bars, quarters]), axis=1, return_inverse=True)
    errors = [np.bincount(group, (within - choice) ** 2) for choice in (sixteenths, triplets)]
    is_triplet = (errors[1] < _TRIPLET_ADVANTAGE * errors[0])[group]
    return np.asarray(quarters * TICKS + np.where(is_triplet, triplets, sixteenths)).astype(np.int64)


def _nearest(values: NDArray[np.float64], choices: Ints) -> Ints:
    return np.asarray(choices[np.abs(values[:, None] - choices).argmin(axis=1)])


def _until_struck_again(ticks: Ints, pitches: Ints, lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shorten each note to the next onset of its pitch; notes are sorted by onset."""
    order = np.lexsort((ticks, pitches))
    gaps = np.diff(ticks[order]).astype(np.float64)
    same = np.diff(pitches[order]) == 0
    shortened = lengths.copy()
    shortened[order[:-1]] = np.where(same, np.minimum(lengths[order[:-1]], gaps), lengths[order[:-1]])
    return shortened
