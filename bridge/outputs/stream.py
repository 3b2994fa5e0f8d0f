"""The daemon's handle on the audio child process: starts it, watches its counters, replaces it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Literal

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.child import audio_main
from bridge.audio_child.device import Device, list_devices
from bridge.audio_child.shared_memory.counters import CounterBoard, Counts
from bridge.audio_child.shared_memory.levels import LevelBoard
from bridge.audio_child.shared_memory.snapshot import Snapshot, SnapshotBoard, SnapshotReader
from bridge.messages import BridgeError
from bridge.system.child_process import ChildProcess

_log = logging.getLogger(__name__)

WATCH_SECONDS = 0.05
# The slowest device, JACK at 8,192 frames, calls back five times a second.
STALL_SECONDS = 0.7
# A child that mixes nothing for this long hangs in the driver of its device.
HANG_SECONDS = 5.0
START_SECONDS = 30.0
_PROBE_SECONDS = 10.0
_RETURN_SECONDS = 5.0
_STOP_SECONDS = 3.0

StreamWord = Literal["starting", "playing", "no device", "lost"]


@dataclass(frozen=True, slots=True)
class StreamState:
    """The state of the stream. `note` says how it differs from the request, or why there is no sound."""

    state: StreamWord = "starting"
    device: str = ""
    rate: int = 0
    channels: int = 0
    note: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ChildUp:
    """A new child is ready for commands; the state of decks and transport must be sent to it."""


@dataclass(frozen=True, slots=True)
class ChildLost:
    """The child has ended, `on_purpose` if it is being replaced; `last` is where its music was."""

    reason: str
    last: Snapshot | None
    on_purpose: bool


class AudioStream:
    """The audio child process, for the supervisor. `on_report` gets its reports, `ChildUp` and `ChildLost`.

    The stream's rate is known once `state` is no longer `starting`. Call `close` after the last child has
    ended.
    """

    def __init__(
        self,
        settings: p.StreamSettings,
        on_report: Callable[[object], None],
        *,
        target: Callable[[Connection, p.StreamSettings], None] = audio_main,
    ) -> None:
        self.name = "audio process"
        self.state = StreamState()
        self._counters = CounterBoard()
        self._board = SnapshotBoard()
        self._reader = SnapshotReader(self._board.name)
        self._levels = LevelBoard()
        self._settings = replace(
            settings, counters=self._counters.name, snapshots=self._board.name, levels=self._levels.name
        )
        self._on_report = on_report
        self._target = target
        self._process: ChildProcess | None = None
        self._watching: asyncio.Task[None] | None = None
        self._reason = ""
        self._replacing = False
        self._is_other = False

    @property
    def snapshot_name(self) -> str:
        """The name by which other processes open the snapshots."""
        return self._board.name

    @property
    def pid(self) -> int:
        """The child's process id; 0 without one."""
        process = self._process
        return (process.pid or 0) if process is not None and not process.ended.done() else 0

    def snapshot(self) -> Snapshot | None:
        """Return the transport's current position, or None if there is none yet."""
        return self._reader.read()

    def counts(self) -> Counts:
        """Return the counters of the current child."""
        return self._counters.read()

    def levels(self) -> tuple[float, ...]:
        """Return the peaks of the master and of each deck, in dBFS; -120 is silence."""
        return self._levels.read(self._settings.decks)

    def input_level(self) -> float:
        """Return the peak of the input, in dBFS; -120 is silence."""
        return self._levels.read_input()

    @property
    def input(self) -> str | int:
        """The input that was asked for; "" is none."""
        return self._settings.input

    def send(self, command: object) -> bool:
        """Send the child a command. Return False if there is no child at the moment."""
        return self._process is not None and self._process.send(command)

    async def start(self) -> None:
        """Start a child, which reports its device once it plays. Raises OSError."""
        self._reason = ""
        self._counters.clear()
        self._levels.clear()
        self.state = replace(self.state, state="starting")
        self._process = ChildProcess(
            self._target, (self._settings,), name="audio process", on_message=self._received
        )
        self._process.ended.add_done_callback(lambda ended: self._lost(ended.result()))
        self._watching = asyncio.create_task(self._watch(), name="watch audio")

    async def exited(self) -> str:
        """Wait until the child ends, and return the reason. A child that is being replaced does not count."""
        while True:
            if self._process is None:
                return self._reason or "it is not running"
            reason = await asyncio.shield(self._process.ended)
            if not self._replacing:
                return self._reason or reason
            self._replacing = False
            await self.start()

    async def stop(self) -> None:
        """Stop the child. It has `_STOP_SECONDS` to finish its recordings, then it is killed."""
        process = self._process
        if process is None or process.ended.done():
            return
        process.send(p.Quit())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await asyncio.shield(process.ended)
                return
        self.kill()
        await asyncio.shield(process.ended)

    def kill(self) -> None:
        """Kill the child."""
        if self._process is not None and not self._process.ended.done():
            self._process.kill()

    def close(self) -> None:
        """Release the shared memory."""
        if self._watching is not None:
            self._watching.cancel()
        self._reader.close()
        self._board.close()
        self._counters.close()
        self._levels.close()

    def choose(self, device: str | int) -> None:
        """Play through another device, in a new child that continues where this one was."""
        self._settings = replace(self._settings, device=device)
        self._replace()

    def choose_input(self, device: str | int) -> None:
        """Listen to another input, or to none, in a new child that continues where this one was."""
        self._settings = replace(self._settings, input=device)
        self._replace()

    def _replace(self) -> None:
        if self._process is not None and not self._process.ended.done():
            self._replacing = True
            # A child whose device hangs does not quit by itself.
            self._process.send(p.Quit())
            asyncio.get_running_loop().call_later(_STOP_SECONDS, _kill_if_alive, self._process)

    def _received(self, report: object) -> None:
        match report:
            case r.StreamOpened(device, rate, channels, note, is_other):
                self._is_other = is_other
                self.state = StreamState("playing", device, rate, channels, note)
                self._on_report(ChildUp())
            case r.NoDevice(code, reason, rate):
                self.state = StreamState("no device", "", rate, 0, reason, code)
                self._on_report(ChildUp())
            case r.DeviceFound():
                self._replace()
        self._on_report(report)

    def _lost(self, reason: str) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self.state = replace(self.state, state="starting" if self._replacing else "lost", note=reason)
        self._on_report(ChildLost(self._reason or reason, self.snapshot(), self._replacing))

    async def _watch(self) -> None:
        """Kill a child that hangs or gets no callbacks; return to the requested device once it is back."""
        begun = called_at = mixed_at = probed_at = time.monotonic()
        before = self.counts()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now, counts = time.monotonic(), self.counts()
            if counts.callbacks != before.callbacks or not counts.opened:
                called_at = now
            if counts.blocks != before.blocks:
                mixed_at = now
            before = counts
            if now - called_at > STALL_SECONDS:
                gone = f"the device `{self.state.device}` has gone"
                self._end(f"{gone}: it asked for no sound for {now - called_at:.1f} s")
            elif now - mixed_at > (HANG_SECONDS if counts.blocks else START_SECONDS):
                self._end(f"it has hung for {now - mixed_at:.0f} s")
            elif self._is_other and now - probed_at > _RETURN_SECONDS and now - begun > _RETURN_SECONDS:
                probed_at = now
                await self._return_if_there()

    def _end(self, reason: str) -> None:
        self._reason = reason
        _log.warning("the audio process is ended: %s", reason)
        self.kill()

    async def _return_if_there(self) -> None:
        """Replace the child if the requested device is back; only a process without a stream can tell."""
        from bridge.audio_child.device import find, that_play

        with contextlib.suppress(BridgeError):
            if find(that_play(await probe_devices()), self._settings.device) is not None:
                self._replace()


async def probe_devices() -> tuple[Device, ...]:
    """Return the audio devices, listed by a short-lived process.

    Raises:
        BridgeError: `missing` if PortAudio is not installed, `busy` if the sound system does not answer.
    """
    found: list[Any] = []
    process = ChildProcess(probe_main, (), name="audio probe", on_message=found.append)
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await asyncio.shield(process.ended)
    except TimeoutError:
        process.kill()
        await asyncio.shield(process.ended)
    if not found:
        raise BridgeError("busy", "the sound system does not answer: look whether its server hangs")
    if isinstance(found[0], BridgeError):
        raise found[0]
    devices: tuple[Device, ...] = found[0]
    return devices


def probe_main(connection: Connection) -> None:
    """Main of the probe process: send the devices, or the error."""
    try:
        connection.send(list_devices())
    except BridgeError as error:
        connection.send(error)


def _kill_if_alive(process: ChildProcess) -> None:
    if not process.ended.done():
        process.kill()
