"""A control of a MIDI map: which knob, pad or key it is, what it does, and its value at each position."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bridge.addresses import ROOT
from bridge.addresses.midi import turned
from bridge.addresses.table import parse
from bridge.messages import BridgeError, Message
from bridge.messages.scenes import MAX_SCENES
from bridge.messages.stage import MAX_DECKS
from bridge.midi.encoders import DETENTS, Encoder
from bridge.midi_child.wire import LARGEST, ControlId, Kind
from bridge.parameters import PARAMETERS, Parameter, Value

Curve = Literal["linear", "exponential", "stepped"]
_KINDS: tuple[Kind, ...] = ("note", "cc", "cc14", "nrpn", "program", "bend")
_CONTINUOUS: frozenset[Kind] = frozenset({"cc", "cc14", "nrpn", "bend"})
VALUE, VELOCITY, NOTE, PRESET, HELD = "$value", "$velocity", "$note", "$preset", "$held"
_ENDS = (0.0, 1.0)
_SAMPLES = {VALUE: 1.0, VELOCITY: 100, NOTE: 60, PRESET: "piano_loop"}


def _any_channel(value: object) -> object:
    return 0 if value == "any" else value


class Strict(BaseModel):
    """A part of a map; a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Lamp(Strict):
    """The velocity (or CC value) that lights a pad in each state of its deck or scene; -1 sends nothing.

    `empty` is also a scene's where nothing is stored.
    """

    deck: int | None = Field(None, ge=1, le=MAX_DECKS)
    scene: int | None = Field(None, ge=1, le=MAX_SCENES)
    playing: int = Field(127, ge=-1, le=127)
    armed: int = Field(64, ge=-1, le=127)
    stopped: int = Field(1, ge=-1, le=127)
    empty: int = Field(0, ge=-1, le=127)

    def colour(self, activity: str) -> int:
        """Return the value for the activity of its deck or scene."""
        names = {"playing": "playing", "stopping": "armed", "armed": "armed", "loading": "armed"}
        name = "empty" if activity == "empty" else names.get(activity, "stopped")
        return int(getattr(self, name))

    @model_validator(mode="after")
    def _shows_one(self) -> Self:
        if (self.deck is None) == (self.scene is None):
            raise ValueError("expected either `deck` or `scene`, the number of what it shows")
        return self


class Hold(Strict):
    """What a pad or button sends when it is held down."""

    address: str
    arguments: tuple[str | int | float, ...] = ()


