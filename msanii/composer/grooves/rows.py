"""Rows of signs, such as `X... x... X... x...`, to strokes. Pure Python.

A row is a bar, divided evenly by its signs; `|` begins another bar, and blanks mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from msanii.choices import did_you_mean
from msanii.composer.grooves.groove import BASS_SIGNS, DRUMS, BassStroke, Lines, Stroke
from msanii.music.chords import Meter

REST, HOLD = ".", "_"
VELOCITIES: Mapping[str, int] = {
    "g": 38, "?": 38, "x": 84, "X": 110, **{str(digit): 14 * digit for digit in range(1, 10)}
}  # fmt: skip
MOST_BARS = 8
_CLOSED = (DRUMS["hat"], DRUMS["pedal hat"])
_SOMETIMES = "?"
# Signs in a quarter note, and what musicians call them.
_DIVISIONS = {
    1: "quarters", 2: "eighths", 3: "eighth triplets", 4: "sixteenths", 6: "sixteenth triplets",
    8: "thirty-seconds", 12: "thirty-second triplets",
}  # fmt: skip

Rows = Mapping[str, "Row"]


class Row(NamedTuple):
    """A row as it stands in the file; lines count from 1."""

    text: str
    line: int


class RowError(Exception):
    """What is wrong on a line of the file."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def drum_lines(
    pattern: Rows, variations: Sequence[Rows], fills: Sequence[Rows], meter: Meter
) -> Lines[Stroke]:
    """The drums' bars: the rows of a variation or a fill replace those of the pattern. Raises RowError."""
    main = {name: _drum_bars(name, row, meter) for name, row in pattern.items()}
    bars = max(map(len, main.values()))
    for name, row in pattern.items():
        _check_count(row, f"`{name}`", len(main[name]), bars)

    def others(rows: Rows) -> tuple[tuple[Stroke, ...], ...]:
        replaced = {name: _drum_bars(name, row, meter) for name, row in rows.items()}
        for name, row in rows.items():
            _check_count(row, f"`{name}`", len(replaced[name]), bars)
        return _joined({**main, **replaced}, bars)

    return Lines(
        pattern=_joined(main, bars),
        variations=tuple(map(others, variations)),
        fills=tuple(map(others, fills)),
    )


def bass_lines(
    pattern: Row, variations: Sequence[Row], fills: Sequence[Row], meter: Meter
) -> Lines[BassStroke]:
    """The bass's bars. Raises RowError."""
    main = _bass_bars(pattern, meter)

    def others(row: Row) -> tuple[tuple[BassStroke, ...], ...]:
        bars = _bass_bars(row, meter)
        _check_count(row, "the row", len(bars), len(main))
        return bars * (len(main) // len(bars))

    return Lines(pattern=main, variations=tuple(map(others, variations)), fills=tuple(map(others, fills)))


def _check_count(row: Row, name: str, bars: int, pattern_bars: int) -> None:
    if pattern_bars % bars:
        remedy = f"give it 1 or {pattern_bars}"
        raise RowError(row.line, f"{name} has {bars} bars, the pattern has {pattern_bars}; {remedy}")


def _joined(rows: Mapping[str, list[list[Stroke]]], bars: int) -> tuple[tuple[Stroke, ...], ...]:
    return tuple(
        _one_hi_hat(stroke for row in rows.values() for stroke in row[bar % len(row)]) for bar in range(bars)
    )


def _one_hi_hat(strokes: Iterable[Stroke]) -> tuple[Stroke, ...]:
    """In order; a hi-hat cannot be open and closed at once, so the open stroke is played."""
    played = sorted(strokes)
    opened = {stroke.beats for stroke in played if stroke.drum == DRUMS["open hat"]}
    return tuple(one for one in played if one.drum not in _CLOSED or one.beats not in opened)


def _drum_bars(name: str, row: Row, meter: Meter) -> list[list[Stroke]]:
    if name not in DRUMS:
        hint = did_you_mean(name, DRUMS) or f"expected one of {', '.join(DRUMS)}"
        raise RowError(row.line, f"`{name[:40]}` is no drum; {hint}")
    bars = []
    for step, signs in _bars(row, f"`{name}`", (REST, *VELOCITIES), meter):
        bars.append(
            [
                Stroke(index * step, step, DRUMS[name], VELOCITIES[sign], sign == _SOMETIMES)
                for index, sign in enumerate(signs)
                if sign != REST
            ]
        )
    return bars


def _bass_bars(row: Row, meter: Meter) -> tuple[tuple[BassStroke, ...], ...]:
    bars = []
    for step, signs in _bars(row, "the bass", (REST, HOLD, *BASS_SIGNS), meter):
        strokes: list[BassStroke] = []
        before = REST
        for index, sign in enumerate(signs):
            if sign == HOLD:
                if before == REST:
                    raise RowError(row.line, f"`{HOLD}` holds a note within a bar; write the note before it")
                strokes[-1] = strokes[-1]._replace(length_beats=strokes[-1].length_beats + step)
            elif sign != REST:
                strokes.append(BassStroke(index * step, step, sign))
            before = sign
        bars.append(tuple(strokes))
    return tuple(bars)


def _bars(row: Row, name: str, allowed: Sequence[str], meter: Meter) -> list[tuple[float, str]]:
    """Each bar's step in beats, and its signs."""
    texts = ["".join(bar.split()) for bar in row.text.split("|")]
    if len(texts) > MOST_BARS:
        raise RowError(row.line, f"{name} has {len(texts)} bars, expected at most {MOST_BARS}; write fewer")
    for number, signs in enumerate(texts, start=1):
        where = name if len(texts) == 1 else f"{name} in bar {number}"
        for sign in signs:
            if sign not in allowed:
                raise RowError(row.line, f"{where}: `{sign}` is no sign; expected {' '.join(allowed)}")
        if Fraction(len(signs)) / meter.bar_beats not in _DIVISIONS:
            raise RowError(row.line, f"{where} has {len(signs)} signs; a bar of {_fitting_counts(meter)}")
    return [(float(meter.bar_beats / len(signs)), signs) for signs in texts]


def _fitting_counts(meter: Meter) -> str:
    counts = {int(meter.bar_beats * division): name for division, name in _DIVISIONS.items()
              if (meter.bar_beats * division).denominator == 1}  # fmt: skip
    listed = ", ".join(f"{count} ({name})" for count, name in counts.items())
    return f"{meter.numerator}/{meter.denominator} takes {listed}"
