"""Knobs and pads: turns control movements into messages, with soft takeover (pickup) for knobs.

Movements of a continuous control are thinned out: only its last position is sent, within `FLUSH_SECONDS`.
A press is sent at once and exactly once, after the positions that came before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bridge.addresses import ROOT
from bridge.messages import BridgeError, Message, SetParameter
from bridge.midi.map import Control, fraction_of
from bridge.midi_child.wire import LARGEST, ControlId, Moved

FLUSH_SECONDS = 0.01
_CATCH = 1.5 / 127  # one and a half steps of a 7-bit knob: nobody can aim closer by hand
_MOST_UNDER_WAY = 1_024

Key = tuple[str, ControlId]


@dataclass(slots=True)
class _Takeover:
    """Soft takeover of one knob.

    `last` is its last position; `is_caught` is True while it controls the parameter; `known` is the
    parameter's last known value, and `sent` are the values sent since.
    """

    last: float | None = None
    is_caught: bool = False
    known: object = None
    sent: deque[object] = field(default_factory=lambda: deque(maxlen=_MOST_UNDER_WAY))

    def knows(self, current: object) -> bool:
        """Return whether the parameter has the known value, or one that the knob has sent since."""
        if current != self.known:
            if current not in self.sent:
                return False
            while self.known != current:
                self.known = self.sent.popleft()
        return True


class Pickup:
    """Soft takeover: a knob does nothing until it reaches or passes its parameter's current value."""

    def __init__(self) -> None:
        self._takeovers: dict[Key, _Takeover] = {}

    def picks_up(self, key: Key, position: float, current: object, target: float | None) -> bool:
        """Return whether a knob at `position` controls its parameter, whose value is at position `target`.

        Values that the knob sent may take effect late; any other value releases the parameter from the knob.
        """
        takeover = self._takeovers.setdefault(key, _Takeover())
        last, takeover.last = takeover.last, position
        if takeover.is_caught and not takeover.knows(current):
            takeover.is_caught = False
        if not takeover.is_caught:
            near = target is None or abs(position - target) <= _CATCH
            crossed = target is not None and last is not None and (last - target) * (position - target) <= 0
            if near or crossed:
                takeover.is_caught = True
                takeover.known = current
                takeover.sent.clear()
        return takeover.is_caught

    def sent(self, key: Key, value: object) -> None:
        """Note a value that the knob has sent."""
        self._takeovers.setdefault(key, _Takeover()).sent.append(value)

    def forget(self, port: str | None) -> None:
        """Make all knobs of a port pick up again; None means all ports."""
        self._takeovers = {
            key: takeover for key, takeover in self._takeovers.items() if port not in (None, key[0])
        }


class Knobs:
    """Turns control movements into messages for `receive`. `schedule` is used to call `flush` later."""

    def __init__(
        self,
        *,
        receive: Callable[[Message], None],
        value_of: Callable[[str], object],
        preset_names: Callable[[], Sequence[str]],
        schedule: Callable[[float, Callable[[], None]], object],
        on_pickup: Callable[[str, Control], None] = lambda _port, _control: None,
    ) -> None:
        self._receive = receive
        self._value_of = value_of
        self._preset_names = preset_names
        self._schedule = schedule
        self._on_pickup = on_pickup
        self._pickup = Pickup()
        self._waiting: dict[Key, Message] = {}
        self._down: set[Key] = set()
        self._told_pickup: set[Key] = set()
        self._is_scheduled = False

    def moved(self, port: str, moved: Moved, control: Control, *, pickup: bool) -> None:
        """Handle a movement of a mapped control. Raises BridgeError if its action is not possible."""
        key = (port, moved.control)
        if control.is_continuous:
            self._turned(key, moved, control, pickup if control.pickup is None else control.pickup)
        elif self._is_press(key, moved):
            self.flush()
            self._pressed(moved, control)

    def flush(self) -> None:
        """Send the last position of every control that has moved since the last flush."""
        self._is_scheduled = False
        waiting, self._waiting = self._waiting, {}
        for key, message in waiting.items():
            if isinstance(message, SetParameter):
                self._pickup.sent(key, message.value)
            self._receive(message)

    def forget(self, port: str | None = None) -> None:
        """Make all knobs of a port pick up again, and release its pads; None means all ports."""
        self._pickup.forget(port)
        self._down = {key for key in self._down if port not in (None, key[0])}
        self._told_pickup = {key for key in self._told_pickup if port not in (None, key[0])}

    def _turned(self, key: Key, moved: Moved, control: Control, pickup: bool) -> None:
        position = fraction_of(moved.control, moved.value)
        value = control.value_at(position)
        message: Message | None
        if control.parameter is None:
            message = control.message(value, _velocity(moved), moved.control.number, "")
        else:
            if pickup and not self._holds(key, position, control):
                return
            message = _set_parameter(control.parameter, value)
        if message is None:
            return
        # Popped first, so that the control that moved last is sent last.
        self._waiting.pop(key, None)
        self._waiting[key] = message
        if not self._is_scheduled:
            self._is_scheduled = True
            self._schedule(FLUSH_SECONDS, self.flush)

    def _holds(self, key: Key, position: float, control: Control) -> bool:
        current = self._value_of(control.parameter or "")
        if self._pickup.picks_up(key, position, current, control.position_of(current)):
            self._told_pickup.discard(key)
            return True
        if key not in self._told_pickup:
            self._told_pickup.add(key)
            self._on_pickup(key[0], control)
        return False

    def _is_press(self, key: Key, moved: Moved) -> bool:
        kind = moved.control.kind
        if kind == "program":
            return True
        if kind == "note":
            return moved.value > 0
        was_down = key in self._down
        is_down = moved.value > LARGEST[kind] // 2
        (self._down.add if is_down else self._down.discard)(key)
        return is_down and not was_down

    def _pressed(self, moved: Moved, control: Control) -> None:
        value = control.value_at(fraction_of(moved.control, moved.value))
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


def _velocity(moved: Moved) -> int:
    return round(127 * fraction_of(moved.control, moved.value))


def _set_parameter(name: str, value: object) -> SetParameter:
    return SetParameter(name, value, about=f"{ROOT}param/{name}")
