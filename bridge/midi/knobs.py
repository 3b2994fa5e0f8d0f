"""Knobs and pads: turns control movements into messages, with soft takeover (pickup) for knobs.

Movements of a continuous control are thinned out: only its last position is sent, within `FLUSH_SECONDS`.
A press is sent at once and exactly once, after the positions that came before it; that of a pad with a `hold`
is sent as the pad is let go, or what its hold says once it was down for `HOLD_SECONDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bridge.addresses import ROOT
from bridge.messages import BridgeError, Message, SetParameter
from bridge.midi.control import Control, fraction_of
from bridge.midi.encoders import Encoder, clicks_of
from bridge.midi.moved_values import MovedValues
from bridge.midi.takeover import EncoderPositions, Key, Pickup
from bridge.midi_child.wire import LARGEST, ControlId, Moved
from bridge.parameters import Value

FLUSH_SECONDS = 0.01
HOLD_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Held:
    """A pad that is down, whose release is waited for."""

    control: Control
    moved: Moved


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message that is sent soon, and how its value will be read by `noted_by`."""

    message: Message
    as_read: object
    noted_by: Pickup | EncoderPositions


class Knobs:
    """Turns control movements into messages for `receive`. `schedule` is used to act later.

    `values` are those that the controls move.
    """

    def __init__(
        self,
        *,
        receive: Callable[[Message], None],
        values: MovedValues,
        preset_names: Callable[[], Sequence[str]],
        schedule: Callable[[float, Callable[[], None]], object],
        on_pickup: Callable[[str, Control], None] = lambda _port, _control: None,
    ) -> None:
        self._receive = receive
        self._values = values
        self._preset_names = preset_names
        self._schedule = schedule
        self._on_pickup = on_pickup
        self._pickup = Pickup()
        self._encoders = EncoderPositions()
        self._waiting: dict[Key, _Waiting] = {}
        self._down: set[Key] = set()
        self._held: dict[Key, _Held] = {}
        self._shifts: set[Key] = set()
        self._told_pickup: set[Key] = set()
        self._is_scheduled = False

    def moved(self, port: str, moved: Moved, control: Control, *, pickup: bool) -> None:
        """Handle a movement of a mapped control. Raises BridgeError if its action is not possible."""
        key = (port, moved.control)
        if control.encoder is not None:
            self._clicked(key, moved, control, control.encoder)
        elif control.is_continuous:
            self._turned(key, moved, control, pickup if control.pickup is None else control.pickup)
        elif (edge := self._edge(key, moved)) is not None:
            self._moved_button(edge, key, moved, control)

    def is_shifted(self, port: str) -> bool:
        """Return whether a shift button of the port is held."""
        return any(key[0] == port for key in self._shifts)

    def is_release(self, port: str, moved: Moved) -> bool:
        """Return whether a key, or a button that is down, is let go."""
        if moved.control.kind == "note":
            return moved.value == 0
        return (port, moved.control) in self._down and moved.value <= LARGEST[moved.control.kind] // 2

    def held(self, port: str, control: ControlId) -> Control | None:
        """Return the entry by which a pad was pressed that is still down, if that waits for its release."""
        held = self._held.get((port, control))
        return None if held is None else held.control

    def flush(self) -> None:
        """Send the last position of every control that has moved since the last flush."""
        self._is_scheduled = False
        waiting, self._waiting = self._waiting, {}
        for key, moved in waiting.items():
            moved.noted_by.sent(key, moved.as_read)
            self._receive(moved.message)

    def forget(self, port: str | None = None) -> None:
        """Make all knobs of a port pick up again, and release its pads; None means all ports."""
        self._forget_positions(port)
        self._down = _others(self._down, port)
        self._shifts = _others(self._shifts, port)
        for key in [key for key in self._held if port in (None, key[0])]:
            held = self._held.pop(key)
            if held.control.is_momentary:
                self._let_go(held)

    def _forget_positions(self, port: str | None) -> None:
        self._pickup.forget(port)
        self._encoders.forget(port)
        self._told_pickup = _others(self._told_pickup, port)

    def _turned(self, key: Key, moved: Moved, control: Control, pickup: bool) -> None:
        position = fraction_of(moved.control, moved.value)
        if pickup and control.reads is not None and not self._holds(key, position, control, control.reads):
            return
        self._send_soon(key, moved, control, control.value_at(position))

    def _clicked(self, key: Key, moved: Moved, control: Control, encoder: Encoder) -> None:
        name = control.reads or ""
        current = self._values.now(name)
        if current is None:
            raise BridgeError(
                "value", f"`{name}` has no value that an endless encoder could start from; map a plain knob."
            )
        position = self._encoders.turn(key, control, clicks_of(encoder, moved.value), current)
        self._send_soon(key, moved, control, control.value_at(position))

    def _send_soon(self, key: Key, moved: Moved, control: Control, value: Value) -> None:
        if control.parameter is not None:
            message: Message | None = _set_parameter(control.parameter, value)
        else:
            message = control.message(value, _velocity(moved), moved.control.number, "")
        if message is None:
            return
        as_read = value if control.reads is None else self._values.as_read(control.reads, value)
        # Popped first, so that the control that moved last is sent last.
        self._waiting.pop(key, None)
        noted_by = self._pickup if control.encoder is None else self._encoders
        self._waiting[key] = _Waiting(message, as_read, noted_by)
        if not self._is_scheduled:
            self._is_scheduled = True
            self._schedule(FLUSH_SECONDS, self.flush)

    def _holds(self, key: Key, position: float, control: Control, reads: str) -> bool:
        current = self._values.now(reads)
        if self._pickup.picks_up(key, position, current, control.position_of(current)):
            self._told_pickup.discard(key)
            return True
        if key not in self._told_pickup:
            self._told_pickup.add(key)
            self._on_pickup(key[0], control)
        return False

    def _edge(self, key: Key, moved: Moved) -> Literal["press", "release"] | None:
        kind = moved.control.kind
        if kind == "program":
            return "press"
        if kind == "note":
            return "press" if moved.value > 0 else "release"
        was_down = key in self._down
        is_down = moved.value > LARGEST[kind] // 2
        (self._down.add if is_down else self._down.discard)(key)
        if is_down == was_down:
            return None
        return "press" if is_down else "release"

    def _moved_button(
        self, edge: Literal["press", "release"], key: Key, moved: Moved, control: Control
    ) -> None:
        if control.shift:
            (self._shifts.add if edge == "press" else self._shifts.discard)(key)
            # The port's knobs turn something else from now on, and are not where that is.
            self._forget_positions(key[0])
        elif edge == "press" and control.hold is not None:
            held = self._held[key] = _Held(control, moved)
            self._schedule(HOLD_SECONDS, lambda: self._hold_is_over(key, held))
        elif edge == "press":
            self.flush()
            self._pressed(moved, control)
            if control.is_momentary:
                self._held[key] = _Held(control, moved)
        elif (released := self._held.pop(key, None)) is None:
            return
        elif released.control.is_momentary:
            self._let_go(released)
        else:
            self.flush()
            self._pressed(released.moved, released.control)

    def _let_go(self, held: _Held) -> None:
        moved = held.moved
        message = held.control.message(0, _velocity(moved), moved.control.number, "", is_down=False)
        if message is not None:
            self.flush()
            self._receive(message)

    def _hold_is_over(self, key: Key, held: _Held) -> None:
        if self._held.get(key) is not held:
            return
        del self._held[key]
        message = held.control.held_message(_velocity(held.moved), held.moved.control.number)
        if message is not None:
            self.flush()
            self._receive(message)

    def _pressed(self, moved: Moved, control: Control) -> None:
        value = control.value_at(fraction_of(moved.control, moved.value))
        if control.toggle:
            value = control.toggled(self._values.now(control.reads or ""))
        if control.parameter is not None:
            self._receive(_set_parameter(control.parameter, value))
            return
        preset = self._preset(moved.value) if "$preset" in control.arguments else ""
        message = control.message(value, _velocity(moved), moved.control.number, preset)
        if message is not None:
            self._receive(message)

    def _preset(self, program: int) -> str:
        names = self._preset_names()
        if program >= len(names):
            raise BridgeError(
                "preset",
                f"program change {program + 1}: there are {len(names)} presets; choose a program up to that.",
            )
        return names[program]


def _others(keys: set[Key], port: str | None) -> set[Key]:
    return {key for key in keys if port not in (None, key[0])}


def _velocity(moved: Moved) -> int:
    return round(127 * fraction_of(moved.control, moved.value))


def _set_parameter(name: str, value: object) -> SetParameter:
    return SetParameter(name, value, about=f"{ROOT}param/{name}")
