"""Keys and lead: the network's window over a plan, bar by bar, and its notes in the plan's key and time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from msanii.composer.melodic.config import (
    LAGS,
    WRITTEN_PARTS,
    density_class,
    register_class,
)
from msanii.composer.melodic.form import Form, Forms, drawn_form, usual_form
from msanii.composer.melodic.grid import (
    BAR,
    MOST_QUARTERS,
    PITCH,
    PITCHES,
    SLOT,
    SLOTS,
    Ints,
    as_beat_notes,
    mean_velocity,
    on_grid,
    slots_in,
    velocity_class,
)
from msanii.composer.melodic.harmony import chord_table, shift_to_c, tonic_of, transposed
from msanii.composer.melodic.inference import Reader
from msanii.composer.melodic.sampling import Aim, Rules, draw_notes
from msanii.composer.melodic.tokens import Window, likeness, likeness_classes, onsets_a_quarter
from msanii.composer.melodic.weights import COMPOSER_FOLDER, load_weights
from msanii.composer.plan import Notes, Plan

_WINDOW_BARS, _HOP_BARS = 16, 8
_LEAD_IN_BARS, _LEAD_OUT_BARS = 8, 4  # that are read around the last bar of a loop
_FAVOUR_OF_DRUMS = 0.7
# How much a draw leans towards the mean velocity of its form: nats for each class that the mean is off.
_VELOCITY_STRENGTH = 0.4
_UNEVENNESS = 6  # velocities


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a part is written, whatever the network likes: see `Rules`.

    `register_strength` is how much a draw leans towards the form's mean pitch, in nats for each semitone.
    """

    lowest: int
    highest: int
    most_at_once: int
    most_in_a_bar: int
    again: float
    thinning: float
    pitch_temperature: float
    moving: float
    register_strength: float


MANNERS: Mapping[str, Manner] = {
    "keys": Manner(
        lowest=33,
        highest=77,
        most_at_once=6,
        most_in_a_bar=48,
        again=1.1,
        thinning=0.15,
        pitch_temperature=0.95,
        moving=0.0,
        register_strength=0.004,
    ),
    "lead": Manner(
        lowest=52,
        highest=91,
        most_at_once=2,
        most_in_a_bar=32,
        again=2.2,
        thinning=0.0,
        pitch_temperature=0.88,
        moving=0.8,
        register_strength=0.012,
    ),
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
        form = sheet.form(bars, reader.forms[kind], random)
        window = sheet.window(bars, is_last, form)
        notes = draw_notes(reader, window, sheet.rules(bars, form, usual_form(reader.forms[kind])), random)
        sheet.take(notes, bars, window)
    return sheet.notes(random)


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
        result = [
            (np.arange(start, min(start + _WINDOW_BARS, self._lines)), False)
            for start in range(0, max(1, self._lines - _HOP_BARS), _HOP_BARS)
        ]
        if not self._plan.loop or self._lines == 1:
            return result
        if not self._to_write[-1] and self._to_write[0]:
            # The first line follows the last one, which is kept.
            kept = int(np.argmax(self._to_write[::-1]))
            before = np.arange(-min(kept, _LEAD_OUT_BARS), 0) % self._lines
            result[0] = (np.concatenate([before, result[0][0]])[:_WINDOW_BARS], False)
        if self._to_write[-1]:
            around = np.arange(self._lines - 1 - _LEAD_IN_BARS, self._lines + _LEAD_OUT_BARS)
            inside = around[(around >= 0) & (around - self._lines < self._lines - 1)]
            result.append((inside % self._lines, True))
        return result

    def form(self, lines: Ints, forms: Forms, random: np.random.Generator) -> Form:
        """The form of some lines: a song's, but as full, high and loud as what is kept, or as is asked."""
        form = drawn_form(forms, self._chords[self._chord_rows(lines)], random)
        kept = _placed(self._rows, lines)
        if len(kept):
            bars = len(np.unique(kept[:, BAR]))
            form = replace(
                form,
                density=density_class(onsets_a_quarter(kept, bars, self._line_beats)),
                register=round(float(kept[:, PITCH].mean())),
                velocity=round(mean_velocity(kept)),
            )
        feel = self._plan.feel
        if feel.density is not None:
            form = replace(form, density=density_class(feel.density))
        if feel.register is not None:
            form = replace(form, register=round(feel.register) + self._shift)
        return form

    def _chord_rows(self, lines: Ints) -> Ints:
        return (np.arange(MOST_QUARTERS) + lines[:, None] * MOST_QUARTERS).ravel()

    def window(self, lines: Ints, is_last: bool, form: Form) -> Window:
        """Some lines as the network reads them: those that are not written yet are to be written."""
        holds_last = self._plan.loop and self._lines > 1 and not is_last
        written = self._to_write[lines] & ~(holds_last & (lines == self._lines - 1))
        kept = _placed(self._rows, lines)
        told = np.empty((len(lines), 2 + len(LAGS)), np.int64)
        told[:, :2] = form.density, register_class(form.register)
        told[:, 2:] = form.likeness
        if not written.all():
            told[~written, 2:] = likeness_classes(likeness(kept, len(lines)))[~written]
        return Window(
            part=WRITTEN_PARTS.index(self._kind),
            bar_beats=self._line_beats,
            unit=_beat_of(self._plan),
            bpm=self._plan.bpm,
            chords=self._chords[self._chord_rows(lines)],
            written=written,
            kept=kept,
            other=_placed(self._other, lines),
            told=told,
        )

    def rules(self, lines: Ints, form: Form, usual: Form) -> Rules:
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
            again=manner.again,
            thinning=manner.thinning,
            pitch_temperature=manner.pitch_temperature,
            moving=manner.moving,
            pitch=Aim(mean=form.register, usual=usual.register, strength=manner.register_strength),
            velocity=Aim(
                mean=velocity_class(form.velocity),
                usual=velocity_class(usual.velocity),
                strength=_VELOCITY_STRENGTH,
            ),
        )

    def take(self, notes: Ints, lines: Ints, window: Window) -> None:
        """Enter notes that were drawn for lines."""
        entered = notes.copy()
        entered[:, BAR] = lines[notes[:, BAR]]
        self._to_write[lines[window.written]] = False
        self._rows = np.concatenate([self._rows, entered])
        self._rows = self._rows[np.lexsort((self._rows[:, PITCH], self._rows[:, SLOT], self._rows[:, BAR]))]

    def notes(self, random: np.random.Generator) -> Notes:
        """The notes of the bars to write, in the plan's key; no two are exactly as loud."""
        rows = self._rows.copy()
        rows[:, PITCH] -= self._shift
        notes = as_beat_notes(rows, self._line_beats, self._plan.beats)
        louder = random.integers(-_UNEVENNESS, _UNEVENNESS + 1, len(notes)).tolist()
        return tuple(
            (start, end, pitch, velocity + more)
            for (start, end, pitch, velocity), more in zip(notes, louder, strict=True)
            if self._plan.writes(start)
        )


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
