"""Keys and lead: the network's window over a plan, bar by bar, and its notes in the plan's key and time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from msanii.composer.melodic.config import (
    LAGS,
    UNKNOWN_DENSITY,
    UNKNOWN_LIKENESS,
    UNKNOWN_REGISTER,
    WRITTEN_PARTS,
    density_class,
    register_class,
)
from msanii.composer.melodic.grid import (
    BAR,
    MOST_QUARTERS,
    PITCH,
    PITCHES,
    SLOT,
    SLOTS,
    Ints,
    as_beat_notes,
    on_grid,
    slots_in,
)
from msanii.composer.melodic.harmony import chord_table, shift_to_c, tonic_of, transposed
from msanii.composer.melodic.inference import Reader
from msanii.composer.melodic.sampling import Rules, draw_notes
from msanii.composer.melodic.tokens import Window
from msanii.composer.melodic.weights import COMPOSER_FOLDER, load_weights
from msanii.composer.plan import Notes, Plan

_WINDOW_BARS, _HOP_BARS = 16, 8
_LEAD_IN_BARS, _LEAD_OUT_BARS = 8, 4  # that are read around the last bar of a loop
_FAVOUR_OF_DRUMS = 0.7


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a part is written, whatever the network likes."""

    lowest: int
    highest: int
    most_at_once: int
    most_in_a_bar: int


MANNERS: Mapping[str, Manner] = {
    "keys": Manner(lowest=33, highest=91, most_at_once=6, most_in_a_bar=48),
    "lead": Manner(lowest=52, highest=91, most_at_once=2, most_in_a_bar=32),
}


def write_keys(plan: Plan, part: str, random: np.random.Generator) -> Notes:
    """Accompany: chords broken or struck, to the lead if that is there. Raises CheckpointError."""
    return _write(plan, part, "keys", random)


def write_lead(plan: Plan, part: str, random: np.random.Generator) -> Notes:
    """Sing a melody over the keys, if they are there. Raises CheckpointError."""
    return _write(plan, part, "lead", random)


@lru_cache(maxsize=1)
def shipped_reader(folder: Path = COMPOSER_FOLDER) -> Reader:
    """The network that ships. Raises CheckpointError."""
    return Reader(*load_weights(folder))


def _write(plan: Plan, part: str, kind: str, random: np.random.Generator) -> Notes:
    return written(plan, part, kind, random, shipped_reader())


def written(plan: Plan, part: str, kind: str, random: np.random.Generator, reader: Reader) -> Notes:
    """The notes of a part in the bars to write, by a network."""
    sheet = _Sheet(plan, part, kind)
    for bars, is_last in sheet.turns():
        window = sheet.window(bars, is_last)
        notes = draw_notes(reader, window, sheet.rules(bars), random)
        sheet.take(notes, bars, window)
    return sheet.notes()


