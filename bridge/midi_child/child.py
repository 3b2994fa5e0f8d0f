"""Main of the MIDI child process: threads to scan the ports, read them, send events and take orders.

On request, or when its pipe closes, the process closes its ports and exits. When the MIDI system has gone, it
exits at once without closing them: closing them then was measured to crash.
"""

from __future__ import annotations

import itertools
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from bridge.midi_child.clock_in import ClockTracker, Told
from bridge.midi_child.clock_out import ClockSender, Place
from bridge.midi_child.hints import IAC_HINT, NO_VIRTUAL_PORTS
from bridge.midi_child.parser import ControlParser
from bridge.midi_child.ports import Incoming, MidiPorts, MidiSystemGoneError, NoMidiSystemError
from bridge.midi_child.wire import (
    Alive,
    ClockHeard,
    FromChild,
    MidiSettings,
    Played,
    Ports,
    SendClock,
    SendMidi,
    Stop,
    ToChild,
    Trouble,
)
from bridge.system.priority import go_first

EXIT_SYSTEM_GONE = 3
_MOST_WAITING = 100_000  # an hour of playing; a daemon that reads nothing for so long is lost
_NO_SYSTEM_SECONDS = 3.0
_READ_SECONDS, _IDLE_READ_SECONDS = 0.001, 0.004  # input latency while playing, and after a rest
_REST_SECONDS = 5.0
_LAST_SECONDS = 3.5  # the daemon waits 4 s


def midi_main(connection: Connection, settings: MidiSettings) -> None:
    """Run the MIDI process until it ends."""
    # Ctrl-C in a terminal reaches the whole process group, but the daemon stops its children itself.
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    go_first()
    _hush_drivers()
    _MidiChild(connection, settings).run()


@dataclass(slots=True)
class _PortClock:
    """The clock tracker of one port, in the port's time; `time.monotonic` is that plus `offset_seconds`."""

    tracker: ClockTracker = field(default_factory=ClockTracker)
    offset_seconds: float = 0.0


