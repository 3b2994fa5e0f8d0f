"""Chords named by the degrees of a key: Roman numerals, figured bass and Nashville numbers. Pure Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from msanii.errors import ChordError
from msanii.music.chord_spelling import read_note
from msanii.music.chord_types import MAJOR_SCALE, states_third
from msanii.music.harmony import NOTE, Chord, build_chord, intervals_named, pitch_class, shown, split_bass

_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
_SCALES: dict[str, tuple[int, ...]] = {
    name: scale
    for names, scale in (
        (", M, maj, major, dur, ionian", MAJOR_SCALE),
        ("m, min, minor, moll, aeolian, natural minor", _MINOR_SCALE),
        ("harmonic minor", (0, 2, 3, 5, 7, 8, 11)),
        ("melodic minor", (0, 2, 3, 5, 7, 9, 11)),
        ("dorian", (0, 2, 3, 5, 7, 9, 10)),
        ("phrygian", (0, 1, 3, 5, 7, 8, 10)),
        ("lydian", (0, 2, 4, 6, 7, 9, 11)),
        ("mixolydian", (0, 2, 4, 5, 7, 9, 10)),
        ("locrian", (0, 1, 3, 5, 6, 8, 10)),
    )
    for name in names.split(", ")
}
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_ROMAN = re.compile(r"([b#]?)(III|II|IV|I|VII|VI|V|iii|ii|iv|i|vii|vi|v)(?![IViv])")
# 57 is the fifth degree's seventh chord, but 1564 are four chords without blanks.
_NUMBER = re.compile(r"([b#]?)([1-7])(?!\d)|([b#]?)([1-7])(?=(?:7|9|11|13)(?!\d)|6/9)")
_DEGREE = re.compile(r"([b#]?)([1-7])(?!\d*\.)")
_MODE = re.compile(r"[\s-]*([A-Za-z][A-Za-z ]{0,32})?")
# A lower-case numeral is minor unless its type defines the third.
_OWN_THIRD = re.compile(r"dim|o|°|ø|hdim|sus|\+|aug|-|m(?!aj)")
_FIGURES = {"6": 1, "64": 2, "65": 1, "43": 2, "42": 3}
_FIGURED = re.compile(r"(dim|o|°|ø|\+|aug)?(6/?4|6/?5|6|4/?3|4/?2)")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic's pitch class and the semitones of the scale above it, None for a scale that is not known."""

    text: str
    tonic: int
    scale: tuple[int, ...] | None


def parse_key(key: str) -> Key | None:
    """Parse `Eb major`, `f# moll` or `C`; None for no text. Signs are `#` and `b` already.

    An unknown scale is an error for chords by degree only. Raises ChordError.
    """
    text = key.strip()
    if not text:
        return None
    root, rest = read_note(text) or ("", "")
    mode = _MODE.fullmatch(rest)
    name = "" if mode is None else " ".join((mode[1] or "").split())
    scale = _SCALES.get(name if name == "M" else name.lower())
    if not root or mode is None or (scale is None and not rest[:1].isspace()):
        raise ChordError(
            f"key: got `{shown(text)}`, expected a root and a mode, for example `Eb major` or `A minor`"
        )
    if not name and text[0].islower():
        raise ChordError(f"key: got `{shown(text)}`, which may be either; write `{root}` or `{root}m`")
    if text[0] in "Bb" and root == "B" and name.lower() in ("dur", "moll"):
        mode_name = "minor" if name.lower() == "moll" else "major"
        raise ChordError(f"key: got `{shown(text)}`; write `Bb {mode_name}` or, for H, `B {mode_name}`")
    return Key(text, _pitch_class(root), scale)


def is_degree(token: str, *, numbers: bool) -> bool:
    """Whether a chord is named by its degree; `b7` is so only among other numbers, not beside `am`."""
    if _ROMAN.match(token):
        return True
    return _DEGREE.match(token) is not None and (numbers or token[0] != "b")


def degree_chord(token: str, key: Key | None, named: str) -> Chord:
    """Parse a Roman numeral or a number in a key; errors call it `named`. Raises ChordError."""
    numeral = _ROMAN.match(token)
    what = "a Roman numeral" if numeral is not None else "a number"
    if key is None:
        or_type = "" if numeral is not None else ", or write a chord's type at its root, as in `C7`"
        raise ChordError(f"{named}: {what} needs a key; give one, for example `Eb major`{or_type}")
    if key.scale is None:
        raise ChordError(
            f"{named}: {what} has no place in the key `{shown(key.text)}`; give a major or minor key"
        )
    if numeral is not None:
        return _roman_chord(token, numeral, key.tonic, key.scale, named)
    return _number_chord(token, key.tonic, key.scale, named)


