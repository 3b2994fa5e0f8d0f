"""Notes drawn from the composing network, one after the other, with what the rules forbid left out.

Letters: N bars, L notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msanii.composer.melodic.config import END
from msanii.composer.melodic.grid import PITCHES, Ints
from msanii.composer.melodic.inference import Floats, Reader, Reading
from msanii.composer.melodic.tokens import NO_DURATION, NO_PITCH, NO_VELOCITY, Window


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What may be drawn: pitches from `lowest` to `highest` (in C), at most so many at once and in a bar.

    `slots` are those of a bar; `favour` (N, SLOTS) is added to the logits of each bar's slots. What is less
    likely than `least_share` times the likeliest is not drawn (min-p sampling, Nguyen et al. 2024).
    """

    lowest: int
    highest: int
    slots: int
    most_at_once: int
    most_in_a_bar: int
    favour: Floats
    temperature: float = 1.0
    least_share: float = 0.05


def draw_notes(reader: Reader, window: Window, rules: Rules, random: np.random.Generator) -> Ints:
    """Notes (L, 5) in the written bars of a window, sorted by bar, slot and pitch."""
    bars = np.flatnonzero(window.written).tolist()
    reading = Reading(reader, window, len(bars) * (rules.most_in_a_bar + 1))
    notes: list[tuple[int, int, int, int, int]] = []
    for bar in bars:
        notes += _draw_bar(reading, bar, rules, random)
    return np.array(notes, np.int64).reshape(-1, 5)


def _draw_bar(
    reading: Reading, bar: int, rules: Rules, random: np.random.Generator
) -> list[tuple[int, int, int, int, int]]:
    event = (bar, END, NO_PITCH, NO_DURATION, NO_VELOCITY)
    notes: list[tuple[int, int, int, int, int]] = []
    slot, pitch, at_once = 0, rules.lowest - 1, 0
    while len(notes) < rules.most_in_a_bar:
        h = reading.step(*event)
        logits = reading.slot_logits(h)
        logits[:END] += rules.favour[bar]
        is_full = at_once >= rules.most_at_once or pitch >= rules.highest
        logits[: slot + is_full] = -np.inf
        logits[rules.slots : END] = -np.inf
        drawn = draw(logits, rules, random)
        if drawn == END:
            break
        is_same = drawn == slot and at_once > 0
        at_once = at_once + 1 if is_same else 1
        lowest = pitch + 1 if is_same else rules.lowest
        slot = drawn
        u = reading.at_slot(h, bar, slot)
        pitches = reading.pitch_logits(u)
        pitches[:lowest] = -np.inf
        pitches[min(rules.highest + 1, PITCHES) :] = -np.inf
        pitch = draw(pitches, rules, random)
        v = reading.length_state(u, pitch)
        duration = draw(reading.duration_logits(v), rules, random)
        velocity = draw(reading.velocity_logits(v, duration), rules, random)
        event = (bar, slot, pitch, duration, velocity)
        notes.append(event)
    return notes


def draw(logits: Floats, rules: Rules, random: np.random.Generator) -> int:
    """Draw a place of logits."""
    chances = np.exp((logits - logits.max()) * np.float32(1 / rules.temperature))
    chances[chances < rules.least_share] = 0
    reached = chances.cumsum(dtype=np.float64)
    return int(reached.searchsorted(random.random() * reached[-1], side="right"))
