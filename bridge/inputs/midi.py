"""The daemon's handle on the MIDI child process.

The daemon never loads a MIDI driver itself: losing the MIDI server was measured to crash the process that
uses it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bridge.midi_child.child import EXIT_SYSTEM_GONE, midi_main
from bridge.midi_child.wire import Alive, FromChild, MidiSettings, Ports, SendClock, Stop, ToChild
from bridge.system.child_process import ChildProcess

_log = logging.getLogger(__name__)

_STOP_SECONDS = 4.0
# A scan of the ports takes well under a second, but JACK in synchronous mode stalls for 5 s for each program
# that crashed, and killing the child then adds another 5 s.
HUNG_SECONDS = 20.0


class MidiChild:
    """The MIDI process, for the supervisor. `on_message` is called with its events, in the event loop.

    When the process ends, `on_message` gets an empty `Ports`. A restarted process gets the last clock order
    again. A process that sends no heartbeat for `hung_seconds` is killed.
    """

    def __init__(
        self,
        settings: MidiSettings,
        on_message: Callable[[FromChild], None],
        *,
        hung_seconds: float = HUNG_SECONDS,
    ) -> None:
        self.name = "MIDI"
        self.pid = 0
        self._settings = settings
        self._on_message = on_message
        self._hung_seconds = hung_seconds
        self._process: ChildProcess | None = None
        self._clock: SendClock | None = None
        self._watchdog: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Start the process. Raises OSError."""
        process = ChildProcess(midi_main, (self._settings,), name="midi", on_message=self._received)
        process.ended.add_done_callback(lambda _: self._lost())
        self._process = process
        self.pid = process.pid or 0
        self._is_alive()
        if self._clock is not None:
            process.send(self._clock)

    async def exited(self) -> str:
        """Wait until the process has ended, and return the reason."""
        if self._process is None:
            return "it is not running"
        reason = await asyncio.shield(self._process.ended)
        gone = reason.endswith(f"exit code {EXIT_SYSTEM_GONE}")
        return "the MIDI system of this machine ended" if gone else reason

    async def stop(self) -> None:
        """Stop the process. It has `_STOP_SECONDS` to close its ports, then it is killed."""
        process = self._process
        if process is None or process.ended.done():
            return
        if process.send(Stop()):
            await asyncio.wait((process.ended,), timeout=_STOP_SECONDS)
        self.kill()
        await self.exited()

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None and not self._process.ended.done():
            self._process.kill()

    def send(self, order: ToChild) -> None:
        """Send the process an order. Without a process the order is lost, except for the clock."""
        if isinstance(order, SendClock):
            self._clock = order
        if self._process is not None and not self._process.ended.done():
            self._process.send(order)

    def _received(self, batch: list[FromChild]) -> None:
        for event in batch:
            if isinstance(event, Alive):
                self._is_alive()
                continue
            try:
                self._on_message(event)
            except Exception:
                # An event that fails must not lose those behind it, such as a note-off.
                _log.exception("a MIDI event could not be handled: %r", event)

    def _is_alive(self) -> None:
        self._disarm()
        self._watchdog = asyncio.get_running_loop().call_later(self._hung_seconds, self._hangs)

    def _hangs(self) -> None:
        _log.warning("the MIDI process does not answer for %g s", self._hung_seconds)
        self.kill()

    def _disarm(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None

    def _lost(self) -> None:
        self._disarm()
        self.pid = 0
        self._on_message(Ports((), (), ""))
