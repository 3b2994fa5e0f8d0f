"""The daemon's outlet: sends answers to clients, and delivers events to listeners."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bridge.addresses import ROOT
from bridge.addresses.events import value_messages
from bridge.addresses.faders import fader_paths
from bridge.messages import Argument, BridgeError, Event, Failed, Message, Peer, Refused, ValueChanged

Send = Callable[[Peer, str, Sequence[Argument]], None]


class Outlet:
    """Delivers events and sends answers. Use it only in the event loop. `send` sends an OSC message."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._listeners: list[Callable[[Event], None]] = []

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with every event from now on, after those that subscribed before it."""
        self._listeners.append(listener)

    def deliver(self, event: Event) -> None:
        """Deliver an event to every listener."""
        for listener in self._listeners:
            listener(event)

    def reply(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        """Send an answer, `address` without the root. Without a client, as for a knob or pad, do nothing."""
        if to is not None:
            self._send(to, ROOT + address, arguments)

    def fail(self, to: Peer | None, about: str, error: BridgeError) -> None:
        """Report a failed message to its sender and, as `Refused`, to everybody else.

        If a knob or pad sent it, it is everybody's failure.
        """
        if to is None:
            self.deliver(Failed(about, error.code, error.message))
        else:
            self.reply(to, "fail", about, error.code, error.message)
            if not to.is_question:
                self.deliver(Refused(about, error.code, error.message, to))

    def value_read(self, asked: Message, path: str, value: Argument) -> None:
        """Answer with the value at `path` where it was read, at its own address or at its fader."""
        told = dict(value_messages(path, value))
        is_fader = asked.about.removeprefix(ROOT) in fader_paths(path)
        address = asked.about if is_fader else ROOT + path
        self.reply(asked.sender, address.removeprefix(ROOT), *told.get(address, (None,)))

    def value_set(self, by: Peer | None, path: str, value: Argument, *, is_new: bool) -> None:
        """Answer the client that set a value at `path`.reply; tell all others the value, if it is new."""
        self.reply(by, f"{path}.reply", value)
        if is_new:
            self.deliver(ValueChanged(path, value, by))
