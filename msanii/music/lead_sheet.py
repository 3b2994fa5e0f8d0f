"""Chord text as people paste it -> bars of chords, with repeats and slashes written out. Pure Python.

What comes out has one chord or length per token, such as `Am` or `Am:2`; `chords` reads the chords.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from msanii.errors import ChordError
from msanii.music.chord_types import intervals_of
from msanii.music.harmony import shown

MAX_CHORDS = 1_024
BAR = "|"
REPEAT = "%"
_LINE = "\n"
_SIGNS = str.maketrans(
    {"♭": "b", "♯": "#", "△": "Δ", "^": "Δ", "º": "°", "Ø": "ø", "×": "x", "♮": None, "\r": "\n"}
    | dict.fromkeys("–−—‐‑", "-")
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
)
_ARROW = re.compile(r"[-=]?>|→|⇒")
_SIGN_WORD = re.compile(r"(?<![^\s|,;(/])([A-Ha-h])[ -]?(flat|sharp)(?![a-z])", re.IGNORECASE)
_ROOT = r"(?:[A-Ha-h](?:is|es|s)?|Do|R[eé]|Mi|Fa|Sol|La|Si)(?:b{1,2}|#{0,2})"
_QUALITY = re.compile(
    rf"(?<![^\s|,;])({_ROOT})(?:[ -]+(?=major|minor|dur|moll)| +)"
    r"((?:maj|min|dur|moll|dim|aug|sus|dom)[A-Za-z0-9#]{0,12})(?=[\s|,;:/]|$)",
    re.IGNORECASE,
)
# A dash joins chords where what follows can only begin another: Am-F, am-dm, I-V, but not C-7 or Cm7-5.
_DASH = re.compile(
    r"(?<=[^\s-])-(?=[A-H](?!dd|lt|ug|im|om|DD|LT|UG|IM|OM)|[b#]?[IViv]|R[eé]|Mi|Sol|La|Si|N\.?C|%"
    r"|[a-g][b#]?(?:m(?!aj)|-|\s|$))"
)
# 6-7 is a minor seventh chord on the sixth degree, but 1-4-5 are three chords.
_NUMBERED = r"[b#]?[1-7](?:maj7|m7|m)?"
_NUMBERS = re.compile(rf"(?<![^\s|,;]){_NUMBERED}(?:-{_NUMBERED}){{2,}}(?![^\s|,;])")
_TOKEN = re.compile(
    r"(?P<line>\n)"
    r"|(?P<bar>:?\|+:?)"
    r"|(?P<times>\(?(?:x ?\d{1,4}|\d{1,4}x)\)?)(?=[\s|,;]|$)"
    r"|(?P<chord>(?:(?!:\|)[^\s,;|()]|\([^()|]{0,24}\)|[()])+)"
)
_BEATS = frozenset({"/", "."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A time signature. Lengths are in quarter notes, as bpm is."""

    numerator: int = 4
    denominator: int = 4

    @property
    def bar_beats(self) -> Fraction:
        """The length of a bar in quarter notes."""
        return Fraction(4 * self.numerator, self.denominator)

    @property
    def beat_units(self) -> int:
        """How many of the denominator's note values make a beat: 3 in 6/8, 9/8, 12/8 and such, else 1."""
        return 3 if self.denominator >= 8 and self.numerator % 3 == 0 else 1

    @property
    def beat_quarters(self) -> float:
        """The length of a beat in quarter notes."""
        return 4 * self.beat_units / self.denominator


def unified(text: str) -> str:
    """Write musical signs as `b`, `#`, `Δ` and `-`; the text grows no longer."""
    return text.translate(_SIGNS)


def written_out(text: str, meter: Meter) -> list[list[str]]:
    """Split a progression into bars, all repeats written out; without bar lines, it is one list.

    Raises ChordError for a repeat of nothing, slashes that fill no bar, and too many chords.
    """
    tokens = list(_TOKEN.finditer(_joined(unified(text))))
    writer = _Writer()
    for token in tokens:
        writer.add(token)
    # Only a bar line between chords makes bars: `| Am F |` is a bar for each chord.
    written = [BAR if token["bar"] else token[0] for token in tokens if token["bar"] or _is_chord(token)]
    has_bars = len(_bars(written)) > 1
    bars = _bars([BAR if item == _LINE else item for item in writer.items])
    if has_bars:
        return _with_bars_repeated([_beats_shared(bar, number, meter) for number, bar in enumerate(bars, 1)])
    chords = [token for bar in bars for token in bar]
    return [_beats_counted(chords, meter)] if chords else []


def _is_chord(token: re.Match[str]) -> bool:
    return token["chord"] is not None and token["chord"] != "-"


def _joined(text: str) -> str:
    """Bring each chord into one token: `A minor` -> `Aminor`, `Am-F` -> `Am F`."""
    text = _ARROW.sub(" ", text)
    text = _SIGN_WORD.sub(lambda match: match[1] + ("b" if match[2].lower() == "flat" else "#"), text)
    text = _QUALITY.sub(_with_quality, text)
    text = _NUMBERS.sub(lambda match: match[0].replace("-", " "), text)
    return _DASH.sub(" ", text)


def _with_quality(match: re.Match[str]) -> str:
    root, quality = match[1], match[2]
    if intervals_of(quality) is None:
        return match[0]
    if quality.lower() in ("dur", "moll") and root in ("B", "b"):
        word = "" if quality.lower() == "dur" else "m"
        raise ChordError(
            f"chords: `{shown(match[0])}` is B flat in German; write `Bb{word}`, or `B{word}` for H"
        )
    return root + quality


