"""`/msanii/fader/...`: each value as a position from 0 to 1, which is all that many surfaces' faders know.

A parameter's fader has a second, shorter address: `/msanii/param01/bpm` is `/msanii/fader/param/bpm`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.addresses.arguments import Arguments
from bridge.addresses.row import Address, Build
from bridge.addresses.stage import NUDGE, TEMPO
from bridge.deck_values import DECIBELS, DECK_VALUES, Choice, Kind, Number
from bridge.messages import Argument, BridgeError, Message
from bridge.messages.stage import MAX_DECKS
from bridge.parameters import PARAMETERS, Parameter
from bridge.values import as_typed, number_of, shown

FADER = "fader/"
PARAM, PARAM01 = "param/", "param01/"
# A range whose ends are further apart than this factor is travelled in equal ratios: half of a fader from 20
# to 999 bpm is 141, not 510.
_WIDEST_LINEAR = 20.0
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`."""

    low: float
    high: float
    is_whole: bool = False

    @property
    def is_exponential(self) -> bool:
        return self.low > 0 and self.high / self.low >= _WIDEST_LINEAR

    def value_at(self, position: float) -> float:
        """Return the value at a position."""
        if self.is_exponential:
            value = self.low * math.pow(self.high / self.low, position)
        else:
            value = self.low + (self.high - self.low) * position
        return min(self.high, max(self.low, round(value, 0 if self.is_whole else _DECIMALS)))

    def position_of(self, value: object) -> float | None:
        """Return the position of a value; None for a value that is no number."""
        if not isinstance(value, int | float):
            return None
        inside = min(self.high, max(self.low, value))
        if self.is_exponential:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Steps:
    """A few values, the first at 0 and the last at 1, with an equal part of the way for each."""

    values: tuple[str | int | float, ...]

    def value_at(self, position: float) -> str | int | float:
        """Return the value at a position."""
        return self.values[min(int(position * len(self.values)), len(self.values) - 1)]

    def position_of(self, value: object) -> float | None:
        """Return the position of a value; None for a value that is none of them."""
        return self.values.index(value) / (len(self.values) - 1) if value in self.values else None


Scale = Range | Steps
ON_OR_OFF = Steps((0, 1))


def fader_rows(by_path: Mapping[str, Address], root: str) -> dict[str, Address]:
    """Return the row of each fader by its path; it sends on to the row of its value."""
    rows = {}
    for name, scale in SCALES.items():
        value_row = by_path[root + name]
        for path in fader_paths(name):
            rows[root + path] = Address(
                root + path, "[position]", value_row.help, "", _build(value_row, scale), True, value_row.cost
            )
    return rows


def fader_paths(path: str) -> tuple[str, ...]:
    """Return the paths of the fader of the value at a path, whether or not it has one."""
    is_parameter = path.startswith(PARAM)
    return (FADER + path, PARAM01 + path.removeprefix(PARAM)) if is_parameter else (FADER + path,)


def position_of(path: str, value: Argument) -> float | None:
    """Return the position of the value at a path without the root; None if it has no fader."""
    scale = SCALES.get(path)
    return scale.position_of(value) if scale else None


def _build(value_row: Address, scale: Scale) -> Build:
    def build(address: str, arguments: Arguments) -> Message | None:
        if not arguments:
            return value_row.build(value_row.path, ())
        position = _position(address, arguments, scale)
        return value_row.build(value_row.path, (scale.value_at(position),))

    return build


def _position(address: str, arguments: Arguments, scale: Scale) -> float:
    value = arguments[0]
    is_switched = isinstance(value, bool) and scale == ON_OR_OFF
    number = float(value) if is_switched else number_of(value)  # type: ignore[arg-type]
    # Written so that NaN fails the comparison.
    if number is None or not 0 <= number <= 1 or len(arguments) > 1:
        got = ", ".join(map(shown, arguments))
        raise BridgeError(
            "type" if number is None else "value",
            f"{address}: got {got}, expected a position from 0 to 1, or nothing to read it; send that.",
        )
    return as_typed(float(number))


def _of_parameter(parameter: Parameter) -> Scale | None:
    if parameter.kind == "choice":
        return Steps(parameter.choices)
    if parameter.low is None or parameter.high is None:
        return None
    return Range(parameter.low, parameter.high, is_whole=parameter.kind == "int")


def _of_kind(kind: Kind) -> Scale:
    match kind:
        case Number():
            return Range(kind.low, kind.high, kind.is_whole)
        case Choice():
            return Steps(kind.words)
        case _:
            return ON_OR_OFF


def _scales() -> dict[str, Scale]:
    parameters = {f"{PARAM}{name}": _of_parameter(row) for name, row in PARAMETERS.items()}
    return {
        **{path: scale for path, scale in parameters.items() if scale is not None},
        **{
            f"deck/{deck}/{value.name}": _of_kind(value.kind)
            for deck in range(1, MAX_DECKS + 1)
            for value in DECK_VALUES
        },
        **{value.name: _of_kind(value.kind) for value in DECK_VALUES if value.help_for_all},
        "master/gain": _of_kind(DECIBELS),
        "transport/tempo": _of_kind(TEMPO),
        "stream/nudge_ms": _of_kind(NUDGE),
    }


SCALES: Mapping[str, Scale] = _scales()
"""The scale of each value that has a fader, by its path without the root."""
