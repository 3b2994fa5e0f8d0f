"""Chord recognition: MIDI pitches to a chord name in the syntax of the `chords` parameter.

Chords are named by pitch class. If several names fit (C6 is Am7/C), the one with its root in the bass wins.
Tones that players often omit, above all the fifth, may be missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from msanii.music.chords import parse_chord

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

# Simpler chords first: ties go to the earlier one. The last two are a bare fifth and a single note.
_NAMES = (
    ",m,7,m7,maj7,dim,aug,sus4,sus2,m7b5,dim7,6,m6,mmaj7,7sus4,aug7,augmaj7,add9,madd9,9,m9,maj9,69,7b9,7#9,"
    "7#11,maj7#11,9sus4,11,m11,13,maj13,5,1"
)


@cache
def _types() -> tuple[tuple[str, frozenset[int]], ...]:
    """Return the suffix of each chord type, and its tones in semitones above the root."""
    return tuple((name, parse_chord("C" + name).tones) for name in _NAMES.split(","))


@dataclass(frozen=True, slots=True)
class RecognisedChord:
    """A chord's name with its bass (`Am/C`), its root and bass alone, and its inversion.

    `inversion` is 0 in root position, 1 with the third in the bass, and so on; -1 if the bass is not a chord
    tone. `is_exact` is True if exactly the notes of the name were played.
    """

    name: str
    root: str
    bass: str
    inversion: int
    is_exact: bool


def recognise(pitches: Collection[int]) -> RecognisedChord | None:
    """Return the chord that fits the MIDI pitches best, or None without pitches."""
    if not pitches:
        return None
    tones = frozenset(pitch % 12 for pitch in pitches)
    bass = min(pitches) % 12
    _, root, suffix, intervals = min(
        (_cost(tones, bass, root, order, intervals), root, suffix, intervals)
        for root in range(12)
        for order, (suffix, intervals) in enumerate(_types())
    )
    chord_tones = sorted(intervals)
    above = (bass - root) % 12
    name = _ROOTS[root] + suffix + ("" if above == 0 else f"/{_ROOTS[bass]}")
    meant = frozenset((root + interval) % 12 for interval in intervals) | {bass}
    return RecognisedChord(
        name=name,
        root=_ROOTS[root],
        bass=_ROOTS[bass],
        inversion=chord_tones.index(above) if above in intervals else -1,
        is_exact=meant == tones,
    )


def _cost(
    tones: frozenset[int], bass: int, root: int, order: int, intervals: frozenset[int]
) -> tuple[float, int, int]:
    """Return how badly a chord fits the notes; ties go to the root in the bass, then to the simpler chord."""
    played = frozenset((tone - root) % 12 for tone in tones)
    below = frozenset({(bass - root) % 12}) - intervals
    unexplained = len(played - intervals - below)
    # Players often omit the fifth, but the third and the seventh define the chord.
    missing = sum(0.6 if interval == 7 else 1.5 for interval in intervals - played)
    foreign_bass = 0.8 * len(below)
    return 2.0 * unexplained + missing + foreign_bass, (bass - root) % 12, order
