"""Notes drawn from the composing network, one after the other, with what the rules forbid left out.

Letters: N bars, L notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.config import END, LAGS, UNKNOWN_LIKENESS
from msanii.composer.melodic.grid import BAR, MOST_QUARTERS, PITCH, PITCHES, SLOT, SLOTS, VELOCITIES, Ints
from msanii.composer.melodic.inference import Floats, Reader, Reading
from msanii.composer.melodic.tokens import NO_DURATION, NO_PITCH, NO_VELOCITY, Window

_USUAL_NOTES = 24  # that count as drawn before the first one
_EVENNESS = np.float32(1.4)  # makes likely velocities likelier
# By class of likeness, how much the notes are favoured that a bar is to have again.
_STRENGTHS = (0.0, 0.3, 1.2, 3.0)


@dataclass(frozen=True, kw_only=True)
class Aim:
    """A mean to come near to, in classes; without it, the mean of what is drawn would be about `usual`."""

    mean: float
    usual: float
    strength: float


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What may be drawn: pitches from `lowest` to `highest` (in C), at most so many at once and in a bar.

    `slots` are those of a bar. `favour` (N, SLOTS) is added to the logits of each bar's slots, and `again` to
    those of notes that come again; `thinning` is taken from those of one more note at a time, for each that
    is there, and `moving` from those of the pitch before. `pitch` and `velocity` are what the means are to
    come near to. What is less likely than `least_share` times the likeliest is not drawn (min-p sampling,
    Nguyen et al. 2024).
    """

    lowest: int
    highest: int
    slots: int
    most_at_once: int
    most_in_a_bar: int
    favour: Floats
    again: float
    thinning: float
    pitch_temperature: float
    moving: float
    pitch: Aim
    velocity: Aim
    least_share: float = 0.03


class _Mean:
    """A running mean that leans the next draw towards its aim, by as much as it is off."""

    def __init__(self, aim: Aim, classes: int) -> None:
        self._aim, self._classes = aim, np.arange(classes, dtype=np.float32)
        self._total, self._count = aim.usual * _USUAL_NOTES, _USUAL_NOTES

    def lean(self, logits: Floats) -> None:
        """Make what brings the mean nearer likelier."""
        logits += (
            np.float32(self._aim.strength * (self._aim.mean - self._total / self._count)) * self._classes
        )

    def add(self, drawn: int) -> None:
        self._total += drawn
        self._count += 1


Event = tuple[int, int, int, int, int]
"""bar, slot, pitch, classes of duration and velocity"""


class _Model:
    """The bar that a bar is to be like: its notes are favoured, each at its turn.

    `struck` (SLOTS, PITCHES) says which they are. Where the chords are others, its rhythm alone counts.
    """

    def __init__(self, struck: NDArray[np.bool_], strength: float, *, same_chords: bool) -> None:
        self._struck, self._strength, self._same_chords = struck, strength, same_chords
        self._slots = np.flatnonzero(struck.any(axis=1))

    def favour_slot(self, logits: Floats, slot: int, pitch: int, at_once: int) -> None:
        """Favour the model's next note after a pitch at a slot, or the end behind its last one."""
        if self._strength <= 0:
            return
        if at_once and self._struck[slot, pitch + 1 :].any():
            logits[slot] += self._strength
            return
        later = self._slots[self._slots >= slot + (at_once > 0)]
        logits[later[0] if len(later) else END] += self._strength

    def favour_pitches(self, logits: Floats, slot: int) -> None:
        """Favour the model's pitches at a slot."""
        if self._same_chords:
            logits += np.float32(self._strength) * self._struck[slot]


def _model(window: Window, rules: Rules, bar: int, struck: NDArray[np.bool_]) -> _Model:
    """The bar before that a bar is told to be most like; `struck` (N, SLOTS, PITCHES) are all bars' notes."""
    classes = [
        window.told[bar, 2 + column] if lag <= bar else UNKNOWN_LIKENESS for column, lag in enumerate(LAGS)
    ]
    known = [-1 if found == UNKNOWN_LIKENESS else int(found) for found in classes]
    column = int(np.argmax(known))
    reference = bar - LAGS[column]
    if known[column] < 0:
        return _Model(struck[bar], 0.0, same_chords=False)
    rows = slice(bar * MOST_QUARTERS, (bar + 1) * MOST_QUARTERS)
    before = slice(reference * MOST_QUARTERS, (reference + 1) * MOST_QUARTERS)
    same = bool((window.chords[rows] == window.chords[before]).all())
    return _Model(struck[reference], rules.again * _STRENGTHS[known[column]], same_chords=same)


