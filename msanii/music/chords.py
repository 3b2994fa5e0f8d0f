"""Chord text -> chords with their positions in quarter notes. Pure Python.

Reads `Am F C G` (one chord per bar), `Dm7:2 G7:2` (lengths in quarter notes), `Cmaj7/E`, `N.C.`, `%` (repeat
the last chord), and Roman numerals in a key (`ii V I` in `Eb major`, `bVII`, `V7/V`). If bar lines stand
between chords (`Am F | C`), the chords of a bar share it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from msanii.errors import ChordError
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.music.harmony import (
    MAJOR_SCALE,
    NO_CHORD,
    NOTE,
    Chord,
    build_chord,
    intervals_of,
    parse_harte_chord,
    pitch_class,
    shown,
)

__all__ = [
    "NO_CHORD", "Chord", "ChordSpan", "Meter", "canonical_chords", "parse_chord", "parse_chords",
    "parse_pop909_chord",
]  # fmt: skip

MAX_CHORDS = 1_024
MAX_CHORD_CHARACTERS = 32
MIN_BEATS, MAX_BEATS = Fraction(1, 8), Fraction(256)

_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
_MODES = {
    "": MAJOR_SCALE,
    "M": MAJOR_SCALE,
    "maj": MAJOR_SCALE,
    "major": MAJOR_SCALE,
    "ionian": MAJOR_SCALE,
    "m": _MINOR_SCALE,
    "min": _MINOR_SCALE,
    "minor": _MINOR_SCALE,
    "aeolian": _MINOR_SCALE,
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_NO_CHORD_TEXTS = frozenset({"N.C.", "N.C", "NC", "NC.", "N"})
_BETWEEN_CHORDS = frozenset({"-", "->", "→"})
_SPELLINGS = str.maketrans({"♭": "b", "♯": "#", "△": "Δ", "º": "°", "–": "-", "−": "-", "Ø": "ø"})
_TOKEN = re.compile(r"\||(?:[^\s,;|()]|\([^()|]{0,24}\)|[()])+")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_ROMAN = re.compile(r"([b#]?)(III|II|IV|I|VII|VI|V|iii|ii|iv|i|vii|vi|v)(?![IViv])")
_KEY = re.compile(r"([A-G](?:#|b)?)(\s*)([A-Za-z][A-Za-z ]{0,32})?")
# A lower-case numeral is minor unless its type defines the third.
_OWN_THIRD = re.compile(r"dim|o|°|ø|hdim|sus|\+|aug|-|m(?!aj)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A time signature. Lengths are in quarter notes, as bpm is."""

    numerator: int = 4
    denominator: int = 4

    @property
    def bar_beats(self) -> Fraction:
        """The length of a bar in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)


COMMON_TIME = Meter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChordSpan:
    """A chord and its span, in quarter notes from the start of the progression."""

    start_beats: float
    end_beats: float
    chord: Chord


@dataclass(frozen=True, slots=True)
class _Key:
    text: str
    tonic: int
    scale: tuple[int, ...] | None


def parse_chords(text: str, *, key: str = "", meter: Meter = COMMON_TIME) -> tuple[ChordSpan, ...]:
    """Parse a progression; empty text gives an empty one. Only Roman numerals need a `key`.

    Raises ChordError with the chord and bar that cannot be read, and what to write instead.
    """
    return _parsed(text, key, meter)


@lru_cache(maxsize=16)
def _parsed(text: str, key: str, meter: Meter) -> tuple[ChordSpan, ...]:
    # Cached, since every stage of a render reads the same text.
    if len(text) > MOST_CHORD_CHARACTERS:
        raise ChordError(
            f"chords: got {len(text)} characters, expected at most {MOST_CHORD_CHARACTERS}; shorten the text"
        )
    parsed_key = _parse_key(key)
    bars = _bars(text.translate(_SPELLINGS))
    spans: list[ChordSpan] = []
    position = Fraction(0)
    before: Chord | None = None
    for bar in bars:
        for token, beats in _with_lengths(bar, position, meter, shared=len(bars) > 1):
            before = _chord_or_repeat(token, before, parsed_key, f"in bar {_bar_number(position, meter)}")
            end = position + beats
            spans.append(ChordSpan(start_beats=float(position), end_beats=float(end), chord=before))
            position = end
    return tuple(spans)


def canonical_chords(text: str, *, key: str = "", meter: Meter = COMMON_TIME) -> str:
    """Return the text of a progression with single spaces, bare bar lines, and `#` and `b`: `Am F|C G`.

    It is never longer than `text`, and `parse_chords` reads the same from both. Raises ChordError for text
    that cannot be read.
    """
    parse_chords(text, key=key, meter=meter)
    return "|".join(" ".join(bar) for bar in _bars(text.translate(_SPELLINGS)))


def parse_chord(text: str, *, key: str = "") -> Chord:
    """Parse a single chord, such as `Cmaj7/E`. Raises ChordError."""
    return _chord(text.strip().translate(_SPELLINGS), _parse_key(key), "")


def parse_pop909_chord(text: str) -> Chord:
    """Parse a chord in Harte's syntax, as in POP909: `Eb:min/b3`, `N`. Raises ChordError."""
    return parse_harte_chord(text)


