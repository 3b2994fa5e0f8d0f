"""Held chords in close voicings, each as near as possible to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from msanii.composer.plan import Notes, Plan
from msanii.music.chords import Chord

LOWEST, HIGHEST = 50, 79
_VOICES = 4
_GATE = 0.98  # of a chord's span, so that the next attack is heard
_VELOCITY = 72


def write_pad(plan: Plan, _part: str, random: np.random.Generator) -> Notes:
    """Hold each chord until the next; silent where there is none. `random` draws the register."""
    centre = plan.feel.register if plan.feel.register is not None else int(random.integers(58, 69))
    voicing: tuple[int, ...] = ()
    notes = []
    for span in plan.chord_spans():
        if not span.chord.tones:
            continue
        voicing = voiced(span.chord, voicing, centre)
        end = span.start_beats + (span.end_beats - span.start_beats) * _GATE
        velocity = round(plan.feel.dynamics) if plan.feel.dynamics is not None else _VELOCITY
        notes += [(span.start_beats, end, pitch, velocity) for pitch in voicing]
    return tuple(sorted(notes))


def voiced(chord: Chord, before: Sequence[int], centre: float) -> tuple[int, ...]:
    """A voicing of at most four of the chord's tones around `centre`, moving least from `before`."""
    tones = _kept_tones(chord)
    best: tuple[float, tuple[int, ...]] | None = None
    for octaves in product((-1, 0, 1), repeat=len(tones)):
        pitches = tuple(
            sorted(_near(tone, centre) + 12 * octave for tone, octave in zip(tones, octaves, strict=True))
        )
        if not LOWEST <= pitches[0] <= pitches[-1] <= HIGHEST or pitches[-1] - pitches[0] > 16:
            continue
        cost = _movement(pitches, before) + 0.5 * abs(sum(pitches) / len(pitches) - centre)
        if best is None or (cost, pitches) < best:
            best = cost, pitches
    return best[1] if best is not None else tuple(sorted(_near(tone, centre) for tone in tones))


def _kept_tones(chord: Chord) -> list[int]:
    """The tones to sound: the root goes first where there are more than four."""
    tones = sorted(chord.tones)
    if len(tones) > _VOICES and chord.root in tones:
        tones.remove(chord.root)
    return tones[:_VOICES]


def _near(tone: int, centre: float) -> int:
    return tone + 12 * round((centre - tone) / 12)


def _movement(pitches: Sequence[int], before: Sequence[int]) -> float:
    """How far the voices move, in semitones, each to the nearest of the other chord."""
    if not before:
        return 0.0
    return sum(min(abs(pitch - other) for other in before) for pitch in pitches)
