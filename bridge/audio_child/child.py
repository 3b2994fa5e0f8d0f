"""The audio child's main loop: opens the device, carries out the daemon's commands, and reports back."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.messages import BridgeError
from bridge.system.priority import go_first

_POLL_SECONDS = 0.01
_LOOK_SECONDS = 1.0
_SILENT_RATE = 48_000
_LAST_SECONDS = 1.0
_FADE_SECONDS = 0.03
_SETTLE_SECONDS = 1.0


def audio_main(connection: Connection, settings: p.StreamSettings) -> None:
    """Run the process until its pipe to the daemon closes."""
    # Ctrl-C reaches the whole process group, but the daemon decides how its children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    go_first()
    # Threads yield to the device's callback after 1 ms instead of Python's default 5.
    sys.setswitchinterval(0.001)
    # Kept until the end: a device that hangs may still call back.
    child = Child(connection, settings)
    child.run()
    # A normal exit would wait for threads, and one that closes a dead device may never end.
    os._exit(0)


class Child:
    """Device, renderer, loader and recorder, and the loop that connects them to the daemon."""

    def __init__(self, connection: Connection, settings: p.StreamSettings) -> None:
        # Import everything before the first callback: a later import was measured to cost 200 ms of sound.
        from bridge.audio_child.input.catching import Catcher
        from bridge.audio_child.input.line_in import LineIn
        from bridge.audio_child.loading import Loader
        from bridge.audio_child.mixer import Mixer
        from bridge.audio_child.orders import Orders
        from bridge.audio_child.recorder import Recorder
        from bridge.audio_child.renderer import Renderer
        from bridge.audio_child.ring import Ring
        from bridge.audio_child.shared_memory.counters import Counters
        from bridge.audio_child.shared_memory.levels import LevelWriter
        from bridge.audio_child.shared_memory.snapshot import SnapshotWriter

        self._connection = connection
        self._settings = settings
        self._counters = Counters(settings.counters)
        self._plan, problem = _plan(settings)
        rate = self._plan.rate if self._plan else settings.rate or _SILENT_RATE
        channels = self._plan.channels if self._plan else settings.channels
        latency = settings.latency_seconds
        self._mixer = Mixer(rate, settings.decks, settings.crossfade_seconds)
        levels = self._mixer.levels = LevelWriter(settings.levels, rate)
        self._ring = Ring(Renderer.ring_frames(latency, rate), channels, self._counters, rate)
        snapshots = SnapshotWriter(settings.snapshots)
        self._renderer = Renderer(self._mixer, self._ring, channels, latency, self._counters, snapshots)
        self._outbox: list[object] = []
        self._recorder = Recorder(rate, self._outbox.append)
        self._mixer.tap = self._recorder
        self._orders = Orders(self._mixer, self._renderer, Loader(), self._recorder, self._outbox.append)
        self._line_in: LineIn | None = None
        if settings.input != "":
            self._line_in = LineIn(settings, self._ring, rate, levels, self._outbox.append)
        trip = settings.round_trip_seconds
        catcher = Catcher(self._line_in, self._mixer, self._renderer, trip, self._outbox.append)
        self._orders.catch = catcher.catch
        self._stream: Any = None
        self._opened: tuple[r.StreamOpened, float] | None = None
        self._open(problem)

    def run(self) -> None:
        """Serve the daemon until `Quit` arrives or the pipe closes, then end in good order."""
        looked = time.monotonic()
        for command in self._commands():
            if isinstance(command, p.Quit):
                break
            if command is not None:
                self._orders.obey(command)
            self._orders.look_after_tempo()
            self._tell_opened()
            if self._line_in is not None and self._stream is not None:
                self._line_in.look_after(self._renderer.clock.device_seconds)
            self._report()
            if self._stream is None and time.monotonic() - looked > _LOOK_SECONDS:
                self._look_for_device()
                looked = time.monotonic()
        self._end()

    def _commands(self) -> Iterator[object]:
        """Yield the daemon's commands, and None whenever none has arrived for a while."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                yield self._connection.recv() if self._connection.poll(_POLL_SECONDS) else None

    def _open(self, problem: BridgeError | None) -> None:
        from bridge.audio_child import device

        self._renderer.fill()
        stream: Any = None
        if self._plan is not None:
            try:
                stream = self._opened_stream(self._plan)
                self._renderer.clock.device_seconds = device.latency_of(stream)
                self._renderer.has_device = True
            except BridgeError as error:
                problem = error
        # Before the device: it calls back while starting up, and that may take longer than the ring lasts.
        self._renderer.start()
        if self._plan is not None and stream is not None:
            try:
                self._stream = self._started(stream, self._plan)
            except BridgeError as error:
                self._renderer.has_device = False
                problem = error
        if self._stream is not None and self._plan is not None:
            self._counters.values[self._counters.OPENED] = 1
            plan = self._plan
            opened = r.StreamOpened(plan.device.name, plan.rate, plan.channels, plan.note, plan.is_other)
            self._opened = opened, time.monotonic()
            if self._line_in is not None:
                self._line_in.open_alone(self._renderer.clock.device_seconds)
        elif problem is not None:
            self._send(r.NoDevice(problem.code, problem.message, self._mixer.rate))

    def _opened_stream(self, plan: Any) -> Any:
        """Return a stream for the output, and for the input too if one can serve both. Raises BridgeError."""
        from bridge.audio_child import device

        shared = self._line_in.open_shared(plan) if self._line_in is not None else None
        if shared is not None:
            return shared
        return device.open_stream(plan, self._settings.latency_seconds, self._ring.callback)

    def _started(self, stream: Any, plan: Any) -> Any:
        """Start the stream and return it; if it has an input that fails, one without. Raises BridgeError."""
        from bridge.audio_child import device

        try:
            device.start(stream, plan)
        except BridgeError:
            if self._line_in is None or self._line_in.ring is None:
                raise
            self._line_in.unshare()
            stream = device.open_stream(plan, self._settings.latency_seconds, self._ring.callback)
            device.start(stream, plan)
        return stream

    def _tell_opened(self) -> None:
        """Report the stream once it is known when frames are heard: a restored transport is set by that."""
        if self._opened is None:
            return
        opened, since = self._opened
        if self._renderer.clock.is_settled or time.monotonic() - since > _SETTLE_SECONDS:
            self._opened = None
            self._send(opened)

    def _end(self) -> None:
        """Fade out, finish the recordings, report them, and close the device."""
        from bridge.audio_child import device

        self._counters.values[self._counters.OPENED] = 0
        if self._stream is not None:
            # Fade the master, not the decks: they would report a stop, and a new child would not resume them.
            self._mixer.do(lambda: self._mixer.set_gain(0.0))
            time.sleep(self._settings.latency_seconds + _FADE_SECONDS)
        self._recorder.finish(_LAST_SECONDS)
        self._report(heard_only=False)
        if self._line_in is not None:
            self._line_in.close()
        device.close(self._stream)

    def _look_for_device(self) -> None:
        """Report a device that can be opened: by a new child, whose mixer runs at its rate."""
        from bridge.audio_child import device

        with contextlib.suppress(BridgeError):
            device.look_again()
            plan = device.choose(self._settings)
            device.open_stream(plan, self._settings.latency_seconds, _nothing).close()
            self._send(r.DeviceFound())

    def _report(self, *, heard_only: bool = True) -> None:
        for report in self._renderer.reports(heard_only=heard_only):
            self._send(report)
        while self._outbox:
            self._send(self._outbox.pop(0))

    def _send(self, report: object) -> None:
        # Without a daemon, the next look for its commands ends the process.
        with contextlib.suppress(OSError):
            self._connection.send(report)


def _plan(settings: p.StreamSettings) -> tuple[Any, BridgeError | None]:
    from bridge.audio_child import device

    try:
        return device.choose(settings), None
    except BridgeError as error:
        return None, error


def _nothing(out: Any, _frames: int, _time: Any, _status: Any) -> None:
    out.fill(0)
