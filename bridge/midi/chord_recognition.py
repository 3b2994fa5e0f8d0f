"""The name of the chord that somebody holds, in the spelling that `chords` reads.

A chord is named by its pitch classes; where they allow several names (C6 is Am7/C), the one on the lowest
note wins. Tones that players leave out, the fifth above all, are taken as meant.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from msanii.music.chords import parse_chord

_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

# Plainer chords first: of two that fit as well, the earlier is taken. The last two are what is left of a
# chord in two fingers, or one.
_NAMES = (
    ",m,7,m7,maj7,dim,aug,sus4,sus2,m7b5,dim7,6,m6,mmaj7,7sus4,aug7,augmaj7,add9,madd9,9,m9,maj9,69,7b9,7#9,"
    "7#11,maj7#11,9sus4,11,m11,13,maj13,5,1"
)


@cache
def _types() -> tuple[tuple[str, frozenset[int]], ...]:
    """Each type's name, and its tones in semitones above the root."""
    return tuple((name, parse_chord("C" + name).tones) for name in _NAMES.split(","))


@dataclass(frozen=True, slots=True)
class RecognisedChord:
    """A chord's name with its bass (`Am/C`), its root and bass alone, and which inversion it is.

    `inversion` counts the chord's tones from the root up: 0 stands on the root, 1 on the third; -1 stands on
    a note that is none of its own. `is_exact` says whether every note and nothing else is in the name.
    """

    name: str
    root: str
    bass: str
    inversion: int
    is_exact: bool


def recognise(pitches: Collection[int]) -> RecognisedChord | None:
    """Names the chord of some MIDI pitches; None for no notes at all."""
    if not pitches:
        return None
    tones = frozenset(pitch % 12 for pitch in pitches)
    bass = min(pitches) % 12
    _, root, suffix, intervals = min(
        (_cost(tones, bass, root, order, intervals), root, suffix, intervals)
        for root in range(12)
        for order, (suffix, intervals) in enumerate(_types())
    )
    own = sorted(intervals)
    above = (bass - root) % 12
    name = _ROOTS[root] + suffix + ("" if above == 0 else f"/{_ROOTS[bass]}")
    meant = frozenset((root + interval) % 12 for interval in intervals) | {bass}
    return RecognisedChord(
        name=name,
        root=_ROOTS[root],
        bass=_ROOTS[bass],
        inversion=own.index(above) if above in intervals else -1,
        is_exact=meant == tones,
    )


def _cost(
    tones: frozenset[int], bass: int, root: int, order: int, intervals: frozenset[int]
) -> tuple[float, int, int]:
    """How badly a chord explains the notes; ties go to the root in the bass, then to the plainer chord."""
    played = frozenset((tone - root) % 12 for tone in tones)
    below = frozenset({(bass - root) % 12}) - intervals
    unexplained = len(played - intervals - below)
    # A fifth is easily left out, a third or a seventh is what makes the chord.
    missing = sum(0.6 if interval == 7 else 1.5 for interval in intervals - played)
    foreign_bass = 0.8 * len(below)
    return 2.0 * unexplained + missing + foreign_bass, (bass - root) % 12, order
