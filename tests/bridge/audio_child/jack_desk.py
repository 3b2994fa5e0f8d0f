"""A JACK server of a test's own, a client that records what it is sent, and one that counts its xruns."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from tests.conftest import missing, need

Audio = NDArray[np.float32]

RATE = 48_000
_LOCK_SECONDS = 200


def _begun(command: list[str], **how: Any) -> subprocess.Popen[bytes]:
    """A process that goes before others where we may, as a sound server and its clients do on a stage."""
    # Linux shares time among sessions first, each with a niceness of its own.
    process = subprocess.Popen(command, start_new_session=True, **how)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, -11)
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/autogroup").write_text("-11", encoding="ascii")
    return process


@dataclass
class JackServer:
    """jackd with its dummy driver, under a name of its own; ended by its process id."""

    name: str
    period: int
    rate: int = RATE
    playback: int = 2
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What programs need to find this server, and to start no other."""
        own = {
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
            "JACK_DEFAULT_SERVER": self.name,
        }
        return {**os.environ, **own}

    def start(self) -> JackServer:
        """Start it and wait until it answers."""
        command = [
            need("jackd"), "-n", self.name, "--no-realtime", "-S", "-d", "dummy",
            "-r", str(self.rate), "-p", str(self.period), "-C", "2", "-P", str(self.playback),
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        self.process = _begun(command, env=self.environment, stdout=quiet, stderr=quiet)
        wait = [need("jack_wait"), "-s", self.name, "-w", "-t", "20"]
        subprocess.run(wait, env=self.environment, check=True, capture_output=True)
        return self

    def stop(self) -> None:
        """In good order: JACK has room for eight servers, and one that is killed keeps its place."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """As when the cable is pulled."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def jack_server(name: str, period: int = 2048, rate: int = RATE, playback: int = 2) -> Iterator[JackServer]:
    """A running server with so many outputs; another run of the tests waits for its name."""
    # Names unlike any other's would use up JACK's eight places for good: one that is killed keeps its own.
    with FileLock(Path(tempfile.gettempdir()) / f"msb-{name}.lock", timeout=_LOCK_SECONDS):
        server = JackServer(f"msb-{name}", period, rate, playback)
        try:
            yield server.start()
        finally:
            server.stop()


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
        self.process = _begun(command, env=self.server.environment, cwd=Path(__file__).parents[3])
        self.connection = self._listener.accept()
        assert self.connection.recv() == "up"
        return self

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
