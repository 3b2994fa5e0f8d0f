"""What a knob knows of the value that it moves: soft takeover (pickup), and where an encoder was turned to.

Both must tell a value that they sent, which may take effect late, from one that somebody else has set.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TypeVar

from bridge.midi.control import Control
from bridge.midi_child.wire import ControlId

_CATCH = 1.5 / 127  # one and a half steps of a 7-bit knob: nobody can aim closer by hand
_MOST_UNDER_WAY = 1_024

Key = tuple[str, ControlId]
_T = TypeVar("_T")


@dataclass(slots=True)
class _Sent:
    """The last value that was known to hold, and the values that the control has sent since."""

    known: object = None
    later: deque[object] = field(default_factory=lambda: deque(maxlen=_MOST_UNDER_WAY))

    def explains(self, current: object) -> bool:
        """Return whether the value that holds is the known one, or one that was sent since."""
        if current != self.known:
            if current not in self.later:
                return False
            while self.known != current:
                self.known = self.later.popleft()
        return True

    def begin(self, current: object) -> None:
        """Begin from a value that somebody else has set."""
        self.known = current
        self.later.clear()


@dataclass(slots=True)
class _Takeover:
    """Soft takeover of one knob: its last position, and whether it controls the parameter."""

    last: float | None = None
    is_caught: bool = False
    sent: _Sent = field(default_factory=_Sent)


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
        if takeover.is_caught and not takeover.sent.explains(current):
            takeover.is_caught = False
        if not takeover.is_caught:
            near = target is None or abs(position - target) <= _CATCH
            crossed = target is not None and last is not None and (last - target) * (position - target) <= 0
            if near or crossed:
                takeover.is_caught = True
                takeover.sent.begin(current)
        return takeover.is_caught

    def sent(self, key: Key, value: object) -> None:
        """Note a value that the knob has sent."""
        self._takeovers.setdefault(key, _Takeover()).sent.later.append(value)

    def forget(self, port: str | None) -> None:
        """Make all knobs of a port pick up again; None means all ports."""
        self._takeovers = _others(self._takeovers, port)


@dataclass(slots=True)
class _Turned:
    position: float
    sent: _Sent = field(default_factory=_Sent)


class EncoderPositions:
    """Where endless encoders have been turned to: finer than the values, which may take several clicks."""

    def __init__(self) -> None:
        self._turned: dict[Key, _Turned] = {}

    def turn(self, key: Key, control: Control, clicks: int, current: object) -> float:
        """Return the position, 0 to 1, after a turn, from the last turn's or the current value's."""
        turned = self._turned.get(key)
        if turned is None or not turned.sent.explains(current):
            turned = self._turned[key] = _Turned(control.position_of(current) or 0.0)
            turned.sent.begin(current)
        turned.position = control.position_after(turned.position, clicks)
        return turned.position

    def sent(self, key: Key, value: object) -> None:
        """Note a value that the encoder has sent."""
        if key in self._turned:
            self._turned[key].sent.later.append(value)

    def forget(self, port: str | None) -> None:
        """Let all encoders of a port begin from the values that hold; None means all ports."""
        self._turned = _others(self._turned, port)


def _others(kept: dict[Key, _T], port: str | None) -> dict[Key, _T]:
    return {key: value for key, value in kept.items() if port not in (None, key[0])}
