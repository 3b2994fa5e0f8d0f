"""The key from what the network hears and from the chords that were decoded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msanii.listening.decoding.chords import HeardChord
from msanii.music.chord_classes import KEYS, class_chord
from msanii.music.chord_types import MAJOR_SCALE

_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
# Nats for each chord whose tones are all in the scale (against one foreign tone), and for the tonic's triad,
# as a share of the time with chords.
_FOREIGN_TONE, _TONIC = 6.0, 1.5
_LEAST_CHANCE = 0.35
_LEAST_CHORD_SECONDS = 2.0


def decode_key(key: NDArray[np.float32], chords: Sequence[HeardChord]) -> tuple[int | None, float]:
    """The key as an index in KEYS and its probability; None where no key is heard.

    `key` (24,) are log probabilities.
    """
    seconds = np.array([one.end_seconds - one.start_seconds for one in chords if one.chord])
    if seconds.sum() < _LEAST_CHORD_SECONDS:
        return None, 0.0
    named = [class_chord(one.chord) for one in chords if one.chord]
    scores = key.astype(np.float64)
    for index in range(len(KEYS)):
        tonic, is_minor = index % 12, index >= 12
        scale = {(tonic + step) % 12 for step in (_MINOR_SCALE if is_minor else MAJOR_SCALE)}
        if is_minor:
            scale.add((tonic + 11) % 12)  # the leading note of the dominant
        third = (tonic + (3 if is_minor else 4)) % 12
        foreign = np.array([len(chord.tones - scale) for chord in named])
        tonics = np.array([chord.root == tonic and third in chord.tones for chord in named])
        shares = seconds / seconds.sum()
        scores[index] += float((shares * (_TONIC * tonics - _FOREIGN_TONE * foreign)).sum())
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    chance = float(chances[best])
    return (best, chance) if chance >= _LEAST_CHANCE else (None, chance)
