"""Other spellings of chord roots -> the letters A to G: `am`, `Hm`, `Fism`, `Sol7`. Pure Python.

Reads what can mean a single chord only, and refuses the rest with what to write instead. H is the German
B natural; B is always B natural, never the German B flat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msanii.errors import ChordError
from msanii.music.chord_types import intervals_of, states_third
from msanii.music.harmony import NO_CHORD_TEXTS, shown

# Fis is F sharp, Es is E flat; but Esus4 is a chord on E.
_NOTE = r"(?P<letter>[A-Ha-h])(?P<german>is|es|(?<=[AEae])s(?!us))?(?P<signs>b{1,2}|#{0,2})"
_LETTER = re.compile(_NOTE)
_SYLLABLE = re.compile(r"(?P<syllable>do|r[eé]|mi|fa|sol|la|si)(?P<signs>b{1,2}|#{0,2})", re.IGNORECASE)
_OF_SYLLABLE = {"do": "C", "re": "D", "mi": "E", "fa": "F", "sol": "G", "la": "A", "si": "B"}
_NUMERAL = re.compile(r"[b#]?[IViv]|#?[1-7]")
_FLAT_NUMBER = re.compile(r"b[1-7]")


def is_solfege(tokens: Iterable[str]) -> bool:
    """Whether chords are named Do, Re, Mi. Do alone does not tell, for it is D diminished in letters."""
    return any(_is_syllable(token) and not token.lower().startswith("do") for token in tokens)


def _is_syllable(token: str) -> bool:
    match = _SYLLABLE.match(token)
    return match is not None and intervals_of(token[match.end() :].partition("/")[0]) is not None


def respelled(token: str, *, solfege: bool = False, numbers: bool = False, where: str = "") -> str:
    """Spell a chord with the letters A to G; Roman numerals and numbers keep theirs.

    `b7` is a number only where other chords are `numbers`.

    Raises ChordError for a spelling of two meanings, with both.
    """
    if token == "%" or token.upper() in NO_CHORD_TEXTS:  # noqa: S105  a repeat sign
        return token
    named = f"`{shown(token)}` {where}".rstrip()
    body, slash, bass = token.rpartition("/")
    note = _note(bass, solfege) if slash else None
    if note is not None:
        token = f"{body}/{note}"
    if _NUMERAL.match(token) or (numbers and _FLAT_NUMBER.match(token)):
        return token
    if solfege:
        return _from_syllable(token, named)
    match = _LETTER.match(token)
    if match is None:
        return token
    root, chord_type = _letters(match), token[match.end() :]
    if token[0].islower() and not states_third(chord_type):
        if intervals_of(chord_type.partition("/")[0]) is None:
            return token
        raise ChordError(
            f"{named}: lower case alone may be major or minor; "
            f"write `{root}{chord_type}` for major, or `{root}m{chord_type}` for minor"
        )
    return root + chord_type


def check_b_beside_h(tokens: Iterable[str]) -> None:
    """Refuse B beside H, as root or bass: who writes H may mean B flat by B. Raises ChordError."""
    roots = {
        match["letter"].upper(): token
        for token in tokens
        for note in {token, token.rpartition("/")[2]}
        if (match := _bare(note)) is not None
    }
    if "H" in roots and "B" in roots:
        raise ChordError(
            f"chords: `{shown(roots['B'])}` stands beside `{shown(roots['H'])}`, so B may be B or the German "
            "B flat; write `Bb` for B flat, or B instead of H"
        )


def _bare(token: str) -> re.Match[str] | None:
    match = _LETTER.match(token)
    return match if match is not None and not match["signs"] and not match["german"] else None


def _from_syllable(token: str, named: str) -> str:
    match = _SYLLABLE.match(token)
    if match is None:
        raise ChordError(
            f"{named}: stands among Do, Re, Mi; write all chords in syllables or all in letters, such as `Am`"
        )
    return _syllable_note(match) + token[match.end() :]


def _note(text: str, solfege: bool) -> str | None:
    """The letter of a bass note, whose case means nothing; None if the text is no note."""
    match = _SYLLABLE.fullmatch(text) if solfege else _LETTER.fullmatch(text)
    if match is None:
        return None
    return _syllable_note(match) if solfege else _letters(match)


def _syllable_note(match: re.Match[str]) -> str:
    return _OF_SYLLABLE[match["syllable"].lower().replace("é", "e")] + match["signs"]


def _letters(match: re.Match[str]) -> str:
    letter = match["letter"].upper()
    sign = {None: "", "is": "#"}.get(match["german"], "b")
    return ("B" if letter == "H" else letter) + sign + match["signs"]


def read_note(text: str) -> tuple[str, str] | None:
    """Split text into its root, in letters, and the rest; None if it begins with no note."""
    match = _LETTER.match(text)
    return None if match is None else (_letters(match), text[match.end() :])