class _Writer:
    """Writes out `|: :|` and `x2` as the tokens come, as chords, bar lines and line ends.

    `x2` repeats what stands before it in its line, from the last `x2` or repeat sign on.
    """

    def __init__(self) -> None:
        self.items: list[str] = []
        self._section_start = 0
        self._group_start = 0
        self._section: list[str] = []

    def add(self, token: re.Match[str]) -> None:
        """Add a token. Raises ChordError for a repeat of nothing, or of too much."""
        text = token[0]
        if token["line"]:
            self._break(_LINE)
        elif token["bar"]:
            self._add_bar_line(text)
        elif token["times"]:
            self._repeat(text, int("".join(filter(str.isdigit, text))))
        elif _is_chord(token):
            self.items.append(text)
            self._section = []
            _check_count(len(self.items))

    def _break(self, item: str) -> None:
        self.items.append(item)
        self._group_start = len(self.items)

    def _add_bar_line(self, text: str) -> None:
        if text.startswith(":"):
            self._section = self._chords_from(self._section_start, text)
            self._copy(self._section, 1)
            self._section_start = len(self.items)
            self._break(BAR)
        else:
            self.items.append(BAR)
        if text.endswith(":"):
            self._section_start = self._group_start = len(self.items)

    def _repeat(self, text: str, count: int) -> None:
        already = 2 if self._section else 1
        group = self._section or self._chords_from(self._group_start, text)
        if count < already:
            raise ChordError(f"chords: got `{shown(text)}`, expected x2 or more")
        self._copy(group, count - already)
        self._break(_LINE)

    def _chords_from(self, start: int, sign: str) -> list[str]:
        group = self.items[start:]
        if all(item in (BAR, _LINE) for item in group):
            raise ChordError(
                f"chords: `{shown(sign)}` has nothing before it to repeat; write the chords first"
            )
        return group

    def _copy(self, group: list[str], times: int) -> None:
        _check_count(len(self.items) + times * len(group))
        self.items += [_LINE, *group] * times


def _check_count(items: int) -> None:
    """Bound the work; bar lines and line ends are items too, so that chords are counted in the end."""
    if items > 4 * MAX_CHORDS:
        raise _too_many(items)


def _too_many(chords: int) -> ChordError:
    return ChordError(f"chords: got {chords}, expected at most {MAX_CHORDS}; a progression repeats by itself")


def _bars(items: Sequence[str]) -> list[list[str]]:
    """Split at the bar lines; empty bars are left out."""
    bars: list[list[str]] = [[]]
    for item in items:
        if item == BAR:
            bars.append([])
        else:
            bars[-1].append(item)
    chords = sum(map(len, bars))
    if chords > MAX_CHORDS:
        raise _too_many(chords)
    return [bar for bar in bars if bar]


def _with_bars_repeated(bars: list[list[str]]) -> list[list[str]]:
    """Write out `%` that stands alone in its bar: the bar before once more."""
    whole: list[list[str]] = []
    for bar in bars:
        whole.append(whole[-1] if bar == [REPEAT] and whole else bar)
    return whole


def _beats_counted(tokens: list[str], meter: Meter) -> list[str]:
    """Without bar lines, each chord and slash is a beat: `Am / / /` is a bar of 4/4."""
    if not _BEATS.intersection(tokens):
        return tokens
    for units in sorted({1, meter.beat_units}):
        beat = Fraction(4 * units, meter.denominator)
        if (len(tokens) * beat / meter.bar_beats).denominator == 1:
            return _with_lengths(tokens, beat, "in bar 1")
    raise ChordError(
        f"chords: {len(tokens)} chords and slashes fill no whole bars of "
        f"{meter.numerator}/{meter.denominator}; each is a beat: write `Am / / /`, or without slashes "
        "`Am F` for a bar each"
    )


def _beats_shared(tokens: list[str], bar: int, meter: Meter) -> list[str]:
    """In a bar, the chords and slashes share its beats: `Am / F /` is half a bar each."""
    if not _BEATS.intersection(tokens):
        return tokens
    beats = meter.numerator
    if len(tokens) not in {beats, 2 * beats} and Fraction(beats, len(tokens)) not in (2, 3):
        raise ChordError(
            f"chords: {len(tokens)} chords and slashes in bar {bar}, expected one for each of the beats of "
            f"{beats}/{meter.denominator}; write `Am / / /`, or leave the slashes out"
        )
    lengths = _with_lengths(tokens, meter.bar_beats / len(tokens), f"in bar {bar}")
    return lengths if len(lengths) > 1 else [lengths[0].partition(":")[0]]


def _with_lengths(tokens: list[str], beat: Fraction, where: str) -> list[str]:
    """Each chord with its length; slashes before the first chord go on with the chord before."""
    chords: list[tuple[str, int]] = []
    for token in tokens:
        if ":" in token:
            raise ChordError(f"`{shown(token)}` {where}: a length beside slashes; write the one or the other")
        if token in _BEATS and chords:
            chords[-1] = chords[-1][0], chords[-1][1] + 1
        else:
            chords.append((REPEAT if token in _BEATS else token, 1))
    return [f"{chord}:{float(count * beat):.10g}" for chord, count in chords]