class _MidiChild:
    """Owns the pipe and the ports, with a parser and a clock tracker for each port."""

    def __init__(self, connection: Connection, settings: MidiSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._waiting: queue.Queue[FromChild] = queue.Queue(_MOST_WAITING)
        self._parsers: dict[str, ControlParser] = {}
        self._clocks: dict[str, _PortClock] = {}
        self._ports: MidiPorts | None = None
        self._clock_out: ClockSender | None = None
        self._ended = threading.Event()
        self._told_no_system = False

    def run(self) -> None:
        """Scan the ports until the daemon sends `Stop` or closes the pipe, then exit the process."""
        threading.Thread(target=self._send_all, name="midi events", daemon=True).start()
        threading.Thread(target=self._take_orders, name="midi orders", daemon=True).start()
        threading.Thread(target=self._read_all, name="midi in", daemon=True).start()
        while not self._ended.is_set():
            pause = self._settings.poll_seconds
            try:
                self._look()
            except MidiSystemGoneError:
                self._leave(EXIT_SYSTEM_GONE)
            except NoMidiSystemError as error:
                pause = max(pause, _NO_SYSTEM_SECONDS)
                self._no_system(error)
            self._tell(Alive())
            self._ended.wait(pause)
        if self._clock_out is not None:
            self._clock_out.stop()
        if self._ports is not None:
            self._ports.close()
        # Skip Python's clean-up: a driver's thread may still be running.
        os._exit(0)

    def _look(self) -> None:
        first = self._ports is None
        if self._ports is None:
            named = self._settings
            self._ports = MidiPorts(named.api, named.client_name, named.port_name)
        before = set(self._ports.inputs)
        changed = self._ports.look()
        self._told_no_system = False
        for gone in before - set(self._ports.inputs):
            self._let_go(gone)
        if changed or first:
            self._tell(Ports(self._ports.inputs, self._ports.outputs, self._ports.virtual_port))
        if first and sys.platform == "win32":
            self._tell(Trouble(NO_VIRTUAL_PORTS))
        elif first and sys.platform == "darwin":
            self._tell(Trouble(IAC_HINT.format(name=self._settings.port_name)))
        while self._ports.trouble:
            self._tell(Trouble(self._ports.trouble.pop(0)))

    def _let_go(self, port: str) -> None:
        """Release the keys held on a port that is gone, and end its clock."""
        parser = self._parsers.pop(port, None)
        released = parser.release_all() if parser is not None else []
        if released:
            self._tell(Played(port, tuple(released)))
        clock = self._clocks.pop(port, None)
        if clock is not None:
            self._tell_clock(port, clock, clock.tracker.gone())

    def _no_system(self, error: NoMidiSystemError) -> None:
        self._ports = None
        if not self._told_no_system:
            self._told_no_system = True
            self._tell(Ports((), (), "", str(error)))

    # --- MIDI input ---

    def _read_all(self) -> None:
        """Read what the drivers have queued, with their timestamps. Runs in a thread."""
        last_at = 0.0
        while not self._ended.is_set():
            came = self._ports.read() if self._ports is not None else []
            for incoming in came:
                self._heard(incoming)
            now = time.monotonic()
            last_at = now if came else last_at
            for port, clock in list(self._clocks.items()):
                self._tell_clock(port, clock, clock.tracker.silence(now - clock.offset_seconds))
            time.sleep(_READ_SECONDS if now - last_at < _REST_SECONDS else _IDLE_READ_SECONDS)

    def _heard(self, incoming: Incoming) -> None:
        port, data, at_seconds, offset_seconds = incoming
        status = data[0] if data else 0
        if status < 0xF0:
            moved = self._parsers.setdefault(port, ControlParser()).feed(data)
            if moved:
                self._tell(Played(port, tuple(moved)))
        elif status in (0xF2, 0xF8, 0xFA, 0xFB, 0xFC):
            position = data[1] | data[2] << 7 if status == 0xF2 and len(data) == 3 else 0
            clock = self._clocks.setdefault(port, _PortClock())
            clock.offset_seconds = offset_seconds
            self._tell_clock(port, clock, clock.tracker.feed(status, at_seconds, position))

    def _tell_clock(self, port: str, clock: _PortClock, all_told: list[Told]) -> None:
        for told in all_told:
            at_seconds = told.at_seconds + clock.offset_seconds
            self._tell(ClockHeard(port, told.state, told.beat, told.bpm, at_seconds))

    def _tell(self, event: FromChild) -> None:
        with suppress(queue.Full):
            self._waiting.put_nowait(event)

    # --- the pipe ---

    def _send_all(self) -> None:
        """Send all waiting events as one batch, movements of a port joined. Runs in a thread."""
        while True:
            batch = [self._waiting.get()]
            with suppress(queue.Empty):
                while True:
                    batch.append(self._waiting.get_nowait())
            try:
                self._connection.send(_joined(batch))
            except (OSError, ValueError):
                self._end()
                return

    def _take_orders(self) -> None:
        """Carry out the daemon's orders, and end when it stops or dies. Runs in a thread."""
        while True:
            try:
                order: ToChild = self._connection.recv()
            except (EOFError, OSError):
                order = Stop()
            if isinstance(order, Stop):
                self._end()
                return
            if isinstance(order, SendMidi):
                if self._ports is not None:
                    self._ports.send(order.port, order.data)
            else:
                self._send_clock(order)

    def _send_clock(self, order: SendClock) -> None:
        if self._clock_out is not None:
            self._clock_out.stop()
            self._clock_out = None
        if not order.on or not order.snapshot_name:
            return
        board = _Board(order.snapshot_name)
        self._clock_out = ClockSender(
            board.read, lambda data: self._send(order.port, data), order.nudge_seconds
        )

    def _send(self, port: str, data: bytes) -> None:
        if self._ports is not None:
            self._ports.send(port, data)

    def _end(self) -> None:
        """Let `run` close the ports: killed clients were measured to stall JACK for everybody."""
        self._ended.set()
        last = threading.Timer(_LAST_SECONDS, lambda: self._leave(0))
        last.daemon = True
        last.start()

    @staticmethod
    def _leave(code: int) -> None:
        # Skip the clean-up of Python and the drivers: with the MIDI system gone it crashes or hangs.
        os._exit(code)


class _Board:
    """Reads the transport's snapshot. Opening it is retried until it exists."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reader: object | None = None

    def read(self) -> Place | None:
        from bridge.audio_child.shared_memory.snapshot import SnapshotReader

        if not isinstance(self._reader, SnapshotReader):
            try:
                self._reader = SnapshotReader(self._name)
            except (OSError, ValueError):
                return None
        return self._reader.read()


def _joined(batch: list[FromChild]) -> list[FromChild]:
    """Merge consecutive `Played` events of the same port."""
    joined: list[FromChild] = []
    for port, group in itertools.groupby(batch, lambda event: getattr(event, "port", None)):
        events = list(group)
        if port is not None and all(isinstance(event, Played) for event in events):
            played = (event.moved for event in events if isinstance(event, Played))
            joined.append(Played(port, tuple(itertools.chain.from_iterable(played))))
        else:
            joined.extend(events)
    return joined


def _hush_drivers() -> None:
    """Silence ALSA and JACK, which print to stderr at every scan if they do not run; keep Python's stderr."""
    with suppress(OSError, AttributeError):
        own = os.dup(2)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)
        os.close(quiet)
        sys.stderr = os.fdopen(own, "w", buffering=1, errors="replace")
