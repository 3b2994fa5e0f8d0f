"""A JACK client in a process of its own, which records what it is sent and counts its xruns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Listener
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bridge.jack_server import JackServer, begin_before_others
from tests.conftest import ROOT, missing

Audio = NDArray[np.float32]


@dataclass
class Sink:
    """A JACK client in a process of its own that keeps every sample it is sent and counts xruns."""

    server: JackServer
    name: str = "msbsink"
    connection: Any = None
    process: subprocess.Popen[bytes] | None = None
    _listener: Any = field(default=None, repr=False)

    def start(self) -> Sink:
        """Start the client; PortAudio then lists it as a device of that name."""
        self._listener = Listener(("127.0.0.1", 0), authkey=b"sink")
        port = str(self._listener.address[1])
        command = [sys.executable, "-m", "tests.bridge.audio_child.jack_sink", self.name, port]
        self.process = begin_before_others(command, env=self.server.environment, cwd=ROOT)
        self.connection = self._listener.accept()
        assert self.connection.recv() == "up"
        return self

    def anew(self) -> None:
        """Forget what was captured so far."""
        self.connection.send("anew")
        self.connection.recv()

    def xruns(self) -> int:
        """How many there were so far."""
        self.connection.send("xruns")
        return int(self.connection.recv())

    def longest_halt_seconds(self) -> float:
        """The longest time without a callback since it was last asked."""
        self.connection.send("halt")
        return float(self.connection.recv())

    def captured(self) -> Audio:
        """Everything so far, (L, 2)."""
        self.connection.send("audio")
        audio: Audio = self.connection.recv()
        return audio

    def stop(self) -> None:
        """End the client."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._listener.close()


@contextmanager
def jack_sink(server: JackServer, name: str = "msbsink") -> Iterator[Sink]:
    """A recording client; skips where JACK-Client is not installed."""
    try:
        import jack  # noqa: F401
    except (ImportError, OSError):
        missing("the package JACK-Client is not installed")
    sink = Sink(server, name)
    try:
        yield sink.start()
    finally:
        sink.stop()


def from_first_sound(audio: Audio) -> Audio:
    """Audio (L, 2) from its first sample that is not zero on."""
    sounding = np.flatnonzero(audio.any(axis=1))
    return audio[sounding[0] :] if len(sounding) else audio[:0]
