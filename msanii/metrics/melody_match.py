"""Longest common run of intervals of two melodies, to tell whether a melody was copied.

Intervals are semitones modulo the octave between successive notes, ignoring repetitions, so that key, octave,
tempo and octave errors of the detector do not matter. Pure numpy. Letters: N intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Intervals = NDArray[np.uint8]

BETWEEN_SONGS = 255
# Notes this close begin together; the highest is the melody.
_TOGETHER_SECONDS = 0.04


def intervals(pitches: Sequence[int]) -> Intervals:
    """The intervals (N,) of a melody, 1 to 11 and 0 for an octave; repeated notes are skipped."""
    notes = np.asarray(pitches, dtype=np.int64)
    steps = np.diff(notes)
    return np.asarray(steps[steps != 0] % 12, dtype=np.uint8)


def melody_line(notes: Iterable[tuple[float, int]]) -> list[int]:
    """The pitches of notes (onset seconds, pitch) in order; of notes that begin together, the highest."""
    highest: list[tuple[float, int]] = []
    for onset, pitch in sorted(notes):
        if highest and onset - highest[-1][0] < _TOGETHER_SECONDS:
            highest[-1] = (highest[-1][0], max(pitch, highest[-1][1]))
        else:
            highest.append((onset, pitch))
    return [pitch for _, pitch in highest]


def corpus(melodies: Iterable[Intervals]) -> Intervals:
    """Join melodies into one array, separated by a value that is no interval."""
    parts: list[Intervals] = []
    for melody in melodies:
        parts += [melody, np.array([BETWEEN_SONGS], dtype=np.uint8)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)


def longest_match(melody: Intervals, known: Intervals) -> int:
    """The length in notes of the longest run of a melody (N,) in a corpus; 0 for an empty melody."""
    longest = 0
    run = np.zeros(len(known) + 1, dtype=np.int32)
    for interval in melody:
        run[1:] = np.where(known == interval, run[:-1] + 1, 0)
        longest = max(longest, int(run.max()))
    return longest + 1 if len(melody) else 0
