"""Wider dynamics for training takes, so that a network hears what velocity does within one take.

Songs and written parts hardly vary: half of all takes have velocities within a standard deviation of 7. The
level then moves by a decibel or two, which a network may leave out at next to no loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from msanii.data.bar_time import BarNote
from msanii.data.instruments.table import INSTRUMENTS
from msanii.data.midi_take import MidiTake, Voice

WIDENED_SHARE = 0.7
# Standard deviations, as shares of the range of velocities that an instrument is played in.
_ACCENTS_RANGE = (0.05, 0.4)
_SWELLS_RANGE = (0.0, 0.25)
_NOTES = 0.05
_SWELL_QUARTERS_RANGE = (4.0, 32.0)
# Notes that begin so close together are one stroke.
_STROKES_PER_QUARTER = 16


def with_wide_dynamics(take: MidiTake, random: np.random.Generator) -> MidiTake:
    """The take with accents and swells of its own in each voice, in `WIDENED_SHARE` of all takes.

    A stroke's notes share its accent and differ little. Velocities stay in the range of the instrument.
    """
    if random.random() >= WIDENED_SHARE:
        return take
    return replace(take, voices=tuple(_widened(voice, random) for voice in take.voices))


def _widened(voice: Voice, random: np.random.Generator) -> Voice:
    softest, loudest = INSTRUMENTS[voice.sound].velocities
    swell = _drawn_swell(random)
    depth = float(random.uniform(*_ACCENTS_RANGE))
    places = [round(note.onset * _STROKES_PER_QUARTER) for note in voice.notes]
    accents = {place: float(random.normal(0, depth)) for place in sorted(set(places))}

    def played(note: BarNote, place: int) -> BarNote:
        moved = accents[place] + swell(note.onset) + float(random.normal(0, _NOTES))
        velocity = note.velocity + (loudest - softest) * moved
        return replace(note, velocity=round(float(np.clip(velocity, softest, loudest))))

    notes = tuple(played(note, place) for note, place in zip(voice.notes, places, strict=True))
    return replace(voice, notes=notes)


def _drawn_swell(random: np.random.Generator) -> Callable[[float], float]:
    """A slow wave over the beats."""
    height = float(random.uniform(*_SWELLS_RANGE)) * 2**0.5
    quarters, begin = float(random.uniform(*_SWELL_QUARTERS_RANGE)), float(random.random())
    return lambda beat: height * float(np.sin(2 * np.pi * (beat / quarters + begin)))
