"""The chords that a listener tells apart: a root and one of `QUALITIES`, or no chord. Pure Python.

Richer chords are reduced to the nearest class: C13 to C7, Fm6 to Fm, Bdim7 to Bdim.
"""

from __future__ import annotations

from msanii.music.chords import NO_CHORD, Chord, parse_chord

QUALITIES = ("", "m", "7", "maj7", "m7", "sus4", "sus2", "7sus4", "dim", "aug", "m7b5")
"""the types by their names in chord text; a model depends on the order"""

CHORD_CLASSES = 1 + 12 * len(QUALITIES)
"""class 0 is no chord; class 1 + 12 * quality + root are the others"""

SHARP_ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_MIXED_ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# By the tonic of the major scale with the same notes.
_SHARP_KEYS, _FLAT_KEYS = frozenset({7, 2, 9, 4, 11, 6}), frozenset({5, 10, 3, 8, 1})
_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

KEYS = (*(f"{name} major" for name in _MAJOR_KEYS), *(f"{name} minor" for name in _MINOR_KEYS))
"""the keys that a listener tells apart, by tonic, first all major ones; a model depends on the order"""


def chord_class(chord: Chord) -> int:
    """The class of a chord, 0 to CHORD_CLASSES - 1."""
    if chord.root is None:
        return 0
    tones = {(tone - chord.root) % 12 for tone in chord.tones}
    if chord.bass is not None and chord.bass != chord.root and len(tones) > 3:
        # A foreign bass is no part of the type: in C/Bb the seventh belongs to the bass alone.
        tones.discard((chord.bass - chord.root) % 12)
        tones |= {(chord.bass - chord.root) % 12} & {3, 4, 7}
    return 1 + 12 * QUALITIES.index(_quality(tones)) + chord.root


def _quality(tones: set[int]) -> str:
    """The type of semitones above a root."""
    seventh = 10 in tones
    if 4 in tones:
        if 8 in tones and 7 not in tones:
            return "aug"
        return "maj7" if 11 in tones else "7" if seventh else ""
    if 3 in tones:
        if 6 in tones and 7 not in tones:
            return "m7b5" if seventh else "dim"
        return "m7" if seventh else "m"
    if 5 in tones:
        return "7sus4" if seventh else "sus4"
    if 2 in tones and not seventh:
        return "sus2"
    return "7" if seventh else ""


def class_chord(index: int, key: int | None = None, bass: int | None = None) -> Chord:
    """The chord of a class, named as `key` (an index in KEYS) spells it; `bass` None is the root."""
    if index == 0:
        return NO_CHORD
    quality, root = divmod(index - 1, 12)
    names = root_names(key)
    text = names[root] + QUALITIES[quality]
    return parse_chord(text if bass is None or bass == root else f"{text}/{names[bass]}")


def root_names(key: int | None) -> tuple[str, ...]:
    """The names of the twelve pitch classes in a key: sharps in keys that have sharps, else flats."""
    if key is None:
        return _MIXED_ROOTS
    tonic = key if key < 12 else (key - 9) % 12
    if tonic in _SHARP_KEYS:
        return SHARP_ROOTS
    return FLAT_ROOTS if tonic in _FLAT_KEYS else _MIXED_ROOTS
