"""MIDI clock sync: the stage follows an incoming clock, and its transport is sent as a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bridge.messages import BridgeError
from bridge.midi_child.wire import ClockHeard, SendClock

_NO_STAGE = "start `msanii-bridge serve` with --stream"


class Transport(Protocol):
    """The part of the stage that a MIDI clock controls."""

    @property
    def snapshot_name(self) -> str: ...
    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None: ...
    def unfollow(self) -> None: ...
    def transport_start(
        self, beat: float | None = None, at_monotonic_seconds: float | None = None
    ) -> None: ...
    def transport_stop(self) -> None: ...
    def locate(self, beats: float) -> None: ...


class Clock:
    """Follows the clock of one port, and sends ours. `tell(name, *arguments)` delivers events."""

    def __init__(
        self, transport: Transport | None, send: Callable[[SendClock], None], tell: Callable[..., None]
    ) -> None:
        self._transport = transport
        self._send = send
        self._tell = tell
        self._follows = False
        self._port = ""
        self._out = SendClock(False, "*", 0.0, "")

    def follow(self, on: bool) -> None:
        """Start or stop following MIDI clock. Raises BridgeError `value` without a stage."""
        if on and not self._snapshot_name():
            raise BridgeError("value", f"MIDI clock: there is no stage to follow it; {_NO_STAGE}")
        self._follows = on
        if not on:
            self.lose()
        self._tell("clock", "following" if on else "ignored", 0.0, 0.0, "")

    def heard(self, heard: ClockHeard) -> None:
        """Pass a clock event to the stage. Of several clocks, only the first is followed until it is lost."""
        transport = self._transport
        if not self._follows or transport is None or self._port not in ("", heard.port):
            return
        if heard.state not in ("stop", "locate"):
            # These two come without ticks too, and then nothing would ever tell that the port is lost.
            self._port = heard.port
        match heard.state:
            case "tempo":
                transport.follow("midi", heard.bpm, heard.beat, heard.at_monotonic_seconds)
            case "start" | "continue":
                transport.transport_start(heard.beat, heard.at_monotonic_seconds)
            case "stop":
                transport.transport_stop()
                if heard.bpm:  # the mix is ahead of the clock; a port without a clock has no position
                    transport.locate(heard.beat)
            case "locate":
                transport.locate(heard.beat)
            case "lost":
                # The stage keeps playing at the last tempo: a pulled cable must not stop the music.
                self.lose()
        self._tell("clock", heard.state, heard.bpm, heard.beat, heard.port)

    def lose(self) -> None:
        """Stop following the current clock; the next one that is heard takes over."""
        if self._port and self._transport is not None:
            self._transport.unfollow()
        self._port = ""

    def send(self, on: bool, port: str) -> None:
        """Send clock to the ports that match, or stop. Raises BridgeError `value` without a stage."""
        self._order(replace(self._out, on=on, port=port))

    def nudge(self, milliseconds: float) -> None:
        """Delay the clock that we send; a negative value sends it earlier."""
        self._order(replace(self._out, nudge_seconds=milliseconds / 1000))

    def _snapshot_name(self) -> str:
        return self._transport.snapshot_name if self._transport is not None else ""

    def _order(self, order: SendClock) -> None:
        name = self._snapshot_name()
        if order.on and not name:
            raise BridgeError("value", f"MIDI clock: there is no transport to send; {_NO_STAGE}")
        self._out = replace(order, snapshot_name=name)
        self._send(self._out)
        self._tell("clock", "sending" if order.on else "silent", 1000 * order.nudge_seconds, 0.0, order.port)
