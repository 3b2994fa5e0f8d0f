"""Chords quarter by quarter, and the key that they are in, as the composing network reads them.

All music is moved into C major or A minor for the network, so that it plays alike in every key.
Letters: Q quarters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.grid import Ints
from msanii.music.chords import Chord

CHORD_FEATURES = 37
"""whether there is a chord, its root, its bass note, its tones"""

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MAJOR = np.isin(np.arange(12), MAJOR_SCALE).astype(np.int64)
_TONIC_SHARE = 0.25  # how much a tonic chord, major or minor, says of the key, beside the tones in the scale


def chord_table(chord_at: Callable[[float], Chord], beats: Sequence[float]) -> Ints:
    """(Q, 14): root and bass, -1 without a chord, and twelve tones, of the chords at some times."""
    rows = np.full((len(beats), 14), -1, np.int64)
    for row, beat in zip(rows, beats, strict=True):
        chord = chord_at(beat)
        row[2:] = [tone in chord.tones for tone in range(12)]
        if chord.root is not None and chord.bass is not None:
            row[:2] = chord.root, chord.bass
    return rows


def transposed(table: Ints, semitones: int) -> Ints:
    """A chord table (Q, 14), higher by semitones."""
    moved = table.copy()
    moved[:, :2] = np.where(table[:, :2] >= 0, (table[:, :2] + semitones) % 12, -1)
    moved[:, 2:] = np.roll(table[:, 2:], semitones, axis=1)
    return moved


def chord_features(table: Ints) -> NDArray[np.float32]:
    """(Q, CHORD_FEATURES) of a chord table (Q, 14)."""
    features = np.zeros((len(table), CHORD_FEATURES), np.float32)
    named = table[:, 0] >= 0
    places = np.arange(len(table))[named]
    features[places, 0] = 1
    features[places, 1 + table[named, 0]] = 1
    features[places, 13 + table[named, 1]] = 1
    features[:, 25:] = table[:, 2:]
    return features


def tonic_of(table: Ints) -> int:
    """The tonic, 0 to 11, of the major key whose scale holds most of the chords' tones.

    A minor key is found as its relative major. Chords on either tonic decide between keys that hold as many.
    """
    roots = table[table[:, 0] >= 0]
    if not len(roots):
        return 0
    weight = roots[:, 2:].sum(axis=0)
    first = np.bincount(roots[:, 0], minlength=12)
    scores = [
        float((weight * np.roll(_MAJOR, tonic)).sum())
        + _TONIC_SHARE * float(first[tonic] + first[(tonic + 9) % 12])
        for tonic in range(12)
    ]
    return int(np.argmax(scores))


def shift_to_c(tonic: int) -> int:
    """The semitones, -6 to 5, that bring a tonic to C."""
    return (-tonic + 6) % 12 - 6
