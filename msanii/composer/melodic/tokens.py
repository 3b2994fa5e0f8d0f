"""The composing network's input: some bars, their chords and the notes that are there, as arrays of tokens.

Letters: N bars, T tokens, L notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import END, LAGS, LIKENESS_EDGES, METER_FEATURES, UNKNOWN_LIKENESS
from msanii.composer.melodic.grid import (
    BAR,
    DURATION_TICKS,
    MOST_QUARTERS,
    PITCH,
    PITCHES,
    SLOT,
    SLOTS,
    SLOTS_A_QUARTER,
    TICKS,
    VELOCITIES,
    Ints,
    slot_ticks,
)

KINDS = ("bar", "kept", "other", "step")
TOKEN_FIELDS = ("kind", "part", "slot", "pitch", "duration", "velocity")
BAR_TOKEN, KEPT, OTHER, STEP = range(4)
NO_PITCH, NO_DURATION, NO_VELOCITY = PITCHES, len(DURATION_TICKS), VELOCITIES
_UNITS = (1.0, 1.5, 0.5)
_USUAL_BPM = 100.0


@dataclass(frozen=True, kw_only=True)
class Window:
    """Some bars of a part that are read and written at once, its pitches and chords moved to C or A minor.

    `written` (N,) are the bars to write; `kept` (L, 5) are the part's notes in the others, `other` (L, 5)
    those of the other part, in all bars. `told` (N, 2 + lags) are classes of density, register and likeness.
    """

    part: int
    bar_beats: float
    unit: float
    bpm: float
    chords: Ints
    written: NDArray[np.bool_]
    kept: Ints
    other: Ints
    told: Ints

    def meter(self) -> NDArray[np.float32]:
        """(N, METER_FEATURES)."""
        features = np.zeros((len(self.written), METER_FEATURES), np.float32)
        features[:, 0] = self.bar_beats / 4
        features[:, 1:4] = [self.unit == unit for unit in _UNITS]
        features[:, 4] = np.log2(max(self.bpm, 1.0) / _USUAL_BPM)
        features[:, 5] = self.written
        return features


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Tokens (T, fields), and each one's bar and slot (T,); the start of a bar is at slot 0."""

    fields: Ints
    bars: Ints
    slots: Ints

    def place(self) -> Ints:
        """(T,): the row of each token's chord."""
        return self.bars * MOST_QUARTERS + self.slots // SLOTS_A_QUARTER

    def ticks(self) -> Ints:
        """(T,): ticks from the bar's start."""
        return slot_ticks(self.slots)


def context_tokens(window: Window) -> Tokens:
    """The bars, then what the part plays in those that are kept, then the other part."""
    bars = len(window.written)
    starts = _tokens(BAR_TOKEN, window.part, bar_starts(np.arange(bars)))
    kept = _tokens(KEPT, window.part, window.kept)
    other = _tokens(OTHER, 1 - window.part, window.other)
    return joined(starts, kept, other)


def step_tokens(part: int, events: Ints) -> Tokens:
    """Steps for events (T, 5): rows of `bar_starts` and of notes."""
    return _tokens(STEP, part, events)


def bar_starts(bars: Ints) -> Ints:
    """Events (N, 5) that open bars."""
    rows = np.empty((len(bars), 5), np.int64)
    rows[:] = (0, END, NO_PITCH, NO_DURATION, NO_VELOCITY)
    rows[:, BAR] = bars
    return rows


def joined(*parts: Tokens) -> Tokens:
    """Tokens behind each other."""
    return Tokens(
        fields=np.concatenate([part.fields for part in parts]),
        bars=np.concatenate([part.bars for part in parts]),
        slots=np.concatenate([part.slots for part in parts]),
    )


def _tokens(kind: int, part: int, rows: Ints) -> Tokens:
    fields = np.empty((len(rows), len(TOKEN_FIELDS)), np.int64)
    fields[:, 0], fields[:, 1], fields[:, 2:] = kind, part, rows[:, SLOT:]
    slots = np.where(rows[:, SLOT] == END, 0, rows[:, SLOT])
    return Tokens(fields=fields, bars=rows[:, BAR], slots=slots)


def events_of(rows: Ints, written: NDArray[np.bool_]) -> Ints:
    """The events that write notes (L, 5), sorted, in the bars of `written` (N,): their starts and notes."""
    starts = bar_starts(np.flatnonzero(written))
    inside = rows[written[rows[:, BAR]]]
    events = np.concatenate([starts, inside])
    # A bar's start comes before its notes, though its slot is the highest number.
    slots = np.where(events[:, SLOT] == END, -1, events[:, SLOT])
    return np.asarray(events[np.lexsort((events[:, PITCH], slots, events[:, BAR]))])


def likeness(rows: Ints, bars: int) -> NDArray[np.float64]:
    """(N, lags): how alike each bar of notes (L, 5) and those LAGS before it are, 0 to 1; NaN without one.

    The share of the notes of both that are in both, by slot and pitch; two empty bars are alike.
    """
    codes = rows[:, SLOT] * PITCHES + rows[:, PITCH]
    held = np.zeros((bars, SLOTS * PITCHES), bool)
    held[rows[:, BAR], codes] = True
    counts = held.sum(axis=1)
    result = np.full((bars, len(LAGS)), np.nan)
    for column, lag in enumerate(LAGS):
        if bars > lag:
            both = (held[lag:] & held[:-lag]).sum(axis=1)
            total = counts[lag:] + counts[:-lag]
            result[lag:, column] = np.where(total > 0, 2 * both / np.maximum(total, 1), 1.0)
    return result


def likeness_classes(values: NDArray[np.float64]) -> Ints:
    """Classes of values of `likeness`."""
    classes = np.searchsorted(LIKENESS_EDGES, np.nan_to_num(values), side="right")
    return np.where(np.isnan(values), UNKNOWN_LIKENESS, classes).astype(np.int64)


def onsets_a_quarter(rows: Ints, bars: int, bar_beats: float) -> float:
    """How many times a quarter note something begins, in notes (L, 5) of so many bars."""
    onsets = len(np.unique(rows[:, BAR] * SLOTS + rows[:, SLOT]))
    return onsets / max(bars * bar_beats, 1 / TICKS)
