"""Chord text -> chords with their positions in quarter notes. Pure Python.

Reads `Am F C G` (one chord per bar), `Dm7:2 G7:2` (lengths in quarter notes), `Cmaj7/E`, `N.C.`, `%` (repeat
the last chord, or alone in a bar the last bar), and in a key Roman numerals (`ii V I`, `bVII`, `V65/V`) and
numbers (`1 5 6m 4`). If bar lines stand between chords (`Am F | C`), the chords of a bar share it. What else
people write is first brought into this spelling: see `lead_sheet` and `chord_spelling`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from msanii.errors import ChordError
from msanii.limits import MOST_CHORD_CHARACTERS
from msanii.music.chord_spelling import check_b_beside_h, is_solfege, read_note, respelled
from msanii.music.chord_types import intervals_of
from msanii.music.degrees import Key, degree_chord, is_degree, parse_key
from msanii.music.harmony import (
    NO_CHORD,
    NO_CHORD_TEXTS,
    NOTE,
    Chord,
    build_chord,
    intervals_named,
    parse_harte_chord,
    pitch_class,
    shown,
    split_bass,
)
from msanii.music.lead_sheet import MAX_CHORDS, REPEAT, Meter, unified, written_out

__all__ = [
    "MAX_CHORDS", "NO_CHORD", "Chord", "ChordSpan", "Meter", "canonical_chords", "canonical_key",
    "parse_chord", "parse_chords", "parse_pop909_chord", "spans_without_gaps",
]  # fmt: skip

MAX_CHORD_CHARACTERS = 32
MIN_BEATS, MAX_BEATS = Fraction(1, 8), Fraction(256)
COMMON_TIME = Meter()

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChordSpan:
    """A chord and its span, in quarter notes from the start of the progression."""

    start_beats: float
    end_beats: float
    chord: Chord


@dataclass(frozen=True, slots=True)
class _Slot:
    """A chord as written, and its length if that is written too."""

    chord: str
    length: str = ""
    beats: Fraction | None = None


@dataclass(frozen=True, slots=True)
class _Naming:
    """What the other chords of a text tell of how a single one is to be read."""

    key: Key | None = None
    solfege: bool = False
    numbers: bool = False

    def respelled(self, token: str, where: str) -> str:
        """The chord with the letters A to G. Raises ChordError."""
        return respelled(token, solfege=self.solfege, numbers=self.numbers, where=where)


def parse_chords(text: str, *, key: str = "", meter: Meter = COMMON_TIME) -> tuple[ChordSpan, ...]:
    """Parse a progression; empty text gives an empty one. Only chords by degree need a `key`.

    Raises ChordError with the chord and bar that cannot be read, and what to write instead.
    """
    return _parsed(text, key, meter)[0]


def canonical_chords(text: str, *, key: str = "", meter: Meter = COMMON_TIME) -> str:
    """Return the text of a progression with roots A to G, repeats written out and bare bar lines: `Am F|C G`.

    `parse_chords` reads the same from both. Raises ChordError for text that cannot be read, or that is too
    long when written out.
    """
    canonical = _parsed(text, key, meter)[1]
    if len(canonical) > MOST_CHORD_CHARACTERS:
        raise ChordError(
            f"chords: written out, these are {len(canonical)} characters, expected at most "
            f"{MOST_CHORD_CHARACTERS}; leave repeats out, for a progression repeats by itself"
        )
    return canonical


def canonical_key(key: str) -> str:
    """Return a key with a root from A to G, as `canonical_chords` writes chords: B minor for H moll."""
    text = unified(key.strip())
    if not text.startswith("H"):
        return key
    root, rest = read_note(text) or ("", text)
    return root + {"dur": " major", "moll": " minor"}.get(rest.strip().lower(), rest)


@lru_cache(maxsize=16)
def _parsed(text: str, key: str, meter: Meter) -> tuple[tuple[ChordSpan, ...], str]:
    # Cached, since every stage of a render reads the same text.
    if len(text) > MOST_CHORD_CHARACTERS:
        raise ChordError(
            f"chords: got {len(text)} characters, expected at most {MOST_CHORD_CHARACTERS}; shorten the text"
        )
    parsed_key = parse_key(unified(key))
    bars = written_out(text, meter)
    names = [token.rpartition(":")[0] or token for bar in bars for token in bar]
    check_b_beside_h([*names, unified(key.strip())])
    numbers = any(name[:1].isdecimal() for name in names)
    naming = _Naming(key=parsed_key, solfege=is_solfege(names), numbers=numbers)
    spans: list[ChordSpan] = []
    canonical: list[str] = []
    position = Fraction(0)
    before: Chord | None = None
    for bar in bars:
        slots = [_slot(token, _bar_number(position, meter)) for token in bar]
        texts: list[str] = []
        for slot, beats in _with_lengths(slots, position, meter, shared=len(bars) > 1):
            where = f"in bar {_bar_number(position, meter)}"
            chord = naming.respelled(slot.chord, where)
            before = _chord_or_repeat(chord, before, naming, where)
            texts.append(chord + slot.length)
            end = position + beats
            spans.append(ChordSpan(start_beats=float(position), end_beats=float(end), chord=before))
            position = end
        canonical.append(" ".join(texts))
    return tuple(spans), "|".join(canonical)


def parse_chord(text: str, *, key: str = "") -> Chord:
    """Parse a single chord, such as `Cmaj7/E`. Raises ChordError."""
    token = unified(text.strip())
    naming = _Naming(key=parse_key(unified(key)), solfege=is_solfege([token]), numbers=token[:1].isdecimal())
    return _chord(naming.respelled(token, ""), naming, "")


def parse_pop909_chord(text: str) -> Chord:
    """Parse a chord in Harte's syntax, as in POP909: `Eb:min/b3`, `N`. Raises ChordError."""
    return parse_harte_chord(text)


