"""Single chords: root, bass and tones, and Harte's syntax. Pure Python.

Import `msanii.music.chords` instead, which parses progressions with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from msanii.errors import ChordError
from msanii.music.chord_types import MAJOR_SCALE, intervals_of

NOTE = re.compile(r"([A-G])(b{1,2}|#{0,2})")

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

_COMMON_TYPES = "try m, 7, maj7, m7, sus4, dim or aug"
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

    def renamed(self, text: str) -> Chord:
        """The same chord by another name."""
        return replace(self, text=text)


NO_CHORD = Chord(root=None, bass=None, tones=frozenset(), text="N.C.")


NO_CHORD_TEXTS = frozenset({"N.C.", "N.C", "NC", "NC.", "N"})


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


def split_bass(body: str) -> tuple[str, int | None]:
    """Split off the pitch class after the slash; the slash of `6/9` is part of the chord type."""
    chord_type, slash, bass = body.rpartition("/")
    note = NOTE.fullmatch(bass) if slash else None
    return (body, None) if note is None else (chord_type, pitch_class(note))


def intervals_named(chord_type: str, named: str) -> frozenset[int]:
    """Semitones above the root for a chord type; errors call the chord `named`. Raises ChordError."""
    intervals = intervals_of(chord_type)
    if intervals is None:
        try_these = "one bass note goes after a slash, as in `C/E`" if "/" in chord_type else _COMMON_TYPES
        raise ChordError(f"{named}: not a chord I know; `{shown(chord_type)}` is no chord type; {try_these}")
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
