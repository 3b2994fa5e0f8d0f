"""MIDI maps: YAML files that map knobs, pads and keys to parameters and messages.

All errors in a file are reported at once. Two knobs on the same parameter are an error, since neither could
pick it up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bridge.addresses import ROOT
from bridge.addresses.midi import turned
from bridge.addresses.table import parse
from bridge.messages import BridgeError, Message
from bridge.midi_child.wire import LARGEST, ControlId, Kind
from bridge.parameters import PARAMETERS, Parameter, Value
from bridge.system.yaml_files import parse_yaml, read_yaml_bytes
from bridge.values import reason_of

MAX_DEPTH = 5
Curve = Literal["linear", "exponential", "stepped"]
Keys = Literal["capture", "none"]
_KINDS: tuple[Kind, ...] = ("note", "cc", "cc14", "nrpn", "program", "bend")
_CONTINUOUS: frozenset[Kind] = frozenset({"cc", "cc14", "nrpn", "bend"})
VALUE, VELOCITY, NOTE, PRESET = "$value", "$velocity", "$note", "$preset"
_SAMPLES = {VALUE: 1.0, VELOCITY: 100, NOTE: 60, PRESET: "piano_loop"}


def _any_channel(value: object) -> object:
    return 0 if value == "any" else value


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Lamp(_Strict):
    """The velocity (or CC value) that lights a pad in each state of its deck; -1 sends nothing."""

    deck: int = Field(ge=1, le=16)
    playing: int = Field(127, ge=-1, le=127)
    armed: int = Field(64, ge=-1, le=127)
    stopped: int = Field(1, ge=-1, le=127)
    empty: int = Field(0, ge=-1, le=127)

    def colour(self, activity: str) -> int:
        """Return the value for a deck's activity."""
        names = {"playing": "playing", "stopping": "armed", "armed": "armed", "loading": "armed"}
        name = "empty" if activity == "empty" else names.get(activity, "stopped")
        return int(getattr(self, name))


class Control(_Strict):
    """One entry of a map: exactly one control, and either a parameter or an address for it."""

    note: int | None = Field(None, ge=0, le=127)
    cc: int | None = Field(None, ge=0, le=127)
    cc14: int | None = Field(None, ge=0, le=31)
    nrpn: int | None = Field(None, ge=0, le=16_383)
    program: int | Literal["any"] | None = None
    bend: Literal["wheel"] | None = None
    channel: Annotated[int, BeforeValidator(_any_channel)] = Field(0, ge=0, le=16)
    port: str = "*"
    parameter: str | None = None
    address: str | None = None
    arguments: tuple[str | int | float, ...] = ()
    low: float | None = None
    high: float | None = None
    curve: Curve = "linear"
    steps: int | None = Field(None, ge=2, le=128)
    values: tuple[str | int | float, ...] | None = Field(None, min_length=2)
    pickup: bool | None = None
    echo: bool = False
    lamp: Lamp | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            got = " and ".join(f"`{kind}`" for kind in kinds) or "none"
            raise ValueError(f"expected exactly one of {', '.join(_KINDS)}, got {got}")
        if (self.parameter is None) == (self.address is None):
            raise ValueError("expected either `parameter` or `address`")
        if isinstance(self.program, int) and not 0 <= self.program <= 127:
            raise ValueError("`program`: expected 0 to 127, or any")
        try:
            self._check_action()
        except BridgeError as error:
            raise ValueError(error.message) from error
        return self

    def _check_action(self) -> None:
        if self.parameter is not None:
            self._check_range(turned(self.parameter))
            if self.arguments:
                raise BridgeError("value", "`arguments` belong to an `address`; leave them out.")
            return
        if VALUE in self.arguments:
            self._check_range(None)
        self.message(self.sample(), 100, 60, str(_SAMPLES[PRESET]))

    def _check_range(self, parameter: Parameter | None) -> None:
        low, high = self.range_of(parameter)
        if self.curve == "exponential" and (low <= 0 or high <= 0):
            raise BridgeError("value", f"an exponential curve needs `low` and `high` above 0, got {low:g}.")
        if low == high:
            raise BridgeError("value", f"`low` and `high` are both {low:g}; choose a range.")
        if parameter is not None:
            for value in self.values or (low, high) if parameter.kind != "choice" else self.values or ():
                parameter.check(value)

    # --- control and action ---

    @property
    def kind(self) -> Kind:
        """The kind of control."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @property
    def number(self) -> int | None:
        """The control's number, 0 for pitch bend; None means any program."""
        if self.kind == "bend":
            return 0
        named = getattr(self, self.kind)
        return None if named == "any" else int(named)

    @property
    def is_continuous(self) -> bool:
        """True if it sets a value, so that only the last position matters; False for buttons."""
        return self.kind in _CONTINUOUS and (self.parameter is not None or VALUE in self.arguments)

    @property
    def does(self) -> str:
        """A short description of its action: the parameter, or the address with its arguments."""
        if self.parameter is not None:
            return self.parameter
        return " ".join(map(str, (path_of(self.address or ""), *self.arguments)))

    def fits(self, control: ControlId, value: int) -> bool:
        """Return whether this entry applies to a control that moved."""
        if control.kind != self.kind or self.channel not in (0, control.channel):
            return False
        if self.kind == "program":
            return self.number in (None, value)
        return self.number == control.number

    def range_of(self, parameter: Parameter | None) -> tuple[float, float]:
        """Return the values at both ends: those of the map, else the parameter's range, else 0 to 1."""
        low = parameter.low if parameter is not None else 0.0
        high = parameter.high if parameter is not None else 1.0
        return (
            (low or 0.0) if self.low is None else self.low,
            (1.0 if high is None else high) if self.high is None else self.high,
        )

    # --- from position to value and back ---

    def choices(self) -> Sequence[Value] | None:
        """Return the values that it steps through, or None if it is continuous."""
        parameter = PARAMETERS[self.parameter] if self.parameter else None
        if self.values is not None:
            return self.values
        if parameter is not None and parameter.kind == "choice":
            return parameter.choices
        if self.curve != "stepped":
            return None
        low, high = self.range_of(parameter)
        whole = int(abs(high - low)) + 1 if parameter is not None and parameter.kind == "int" else 5
        steps = self.steps or min(128, max(2, whole))
        return [low + (high - low) * step / (steps - 1) for step in range(steps)]

    def value_at(self, fraction: float) -> Value:
        """Return the value at a position from 0 to 1, in the type of the parameter."""
        choices = self.choices()
        parameter = PARAMETERS[self.parameter] if self.parameter else None
        if choices is not None:
            value: Value = choices[min(int(fraction * len(choices)), len(choices) - 1)]
        else:
            low, high = self.range_of(parameter)
            exponential = self.curve == "exponential"
            value = low * (high / low) ** fraction if exponential else low + (high - low) * fraction
        if parameter is None:
            return value
        if parameter.kind == "int" and not isinstance(value, str):
            value = round(value)
        return parameter.check(value)

    def position_of(self, value: object) -> float | None:
        """Return the position of a value, 0 to 1 inside the range, or None if there is none."""
        choices = self.choices()
        if choices is not None:
            found = [index for index, choice in enumerate(choices) if choice == value]
            return (found[0] + 0.5) / len(choices) if found else None
        if not isinstance(value, int | float):
            return None
        low, high = self.range_of(PARAMETERS[self.parameter] if self.parameter else None)
        if self.curve == "exponential":
            return math.log(value / low) / math.log(high / low) if value > 0 else None
        return (value - low) / (high - low)

    def sample(self) -> Value:
        """Return the value at the middle position, for checking the message."""
        return self.value_at(0.5)

    def message(self, value: Value, velocity: int, note: int, preset: str) -> Message | None:
        """Return the message to send, or None for a button's release. Raises BridgeError."""
        filled = {VALUE: value, VELOCITY: velocity, NOTE: note, PRESET: preset}
        arguments = [filled.get(item, item) if isinstance(item, str) else item for item in self.arguments]
        return parse(path_of(self.address or ""), arguments, None)