class Control(Strict):
    """One entry of a map: exactly one control, and a parameter or an address for it, or `shift`.

    An entry that is `shifted` counts while a `shift` button of its port is held.
    """

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
    encoder: Encoder | None = None
    detents: int = Field(DETENTS, ge=2, le=16_384)
    toggle: bool = False
    hold: Hold | None = None
    shift: bool = False
    shifted: bool = False
    echo: bool = False
    lamp: Lamp | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            got = " and ".join(f"`{kind}`" for kind in kinds) or "none"
            raise ValueError(f"expected exactly one of {', '.join(_KINDS)}, got {got}")
        if [self.parameter is None, self.address is None, not self.shift].count(False) != 1:
            raise ValueError("expected either `parameter` or `address`, or `shift: true` alone")
        if self.shift and (self.encoder or self.toggle or self.hold or self.arguments):
            raise ValueError("`shift: true` does nothing else; leave out what it would do")
        if self.hold is not None and (self.encoder is not None or self.is_continuous):
            raise ValueError("`hold` is for keys and buttons; leave it out of what sets a value")
        if self.is_momentary and (self.hold is not None or self.kind == "program"):
            raise ValueError(f"`{HELD}` needs a key or a button, and one without `hold`")
        if self.encoder is not None and self.kind != "cc":
            raise ValueError(f"`encoder`: an endless encoder sends `cc`, not `{self.kind}`; leave it out")
        if (self.toggle or self.hold or self.shift) and self.kind == "program":
            raise ValueError("`toggle`, `hold` and `shift` need a key or a button, not `program`")
        if isinstance(self.program, int) and not 0 <= self.program <= 127:
            raise ValueError("`program`: expected 0 to 127, or any")
        try:
            self._check_action()
        except BridgeError as error:
            raise ValueError(error.message) from error
        return self

    def _check_action(self) -> None:
        if self.hold is not None:
            self.held_message(100, 60)
        if self.shift:
            return
        if self.toggle:
            self._check_toggle()
        if self.parameter is not None:
            self._check_range(turned(self.parameter))
            if self.arguments:
                raise BridgeError("value", "`arguments` belong to an `address`; leave them out.")
            return
        if self.encoder is not None and self.arguments != (VALUE,):
            raise BridgeError("value", f"`encoder`: expected `arguments: [{VALUE}]` for its address.")
        if VALUE in self.arguments:
            self._check_range(None)
        self.message(self.sample(), 100, 60, str(_SAMPLES[PRESET]))

    def _check_toggle(self) -> None:
        if self.encoder is not None:
            raise BridgeError("value", "`toggle` is for buttons, `encoder` for knobs; leave one out.")
        if self.parameter is None and self.arguments != (VALUE,):
            raise BridgeError("value", f"`toggle`: expected `arguments: [{VALUE}]` for its address.")
        if self.values is not None and len(self.values) != len(_ENDS):
            raise BridgeError("value", f"`toggle`: got {len(self.values)} `values`, expected two.")

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
        sets = self.parameter is not None or VALUE in self.arguments
        return self.kind in _CONTINUOUS and sets and not self.toggle

    @property
    def is_momentary(self) -> bool:
        """True if it sends a message as it is let go too."""
        return HELD in self.arguments

    @property
    def reads(self) -> str | None:
        """The parameter, or the address, whose value it moves; None if its action has none."""
        if self.parameter is not None:
            return self.parameter
        return path_of(self.address or "") if self.arguments == (VALUE,) else None

    @property
    def does(self) -> str:
        """A short description of its action: the parameter, or the address with its arguments."""
        if self.shift:
            return "shift"
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

    def position_after(self, position: float, clicks: int) -> float:
        """Return the position, 0 to 1, after so many clicks of an endless encoder; one click a choice."""
        choices = self.choices()
        step = 1 / (self.detents if choices is None else len(choices))
        lowest = 0.0 if choices is None else step / 2  # the middle of the first choice
        return min(1 - lowest, max(lowest, position + clicks * step))

    def toggled(self, current: object) -> Value:
        """Return the one of its two values that is not the current one; from any third value, the second."""
        first, second = (self.value_at(end) for end in _ENDS)
        return first if current == second else second

    def sample(self) -> Value:
        """Return the value at the middle position, for checking the message."""
        return self.value_at(0.5)

    def message(
        self, value: Value, velocity: int, note: int, preset: str, *, is_down: bool = True
    ) -> Message | None:
        """Return the message to send, or None for a button's release. Raises BridgeError."""
        filled = {VALUE: value, VELOCITY: velocity, NOTE: note, PRESET: preset, HELD: int(is_down)}
        return _filled(self.address or "", self.arguments, filled)

    def held_message(self, velocity: int, note: int) -> Message | None:
        """Return the message of `hold`, or None without one. Raises BridgeError."""
        if self.hold is None:
            return None
        return _filled(self.hold.address, self.hold.arguments, {VELOCITY: velocity, NOTE: note})


def _filled(
    address: str, arguments: Sequence[str | int | float], values: Mapping[str, Value]
) -> Message | None:
    filled = [values.get(item, item) if isinstance(item, str) else item for item in arguments]
    return parse(path_of(address), filled, None)


def path_of(address: str) -> str:
    """Return the full OSC address: `generate` is short for /msanii/generate."""
    return address if address.startswith("/") else ROOT + address


def fraction_of(control: ControlId, value: int) -> float:
    """Return a control's position, 0 to 1."""
    return value / LARGEST[control.kind]