def _bar_number(position: Fraction, meter: Meter) -> int:
    return int(position / meter.bar_beats) + 1


def _bars(text: str) -> list[list[str]]:
    """Split the text into tokens by bar; without bar lines, all are in a single list."""
    bars: list[list[str]] = [[]]
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "|":  # noqa: S105  a bar line, not a password
            bars.append([])
        elif token not in _BETWEEN_CHORDS:
            bars[-1].append(token)
    chords = sum(map(len, bars))
    if chords > MAX_CHORDS:
        raise ChordError(
            f"chords: got {chords}, expected at most {MAX_CHORDS}; a progression repeats by itself"
        )
    return [bar for bar in bars if bar]


def _with_lengths(
    bar: list[str], position: Fraction, meter: Meter, *, shared: bool
) -> list[tuple[str, Fraction]]:
    """Each chord of a bar, with its length in quarter notes."""
    number = _bar_number(position, meter)
    parts = [_split_length(token, number) for token in bar]
    if not shared:
        return [(token, meter.bar_beats if beats is None else beats) for token, beats in parts]
    rest = meter.bar_beats - sum((beats for _, beats in parts if beats is not None), Fraction(0))
    open_ends = sum(beats is None for _, beats in parts)
    if (open_ends and rest / open_ends < MIN_BEATS) or (not open_ends and rest != 0):
        raise ChordError(
            f"chords: the lengths in bar {number} do not fill it; in {meter.numerator}/{meter.denominator} "
            f"a bar has {float(meter.bar_beats):g} quarter notes; change the lengths or drop the bar lines"
        )
    return [(token, rest / open_ends if beats is None else beats) for token, beats in parts]


def _split_length(token: str, bar: int) -> tuple[str, Fraction | None]:
    chord, colon, number = token.rpartition(":")
    if not colon:
        return token, None
    beats = Fraction(number) if _NUMBER.fullmatch(number) else Fraction(0)
    if not MIN_BEATS <= beats <= MAX_BEATS:
        raise ChordError(
            f"`{shown(token)}` in bar {bar}: the length is `{shown(number)}`, expected "
            f"{float(MIN_BEATS):g} to {int(MAX_BEATS)} quarter notes, for example `Am:2`"
        )
    return chord, beats


def _chord_or_repeat(token: str, before: Chord | None, key: _Key | None, where: str) -> Chord:
    if token != "%":  # noqa: S105  a repeat sign
        return _chord(token, key, where)
    if before is None:
        raise ChordError(f"`%` {where}: there is no chord before it to repeat; write the first chord")
    return before


