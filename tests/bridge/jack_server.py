"""JACK servers of a test's own: jackd with its dummy driver, under a name, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from filelock import FileLock

from tests.conftest import need

RATE = 48_000
_LOCK_SECONDS = 200
_START_SECONDS = 40.0
T = TypeVar("T")


def begin_before_others(command: list[str], **how: Any) -> subprocess.Popen[Any]:
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
    """jackd; its `environment` leads programs to it and to no other."""

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
        """Start it and wait until it answers, also for one of JACK's eight places to be free."""
        until = time.monotonic() + _START_SECONDS
        with tempfile.TemporaryFile() as said:
            while time.monotonic() < until:
                if self.process is None or self.process.poll() is not None:
                    self.process = self._begin(said)
                # This gives up at once if it meets a server that has only just opened its socket.
                command = [need("jack_wait"), "-s", self.name, "-w", "-t", "5"]
                wait = subprocess.run(command, env=self.environment, check=False, capture_output=True)
                if wait.returncode == 0:
                    return self
            said.seek(0)
            words = said.read()[-2_000:].decode(errors="replace")
        self.kill()
        pytest.fail(f"jackd does not answer within {_START_SECONDS:g} s; it says: {words}")

    def end_left_over(self) -> None:
        """End a server of this name that a run of the tests left behind when it was killed."""
        for process in psutil.process_iter(["cmdline"]):
            command = process.info["cmdline"] or [""]
            if Path(command[0]).name == "jackd" and command[1:3] == ["-n", self.name]:
                process.terminate()
                process.wait(15)

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

    def _begin(self, output: Any) -> subprocess.Popen[bytes]:
        command = [
            need("jackd"), "-n", self.name, "--no-realtime", "-S", "-d", "dummy",
            "-r", str(self.rate), "-p", str(self.period), "-C", "2", "-P", str(self.playback),
        ]  # fmt: skip
        return begin_before_others(command, env=self.environment, stdout=output, stderr=output)


@contextmanager
def jack_server(name: str, period: int = 2048, rate: int = RATE, playback: int = 2) -> Iterator[JackServer]:
    """A running server with so many outputs; another run of the tests waits for its name."""
    # Names unlike any other's would use up JACK's eight places for good: one that is killed keeps its own.
    with FileLock(Path(tempfile.gettempdir()) / f"msb-{name}.lock", timeout=_LOCK_SECONDS):
        server = JackServer(f"msb-{name}", period, rate, playback)
        server.end_left_over()
        try:
            yield server.start()
        finally:
            server.stop()


def while_the_server_holds(measure: Callable[[], tuple[T, int]]) -> T:
    """What was measured, beside the periods that the server missed meanwhile, the first time it missed none.

    A server that is late itself makes every sound late, and then calls its clients faster than it should.
    """
    for _ in range(4):
        found, missed = measure()
        if not missed:
            return found
        print(f"the server missed {missed} periods: once more")
    raise AssertionError("the audio server missed periods four times in a row; is the machine busy?")