class MidiMap(_Strict):
    """A validated map. `ports` are patterns of the ports to use it for, `reply` is one of those to light."""

    description: str = ""
    ports: tuple[str, ...] = ()
    reply: str = ""
    pickup: bool = True
    keys: Keys = "none"
    controls: tuple[Control, ...] = ()

    @model_validator(mode="after")
    def _one_knob_each(self) -> Self:
        count = Counter(
            (control.parameter, control.port)
            for control in self.controls
            if control.parameter and control.is_continuous
        )
        twice = [str(name) for (name, _), times in count.items() if times > 1]
        if twice:
            raise ValueError(f"two knobs turn {', '.join(f'`{name}`' for name in twice)}; keep one of them")
        return self


@dataclass(frozen=True, slots=True)
class NamedMap:
    """A map with its name; `is_factory` is False for the user's maps."""

    name: str
    map: MidiMap
    is_factory: bool


def path_of(address: str) -> str:
    """Return the full OSC address: `generate` is short for /msanii/generate."""
    return address if address.startswith("/") else ROOT + address


def fraction_of(control: ControlId, value: int) -> float:
    """Return a control's position, 0 to 1."""
    return value / LARGEST[control.kind]


def load_map(path: Path) -> MidiMap:
    """Load one map file. Raises BridgeError `value` that lists its errors."""
    return _parsed(read_yaml_bytes(path, code="value"), path.name)


@lru_cache(maxsize=64)
def _parsed(data: bytes, name: str) -> MidiMap:
    """Parse a map; cached, since a reload reads every map and few have changed."""
    return check_map(parse_yaml(data, name=name, code="value", max_depth=MAX_DEPTH), name)


def check_map(content: object, name: str) -> MidiMap:
    """Validate the content of a map; errors call it `name`. Raises BridgeError `value`."""
    try:
        return MidiMap.model_validate(content)
    except ValidationError as error:
        raise BridgeError("value", f"MIDI map `{name}`: " + " ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for problem in error.errors(include_url=False, include_context=False):
        place = [f"control {part + 1}" if isinstance(part, int) else f"`{part}`" for part in problem["loc"]]
        where = ", ".join(place[1:] if place[:1] == ["`controls`"] and len(place) > 1 else place)
        what = reason_of(problem).removesuffix(".")
        if problem["type"] == "extra_forbidden":
            what = "no such key"
        sentences.append(f"{where}: {what}." if where else f"{what}.")
    return sentences[:12]