def _chord(token: str, key: _Key | None, where: str) -> Chord:
    """Parse a chord; errors give its place as `where`."""
    if token.upper() in _NO_CHORD_TEXTS:
        return NO_CHORD
    named = f"`{shown(token)}` {where}".rstrip()
    if len(token) > MAX_CHORD_CHARACTERS:
        raise ChordError(
            f"{named}: not a chord I know; a chord has at most {MAX_CHORD_CHARACTERS} characters"
        )
    numeral = _ROMAN.match(token)
    if numeral is not None:
        return _roman_chord(token, numeral, key, named)
    root = NOTE.match(token)
    if root is None:
        raise ChordError(f"{named}: not a chord I know; roots are A to G")
    chord_type, bass = _split_bass(token[root.end() :])
    return build_chord(pitch_class(root), _intervals(chord_type, named), bass, token)


def _split_bass(body: str) -> tuple[str, int | None]:
    """Split off the pitch class after the slash; the slash of `6/9` is part of the chord type."""
    chord_type, slash, bass = body.rpartition("/")
    note = NOTE.fullmatch(bass) if slash else None
    return (body, None) if note is None else (chord_type, pitch_class(note))


def _intervals(chord_type: str, named: str) -> frozenset[int]:
    intervals = intervals_of(chord_type)
    if intervals is None:
        raise ChordError(
            f"{named}: not a chord I know; `{shown(chord_type)}` is no chord type; "
            "try m, 7, maj7, m7, sus4, dim or aug"
        )
    return intervals


def _roman_chord(token: str, numeral: re.Match[str], key: _Key | None, named: str) -> Chord:
    if key is None:
        raise ChordError(f"{named}: a Roman numeral needs a key; give one, for example `Eb major`")
    if key.scale is None:
        raise ChordError(
            f"{named}: a Roman numeral has no place in the key `{shown(key.text)}`; give a major or minor key"
        )
    body, slash, applied = token.rpartition("/")
    target = _ROMAN.fullmatch(applied) if slash else None
    if target is not None:
        # V7/V is the dominant of the fifth degree, whose root acts as a major key.
        momentary = _Key(key.text, _roman_root(target, key.tonic, key.scale, diminished=False), MAJOR_SCALE)
        return replace(_roman_chord(body, numeral, momentary, named), text=token)
    chord_type, bass = _split_bass(token[numeral.end() :])
    small = numeral[2].islower()
    diminished = small and chord_type.startswith(("dim", "o", "°"))
    if small and not _OWN_THIRD.match(chord_type):
        chord_type = "m" + chord_type
    root = _roman_root(numeral, key.tonic, key.scale, diminished=diminished)
    return build_chord(root, _intervals(chord_type, named), bass, token)


def _roman_root(numeral: re.Match[str], tonic: int, scale: tuple[int, ...], *, diminished: bool) -> int:
    sign, degree = numeral[1], _NUMERALS.index(numeral[2].upper())
    if sign == "b":
        # bVI is the same chord in C major and in C minor, whose sixth degree is already flat.
        return (tonic + MAJOR_SCALE[degree] - 1) % 12
    if diminished and degree == 6:
        return (tonic + 11) % 12  # vii° in minor is built on the leading note
    return (tonic + scale[degree] + (sign == "#")) % 12


def _parse_key(key: str) -> _Key | None:
    """Parse `Eb major`, `F#m` or `C`. An unknown scale is an error for Roman numerals only."""
    spelled = key.strip().translate(_SPELLINGS)
    if not spelled:
        return None
    match = _KEY.fullmatch(spelled)
    note = NOTE.fullmatch(match[1]) if match is not None else None
    mode = (match[3] or "") if match is not None else ""
    scale = _MODES.get(mode if mode == "M" else mode.lower())
    if match is None or note is None or (scale is None and not match[2]):
        raise ChordError(
            f"key: got `{shown(key)}`, expected a root and a mode, for example `Eb major` or `A minor`"
        )
    return _Key(spelled, pitch_class(note), scale)
