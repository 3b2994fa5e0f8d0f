"""Chord types: `maj7`, `m7b5` or `7(b9,#5)` -> semitones above the root. Pure Python."""

from __future__ import annotations

import re

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)

# Semitones above the root. A type is looked up whole, then as its longest known prefix plus alterations.
_TYPES: dict[str, tuple[int, ...]] = {
    name: intervals
    for names, intervals in (
        (", maj, M, Maj, major, dur", (0, 4, 7)),
        ("m, min, mi, -, minor, moll", (0, 3, 7)),
        ("dim, o, °, mb5, diminished", (0, 3, 6)),
        ("aug, +, #5, augmented", (0, 4, 8)),
        ("1", (0,)),
        ("5", (0, 7)),
        ("-5, b5", (0, 4, 6)),
        ("sus, sus4, 4", (0, 5, 7)),
        ("sus2", (0, 2, 7)),
        ("sus2sus4, sus24, sus42, sus4sus2", (0, 2, 5, 7)),
        ("2, add2, add9", (0, 2, 4, 7)),
        ("add4, add11", (0, 4, 5, 7)),
        ("6, maj6, M6, add6", (0, 4, 7, 9)),
        ("m6, min6, mi6, -6", (0, 3, 7, 9)),
        ("69, 6/9, maj69, maj6/9, M69, 6add9", (0, 2, 4, 7, 9)),
        ("m69, m6/9, min69, -69", (0, 2, 3, 7, 9)),
        ("7, dom7, dom", (0, 4, 7, 10)),
        ("maj7, M7, Maj7, ma7, Δ, Δ7, j7, 7M", (0, 4, 7, 11)),
        ("m7, min7, mi7, -7", (0, 3, 7, 10)),
        ("mmaj7, mM7, m(maj7), m(M7), minmaj7, -maj7, -M7, mΔ, mΔ7, -Δ, -Δ7, m7M", (0, 3, 7, 11)),
        ("dim7, o7, °7", (0, 3, 6, 9)),
        ("dimmaj7, oM7, °M7", (0, 3, 6, 11)),
        ("m7b5, min7b5, -7b5, m7-5, ø, ø7, h, h7, hdim, hdim7", (0, 3, 6, 10)),
        ("aug7, +7, 7+, 7#5, 7+5", (0, 4, 8, 10)),
        ("augmaj7, +maj7, +M7, maj7#5", (0, 4, 8, 11)),
        ("7sus4, 7sus, sus7, sus47", (0, 5, 7, 10)),
        ("7sus2", (0, 2, 7, 10)),
        ("9, dom9", (0, 2, 4, 7, 10)),
        ("maj9, M9, Maj9, ma9, Δ9", (0, 2, 4, 7, 11)),
        ("m9, min9, mi9, -9", (0, 2, 3, 7, 10)),
        ("mmaj9, mM9, minmaj9", (0, 2, 3, 7, 11)),
        ("9sus4, 9sus, sus9", (0, 2, 5, 7, 10)),
        ("aug9, +9", (0, 2, 4, 8, 10)),
        ("11, dom11", (0, 2, 4, 5, 7, 10)),
        ("maj11, M11, Maj11, Δ11", (0, 2, 4, 5, 7, 11)),
        ("m11, min11, mi11, -11", (0, 2, 3, 5, 7, 10)),
        ("13, dom13", (0, 2, 4, 7, 9, 10)),
        ("maj13, M13, Maj13, Δ13", (0, 2, 4, 7, 9, 11)),
        ("m13, min13, mi13, -13", (0, 2, 3, 5, 7, 9, 10)),
        ("13sus4, 13sus", (0, 2, 5, 7, 9, 10)),
        ("7alt, alt", (0, 1, 3, 4, 8, 10)),
    )
    for name in names.split(", ")
}
_LONGEST_FIRST = sorted(_TYPES, key=len, reverse=True)
_ALTERATION = re.compile(r"(add|omit|no|sus)?([#b+-]?)(2|3|4|5|6|7|9|11|13)", re.ASCII)
# Band-in-a-Box writes Maj7 and fake books MA7; a lone M or m differs by its case.
_WORD = re.compile(
    r"major|minor|maj|min|ma(?=\d|$)|mi(?=\d|$)|dur|moll|dim|aug|sus|add|dom|alt|omit|no", re.I
)
_LONG_WORDS = {"ma": "maj", "mi": "min"}
_THIRD = re.compile(r"m|M|-|dur|dim|dom|alt|o|°|ø|h|sus|\+|aug|5|Δ")
_NEEDS_NO_SIGN = frozenset({2, 4, 6, 9, 11, 13})


def intervals_of(chord_type: str) -> frozenset[int] | None:
    """Semitones above the root for a chord type such as `maj7` or `7(b9,#5)`; None if it is unknown."""
    if chord_type in _TYPES:
        return frozenset(_TYPES[chord_type])
    worded = _WORD.sub(lambda word: _LONG_WORDS.get(word[0].lower(), word[0].lower()), chord_type)
    if worded in _TYPES:
        return frozenset(_TYPES[worded])
    plain = worded.translate(str.maketrans("", "", "(), "))
    for base in _LONGEST_FIRST:
        # C7+ is augmented, but in C7+9 the sign belongs to the ninth.
        if plain.startswith(base) and not (base == "7+" and plain[2:3].isdigit()):
            altered = _altered(set(_TYPES[base]), plain[len(base) :])
            if altered is not None:
                return frozenset(altered)
    return None


def states_third(chord_type: str) -> bool:
    """Whether a type such as `m7`, `maj9` or `sus4` itself says major or minor, or that there is no third."""
    return _THIRD.match(chord_type) is not None


def _altered(intervals: set[int], alterations: str) -> set[int] | None:
    """Apply alterations such as `b5`, `#9`, `add11`, `no3` or `sus4`; None if they cannot be parsed."""
    position = 0
    while position < len(alterations):
        match = _ALTERATION.match(alterations, position)
        if match is None:
            return None
        word, sign, number = match[1], match[2], int(match[3])
        if not word and not sign and number not in _NEEDS_NO_SIGN:
            return None
        interval = (MAJOR_SCALE[(number - 1) % 7] + {"": 0, "#": 1, "+": 1, "b": -1, "-": -1}[sign]) % 12
        if word in {"no", "omit"}:
            intervals -= {3, 4} if number == 3 else {interval}
        elif word == "sus":
            intervals = (intervals - {3, 4}) | {interval}
        else:
            intervals = (intervals - {7} if number == 5 else intervals) | {interval}
        position = match.end()
    return intervals
