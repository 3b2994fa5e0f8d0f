"""MIDI, as the daemon sees it: a child that is started, watched and replaced, and what it says.

The daemon never loads a MIDI driver: losing the MIDI server was measured to crash the process that holds it.
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
# A look at the ports takes well under a second, but JACK in synchronous mode stands still for 5 s for each
# program that crashed, and a child that is killed then adds 5 s.
HUNG_SECONDS = 20.0


class MidiChild:
    """The MIDI process, for the supervisor. `on_message` gets what it says, in the loop.

    When it ends, `on_message` hears of ports that are all gone. What it was told to do for good (the clock)
    is told to its successor.
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
        """Starts the process. Raises OSError."""
        process = ChildProcess(midi_main, (self._settings,), name="midi", on_message=self._received)
        process.ended.add_done_callback(lambda _: self._lost())
        self._process = process
        self.pid = process.pid or 0
        self._is_alive()
        if self._clock is not None:
            process.send(self._clock)

    async def exited(self) -> str:
        """Waits until the process has ended; returns the reason."""
        if self._process is None:
            return "it is not running"
        reason = await asyncio.shield(self._process.ended)
        gone = reason.endswith(f"exit code {EXIT_SYSTEM_GONE}")
        return "the MIDI system of this machine ended" if gone else reason

    async def stop(self) -> None:
        """Ends the process, which closes its ports if it can."""
        process = self._process
        if process is None or process.ended.done():
            return
        if process.send(Stop()):
            await asyncio.wait((process.ended,), timeout=_STOP_SECONDS)
        self.kill()
        await self.exited()

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is not None and not self._process.ended.done():
            self._process.kill()

    def send(self, order: ToChild) -> None:
        """Tells the process something; lost while there is none, but for the clock."""
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
                # One bad event must not cost those behind it: a note's end among them.
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