def _roman_chord(token: str, numeral: re.Match[str], tonic: int, scale: tuple[int, ...], named: str) -> Chord:
    body, slash, applied = token.rpartition("/")
    target = _ROMAN.fullmatch(applied) if slash else None
    if target is not None:
        # V7/V is the dominant of the fifth degree, whose root acts as a major key.
        momentary = _roman_root(target, tonic, scale, diminished=False)
        return replace(_roman_chord(body, numeral, momentary, MAJOR_SCALE, named), text=token)
    small = numeral[2].islower()
    figured = _FIGURED.fullmatch(token[numeral.end() :])
    if figured is not None:
        return _figured_chord(token, numeral, figured, tonic, scale)
    bass: int | None
    if slash and _DEGREE.fullmatch(applied):
        chord_type, bass = body[numeral.end() :], _bass_degree(applied, numeral, tonic, scale, named)
    else:
        chord_type, bass = split_bass(token[numeral.end() :])
    diminished = small and chord_type.startswith(("dim", "o", "°"))
    if small and not _OWN_THIRD.match(chord_type):
        chord_type = "m" + chord_type
    root = _roman_root(numeral, tonic, scale, diminished=diminished)
    return build_chord(root, intervals_named(chord_type, named), bass, token)


def _roman_root(numeral: re.Match[str], tonic: int, scale: tuple[int, ...], *, diminished: bool) -> int:
    degree = _NUMERALS.index(numeral[2].upper())
    if diminished and degree == 6 and not numeral[1]:
        return (tonic + 11) % 12  # vii° in minor is built on the leading note
    return _degree_root(numeral[1], degree, tonic, scale)


def _degree_root(sign: str, degree: int, tonic: int, scale: tuple[int, ...]) -> int:
    if sign == "b":
        # bVI is the same chord in C major and in C minor, whose sixth degree is already flat.
        return (tonic + MAJOR_SCALE[degree] - 1) % 12
    return (tonic + scale[degree] + (sign == "#")) % 12


def _figured_chord(
    token: str, numeral: re.Match[str], figured: re.Match[str], tonic: int, scale: tuple[int, ...]
) -> Chord:
    """A chord over one of its own tones: `ii6`, `I64`, `V65`. Its seventh, if any, is the key's."""
    quality, figure = figured[1] or "", figured[2].replace("/", "")
    small, has_seventh = numeral[2].islower(), figure in ("65", "43", "42")
    root = _roman_root(numeral, tonic, scale, diminished=small and quality in ("dim", "o", "°"))
    if quality == "ø":
        tones = (0, 3, 6, 10)
    elif quality in ("dim", "o", "°"):
        tones = (0, 3, 6, 9)
    else:
        degree = _NUMERALS.index(numeral[2].upper())
        seventh = (tonic + scale[(degree + 6) % 7] - root) % 12
        fifth = 8 if quality in ("+", "aug") else 7
        tones = (0, 3 if small else 4, fifth, seventh if seventh in (9, 10, 11) else 10)
    bass = (root + tones[_FIGURES[figure]]) % 12
    return build_chord(root, frozenset(tones if has_seventh else tones[:3]), bass, token)


def _bass_degree(applied: str, numeral: re.Match[str], tonic: int, scale: tuple[int, ...], named: str) -> int:
    """The bass of `I/3`. In `V/3`, 3 may count from the chord or from the key, so that is refused."""
    if numeral[2].upper() != "I" or numeral[1]:
        raise ChordError(
            f"{named}: `{applied}` may count from the chord or from the key; write the bass as a note, "
            f"such as `{numeral[0]}/E`, or an inversion as `{numeral[0]}6` or `{numeral[0]}64`"
        )
    return _degree_of(applied, tonic, scale)


def _degree_of(text: str, tonic: int, scale: tuple[int, ...]) -> int:
    sign, number = text[:-1], int(text[-1])
    return _degree_root(sign, number - 1, tonic, scale)


def _number_chord(token: str, tonic: int, scale: tuple[int, ...], named: str) -> Chord:
    """A Nashville number: `1`, `6-`, `57`, `5/7` with the seventh degree in the bass."""
    match = _NUMBER.match(token)
    if match is None:
        raise ChordError(f"{named}: not a chord I know; put a blank between numbers, as in `1 5 6m 4`")
    sign, number = match[1] or match[3] or "", int(match[2] or match[4])
    body, slash, applied = token[match.end() :].rpartition("/")
    bass: int | None
    if slash and _DEGREE.fullmatch(applied):
        chord_type, bass = body, _degree_of(applied, tonic, scale)
    else:
        chord_type, bass = split_bass(token[match.end() :])
    if not sign and not states_third(chord_type) and not _is_major(number - 1, scale):
        major = "dom" if chord_type[:1].isdigit() and chord_type[0] != "6" else "maj"
        raise ChordError(
            f"{named}: the key's own chord there is not major; write "
            f"`{number}m{shown(chord_type)}` for minor, or `{number}{major}{shown(chord_type)}` for major"
        )
    root = _degree_root(sign, number - 1, tonic, scale)
    return build_chord(root, intervals_named(chord_type, named), bass, token)


def _is_major(degree: int, scale: tuple[int, ...]) -> bool:
    third, fifth = ((scale[(degree + step) % 7] - scale[degree]) % 12 for step in (2, 4))
    return (third, fifth) == (4, 7)


def _pitch_class(name: str) -> int:
    note = NOTE.fullmatch(name)
    if note is None:
        raise ChordError(f"key: got `{shown(name)}`, expected a root, such as `Eb`")
    return pitch_class(note)
