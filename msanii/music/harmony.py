"""Single chords: root, bass and tones, the table of chord types, and Harte's syntax. Pure Python.

Import `msanii.music.chords` instead, which parses progressions with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from msanii.errors import ChordError

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
NOTE = re.compile(r"([A-G])(b{1,2}|#{0,2})")

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# Semitones above the root. A type is looked up whole, then as its longest known prefix plus alterations.
_TYPES: dict[str, tuple[int, ...]] = {
    name: intervals
    for names, intervals in (
        (", maj, M, Maj, major", (0, 4, 7)),
        ("m, min, mi, -, minor", (0, 3, 7)),
        ("dim, o, °, mb5", (0, 3, 6)),
        ("aug, +, #5", (0, 4, 8)),
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
        ("69, 6/9, maj69, 6add9", (0, 2, 4, 7, 9)),
        ("m69, m6/9, min69, -69", (0, 2, 3, 7, 9)),
        ("7, dom7, dom", (0, 4, 7, 10)),
        ("maj7, M7, Maj7, ma7, Δ, Δ7, j7", (0, 4, 7, 11)),
        ("m7, min7, mi7, -7", (0, 3, 7, 10)),
        ("mmaj7, mM7, m(maj7), m(M7), minmaj7, -maj7, -M7, mΔ, mΔ7, -Δ", (0, 3, 7, 11)),
        ("dim7, o7, °7", (0, 3, 6, 9)),
        ("dimmaj7, oM7, °M7", (0, 3, 6, 11)),
        ("m7b5, min7b5, -7b5, m7-5, ø, ø7, hdim, hdim7", (0, 3, 6, 10)),
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
        ("maj11, M11, Maj11", (0, 2, 4, 5, 7, 11)),
        ("m11, min11, mi11, -11", (0, 2, 3, 5, 7, 10)),
        ("13, dom13", (0, 2, 4, 7, 9, 10)),
        ("maj13, M13, Maj13", (0, 2, 4, 7, 9, 11)),
        ("m13, min13, mi13, -13", (0, 2, 3, 5, 7, 9, 10)),
        ("13sus4, 13sus", (0, 2, 5, 7, 9, 10)),
        ("7alt, alt", (0, 1, 3, 4, 8, 10)),
    )
    for name in names.split(", ")
}
_LONGEST_FIRST = sorted(_TYPES, key=len, reverse=True)
_ALTERATION = re.compile(r"(add|omit|no|sus)?([#b+-]?)(2|3|4|5|6|7|9|11|13)", re.ASCII)
_NEEDS_NO_SIGN = frozenset({2, 4, 6, 9, 11, 13})
_HARTE = re.compile(
    r"(?P<root>[A-G](?:b{1,2}|#{0,2}))(?::(?P<type>[a-z0-9]*)(?:\((?P<extras>[*b#0-9,]{0,32})\))?)?"
    r"(?:/(?P<bass>[b#]{0,2}\d{1,2}))?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chord:
    """Pitch classes, 0 (C) to 11 (B). `root` and `bass` are None for N.C.; `tones` includes the bass."""

    root: int | None
    bass: int | None
    tones: frozenset[int]
    text: str

    def transposed(self, semitones: int) -> Chord:
        """Transpose up by semitones; the text stays the same."""
        if self.root is None or self.bass is None:
            return self
        return replace(
            self,
            root=(self.root + semitones) % 12,
            bass=(self.bass + semitones) % 12,
            tones=frozenset((tone + semitones) % 12 for tone in self.tones),
        )


NO_CHORD = Chord(root=None, bass=None, tones=frozenset(), text="N.C.")


def build_chord(root: int, intervals: frozenset[int], bass: int | None, text: str) -> Chord:
    """Build a chord from a root's pitch class and semitones above it; `bass` None is the root."""
    tones = frozenset((root + interval) % 12 for interval in intervals)
    lowest = root if bass is None else bass
    return Chord(root=root, bass=lowest, tones=tones | {lowest}, text=text)


def pitch_class(note: re.Match[str]) -> int:
    """The pitch class, 0 to 11, of a match of NOTE."""
    return (_LETTERS[note[1]] + accidental(note[2])) % 12


def accidental(signs: str) -> int:
    """The semitones of sharps and flats."""
    return signs.count("#") - signs.count("b")


def intervals_of(chord_type: str) -> frozenset[int] | None:
    """Semitones above the root for a chord type such as `maj7` or `7(b9,#5)`; None if it is unknown."""
    if chord_type in _TYPES:
        return frozenset(_TYPES[chord_type])
    plain = chord_type.translate(str.maketrans("", "", "(), "))
    for base in _LONGEST_FIRST:
        if plain.startswith(base):
            altered = _altered(set(_TYPES[base]), plain[len(base) :])
            if altered is not None:
                return frozenset(altered)
    return None


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


def parse_harte_chord(text: str) -> Chord:
    """Parse a chord such as `Eb:min/b3`; `N` (none) and `X` (unknown) are N.C. Raises ChordError."""
    if text in {"N", "X"}:
        return NO_CHORD
    match = _HARTE.match(text)
    note = NOTE.fullmatch(match["root"]) if match is not None else None
    if match is None or note is None:
        raise ChordError(f"`{shown(text)}`: not a chord in the syntax of Harte, for example `Eb:min/b3`")
    extras = [extra for extra in (match["extras"] or "").split(",") if extra]
    bare = not match["type"] and bool(extras)
    intervals = frozenset({0}) if bare else intervals_of(match["type"] or "maj")
    if intervals is None:
        raise ChordError(f"`{shown(text)}`: `{shown(match['type'])}` is no chord type in the syntax of Harte")
    added = {_degree(extra, text) for extra in extras if not extra.startswith("*")}
    removed = {_degree(extra[1:], text) for extra in extras if extra.startswith("*")}
    root = pitch_class(note)
    bass = (root + _degree(match["bass"], text)) % 12 if match["bass"] else None
    return build_chord(root, (intervals | added) - removed, bass, text)


def _degree(text: str, chord: str) -> int:
    """The semitones of a degree such as `b7`."""
    digits = text.lstrip("b#")
    if not digits.isdecimal() or not 1 <= int(digits) <= 13:
        raise ChordError(f"`{shown(chord)}`: `{shown(text)}` is not a degree of a chord, expected 1 to 13")
    return (MAJOR_SCALE[(int(digits) - 1) % 7] + accidental(text[: -len(digits)])) % 12


def shown(text: str) -> str:
    """Shorten user text and replace unprintable characters, for error messages."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text[:24])
    return printable + ("…" if len(text) > 24 else "")
