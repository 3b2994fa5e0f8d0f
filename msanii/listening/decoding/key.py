"""The key from the chords that were decoded: which scale they are of, and which chord is home.

The network's own guess at the key is left out: it made the key worse (see the listener's card).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msanii.listening.decoding.chords import HeardChord
from msanii.music.chord_classes import KEYS, class_chord
from msanii.music.chord_types import MAJOR_SCALE

_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
# Nats for a tone that is foreign to the scale and for the tonic's triad, as shares of the time with chords,
# and for music that begins and ends on that triad.
_FOREIGN_TONE, _TONIC, _BEGINS, _ENDS = 6.0, 2.0, 0.6, 0.3
_LEAST_CHANCE = 0.2
_LEAST_CHORD_SECONDS = 2.0


def decode_key(chords: Sequence[HeardChord]) -> tuple[int | None, float]:
    """The key as an index in KEYS and its probability; None where no key is heard."""
    sounding = [one for one in chords if one.chord]
    seconds = np.array([one.end_seconds - one.start_seconds for one in sounding])
    if seconds.sum() < _LEAST_CHORD_SECONDS:
        return None, 0.0
    named = [class_chord(one.chord) for one in sounding]
    shares = seconds / seconds.sum()
    scores = np.zeros(len(KEYS))
    for index in range(len(KEYS)):
        tonic, is_minor = index % 12, index >= 12
        scale = {(tonic + step) % 12 for step in (_MINOR_SCALE if is_minor else MAJOR_SCALE)}
        if is_minor:
            scale.add((tonic + 11) % 12)  # the leading note of the dominant
        third = (tonic + (3 if is_minor else 4)) % 12
        foreign = np.array([len(chord.tones - scale) for chord in named])
        tonics = np.array([chord.root == tonic and third in chord.tones for chord in named])
        scores[index] = float((shares * (_TONIC * tonics - _FOREIGN_TONE * foreign)).sum())
        scores[index] += _BEGINS * tonics[0] + _ENDS * tonics[-1]
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    chance = float(chances[best])
    return (best, chance) if chance >= _LEAST_CHANCE else (None, chance)