def draw_notes(reader: Reader, window: Window, rules: Rules, random: np.random.Generator) -> Ints:
    """Notes (L, 5) in the written bars of a window, sorted by bar, slot and pitch."""
    bars = np.flatnonzero(window.written).tolist()
    reading = Reading(reader, window, len(bars) * (rules.most_in_a_bar + 1))
    struck = np.zeros((len(window.written), SLOTS, PITCHES), bool)
    struck[window.kept[:, BAR], window.kept[:, SLOT], window.kept[:, PITCH]] = True
    means = _Mean(rules.pitch, PITCHES), _Mean(rules.velocity, VELOCITIES)
    notes: list[Event] = []

    def must_play(bar: int) -> bool:
        """Whether a part that is silent so far has to begin: in its second bar, or in its only one."""
        has_chord = bool((window.chords[bar * MOST_QUARTERS : (bar + 1) * MOST_QUARTERS, 0] >= 0).any())
        return has_chord and bar in (bars[-1], *bars[1:]) and not struck.any()

    for bar in bars:
        drawn = _draw_bar(
            reading, bar, rules, _model(window, rules, bar, struck), means, must_play(bar), random
        )
        for _, slot, pitch, _, _ in drawn:
            struck[bar, slot, pitch] = True
        notes += drawn
    return np.array(notes, np.int64).reshape(-1, 5)


def _draw_bar(
    reading: Reading,
    bar: int,
    rules: Rules,
    model: _Model,
    means: tuple[_Mean, _Mean],
    must_play: bool,
    random: np.random.Generator,
) -> list[Event]:
    mean_pitch, mean_velocity = means
    event: Event = (bar, END, NO_PITCH, NO_DURATION, NO_VELOCITY)
    notes: list[Event] = []
    slot, pitch, at_once = 0, rules.lowest - 1, 0
    while len(notes) < rules.most_in_a_bar:
        h = reading.step(*event)
        logits = reading.slot_logits(h)
        logits[:END] += rules.favour[bar]
        logits[slot] -= rules.thinning * at_once
        model.favour_slot(logits, slot, pitch, at_once)
        is_full = at_once >= rules.most_at_once or pitch >= rules.highest
        logits[: slot + is_full] = -np.inf
        logits[rules.slots : END] = -np.inf
        if must_play and not notes:
            logits[END] = -np.inf
        drawn = draw(logits, rules, random)
        if drawn == END:
            break
        is_same = drawn == slot and at_once > 0
        at_once = at_once + 1 if is_same else 1
        lowest = pitch + 1 if is_same else rules.lowest
        slot = drawn
        u = reading.at_slot(h, bar, slot)
        pitches = reading.pitch_logits(u)
        pitches /= np.float32(rules.pitch_temperature)
        if notes:
            pitches[pitch] -= rules.moving
        model.favour_pitches(pitches, slot)
        mean_pitch.lean(pitches)
        pitches[:lowest] = -np.inf
        pitches[min(rules.highest + 1, PITCHES) :] = -np.inf
        pitch = draw(pitches, rules, random)
        v = reading.length_state(u, pitch)
        duration = draw(reading.duration_logits(v), rules, random)
        velocities = reading.velocity_logits(v, duration)
        velocities *= _EVENNESS
        mean_velocity.lean(velocities)
        velocity = draw(velocities, rules, random)
        mean_pitch.add(pitch)
        mean_velocity.add(velocity)
        event = (bar, slot, pitch, duration, velocity)
        notes.append(event)
    return notes


def draw(logits: Floats, rules: Rules, random: np.random.Generator) -> int:
    """Draw a place of logits."""
    chances = np.exp(logits - logits.max())
    chances[chances < rules.least_share] = 0
    reached = chances.cumsum(dtype=np.float64)
    return int(reached.searchsorted(random.random() * reached[-1], side="right"))