def _bar_number(position: Fraction, meter: Meter) -> int:
    return int(position / meter.bar_beats) + 1


def _slot(token: str, bar: int) -> _Slot:
    chord, colon, number = token.rpartition(":")
    if not colon:
        return _Slot(token)
    beats = Fraction(number) if _NUMBER.fullmatch(number) else Fraction(0)
    if not MIN_BEATS <= beats <= MAX_BEATS:
        raise ChordError(
            f"`{shown(token)}` in bar {bar}: the length is `{shown(number)}`, expected "
            f"{float(MIN_BEATS):g} to {int(MAX_BEATS)} quarter notes, for example `Am:2`"
        )
    return _Slot(chord, f":{number}", beats)


def _with_lengths(
    slots: list[_Slot], position: Fraction, meter: Meter, *, shared: bool
) -> list[tuple[_Slot, Fraction]]:
    """Each chord of a bar, with its length in quarter notes."""
    if not shared:
        return [(slot, meter.bar_beats if slot.beats is None else slot.beats) for slot in slots]
    rest = meter.bar_beats - sum((slot.beats for slot in slots if slot.beats is not None), Fraction(0))
    open_ends = sum(slot.beats is None for slot in slots)
    if (open_ends and rest / open_ends < MIN_BEATS) or (not open_ends and rest != 0):
        raise ChordError(
            f"chords: the lengths in bar {_bar_number(position, meter)} do not fill it; in "
            f"{meter.numerator}/{meter.denominator} a bar has {float(meter.bar_beats):g} quarter notes; "
            "change the lengths or drop the bar lines"
        )
    return [(slot, rest / open_ends if slot.beats is None else slot.beats) for slot in slots]


def _chord_or_repeat(token: str, before: Chord | None, naming: _Naming, where: str) -> Chord:
    if token != REPEAT:
        return _chord(token, naming, where)
    if before is None:
        raise ChordError(f"`%` {where}: there is no chord before it to repeat; write the first chord")
    return before


def _chord(token: str, naming: _Naming, where: str) -> Chord:
    """Parse a chord with a root from A to G, or by degree; errors give its place as `where`."""
    if token.upper() in NO_CHORD_TEXTS:
        return NO_CHORD
    named = f"`{shown(token)}` {where}".rstrip()
    if len(token) > MAX_CHORD_CHARACTERS:
        raise ChordError(
            f"{named}: not a chord I know; a chord has at most {MAX_CHORD_CHARACTERS} characters"
        )
    if is_degree(token, numbers=naming.numbers):
        return degree_chord(token, naming.key, named)
    root = NOTE.match(token)
    if root is None:
        raise ChordError(f"{named}: not a chord I know; {_hint(token)}")
    chord_type, bass = split_bass(token[root.end() :])
    return build_chord(pitch_class(root), intervals_named(chord_type, named), bass, token)


def _hint(token: str) -> str:
    """What to write instead of a token that begins with no root."""
    if token.startswith(("[", "{", "(", "<", "*")):
        return "leave brackets and section names out, and write the chord alone, such as `Am`"
    if token[:1].isdigit():
        return "write endings and repeats out as chords, or `x2` after them"
    if token and intervals_of(token) is not None:
        return f"write it at its root without a blank: `C{token}`"
    return "a chord begins with its root, A to G: write `Am`, `F#m7`, `Bb/D`, or `N.C.` for none"


def spans_without_gaps(chords: Sequence[tuple[float, float, Chord]], beats: float) -> tuple[ChordSpan, ...]:
    """Chords (start, end, chord) in quarter notes as spans from 0 to `beats`, with N.C. in the gaps."""
    spans: list[ChordSpan] = []
    reached = 0.0
    for start, end, chord in chords:
        start, end = max(start, reached), min(end, beats)
        if end - start < 1e-6:
            continue
        if start - reached > 1e-6:
            spans.append(ChordSpan(start_beats=reached, end_beats=start, chord=NO_CHORD))
        spans.append(ChordSpan(start_beats=start, end_beats=end, chord=chord))
        reached = end
    if beats - reached > 1e-6:
        spans.append(ChordSpan(start_beats=reached, end_beats=beats, chord=NO_CHORD))
    return tuple(spans)