class _Sheet:
    """A part that is being written: its notes (L, 5) in C.

    A line is a bar, or an equal share of one that is longer than MOST_QUARTERS.
    """

    def __init__(self, plan: Plan, part: str, kind: str) -> None:
        self._plan, self._kind = plan, kind
        self._cuts = max(1, math.ceil(plan.bar_beats / MOST_QUARTERS - 1e-9))
        self._line_beats = plan.bar_beats / self._cuts
        self._lines = plan.whole_bars * self._cuts
        quarters = np.arange(MOST_QUARTERS)
        beats = [
            line * self._line_beats + min(float(quarter), self._line_beats - 1e-3)
            for line in range(self._lines)
            for quarter in quarters
        ]
        table = chord_table(plan.chord_at, beats)
        table[np.tile(quarters, self._lines) >= self._line_beats - 1e-6] = -1
        self._shift = shift_to_c(tonic_of(table))
        self._chords = transposed(table, self._shift)
        other = WRITTEN_PARTS[1 - WRITTEN_PARTS.index(kind)]
        self._other = self._moved(plan.given.get(other, ()))
        own = self._moved(plan.given.get(part, ()))
        self._to_write = np.array(
            [plan.writes(line * self._line_beats + 1e-6) for line in range(self._lines)]
        )
        self._rows = own[~self._to_write[own[:, BAR]]]
        self._drums = self._moved(plan.given.get("drums", ()))

    def _moved(self, notes: Notes) -> Ints:
        rows = on_grid(np.array(notes, np.float64).reshape(-1, 4), self._line_beats)
        rows = rows[(rows[:, BAR] < self._lines) & (rows[:, SLOT] < SLOTS)]
        rows[:, PITCH] = np.clip(rows[:, PITCH] + self._shift, 0, PITCHES - 1)
        return rows

    def turns(self) -> list[tuple[Ints, bool]]:
        """Lines to read at once, in order; a loop's last line comes by itself, between its neighbours."""
        loops = self._plan.loop and self._lines > 1 and bool(self._to_write[-1])
        result = [
            (np.arange(start, min(start + _WINDOW_BARS, self._lines)), False)
            for start in range(0, max(1, self._lines - _HOP_BARS), _HOP_BARS)
        ]
        if loops:
            around = np.arange(self._lines - 1 - _LEAD_IN_BARS, self._lines + _LEAD_OUT_BARS)
            inside = around[(around >= 0) & (around - self._lines < self._lines - 1)]
            result.append((inside % self._lines, True))
        return result

    def window(self, lines: Ints, is_last: bool) -> Window:
        """Some lines as the network reads them: those that are not written yet are to be written."""
        holds_last = self._plan.loop and self._lines > 1 and not is_last
        written = self._to_write[lines] & ~(holds_last & (lines == self._lines - 1))
        rows = np.arange(MOST_QUARTERS) + lines[:, None] * MOST_QUARTERS
        told = np.empty((len(lines), 2 + len(LAGS)), np.int64)
        told[:] = (UNKNOWN_DENSITY, UNKNOWN_REGISTER, *([UNKNOWN_LIKENESS] * len(LAGS)))
        feel = self._plan.feel
        if feel.density is not None:
            told[:, 0] = density_class(feel.density)
        if feel.register is not None:
            told[:, 1] = register_class(feel.register + self._shift)
        return Window(
            part=WRITTEN_PARTS.index(self._kind),
            bar_beats=self._line_beats,
            unit=_beat_of(self._plan),
            bpm=self._plan.bpm,
            chords=self._chords[rows.ravel()],
            written=written,
            kept=_placed(self._rows, lines),
            other=_placed(self._other, lines),
            told=told,
        )

    def rules(self, lines: Ints) -> Rules:
        manner = MANNERS[self._kind]
        favour = np.zeros((len(lines), SLOTS), np.float32)
        struck = _placed(self._drums, lines)
        favour[struck[:, BAR], struck[:, SLOT]] = _FAVOUR_OF_DRUMS
        return Rules(
            lowest=manner.lowest + self._shift,
            highest=manner.highest + self._shift,
            slots=slots_in(self._line_beats),
            most_at_once=manner.most_at_once,
            most_in_a_bar=manner.most_in_a_bar,
            favour=favour,
        )

    def take(self, notes: Ints, lines: Ints, window: Window) -> None:
        """Enter notes that were drawn for lines."""
        entered = notes.copy()
        entered[:, BAR] = lines[notes[:, BAR]]
        self._to_write[lines[window.written]] = False
        self._rows = np.concatenate([self._rows, entered])
        self._rows = self._rows[np.lexsort((self._rows[:, PITCH], self._rows[:, SLOT], self._rows[:, BAR]))]

    def notes(self) -> Notes:
        """The notes of the bars to write, in the plan's key."""
        rows = self._rows.copy()
        rows[:, PITCH] -= self._shift
        notes = as_beat_notes(rows, self._line_beats, self._plan.beats)
        return tuple(note for note in notes if self._plan.writes(note[0]))


def _placed(rows: Ints, lines: Ints) -> Ints:
    """The notes of some lines, counted from the first of them; a line may come twice."""
    found = []
    for place, line in enumerate(lines.tolist()):
        start, end = np.searchsorted(rows[:, BAR], (line, line + 1))
        cut = rows[start:end].copy()
        cut[:, BAR] = place
        found.append(cut)
    return np.concatenate(found)


def _beat_of(plan: Plan) -> float:
    """The length of a beat in quarters, as the training songs have it."""
    meter = plan.meter
    if meter.denominator < 8:
        return 1.0
    return 1.5 if meter.numerator % 3 == 0 else 0.5
