"""Temporary daemons on a free port, for the duration of a `with` block; used by demo, doctor and render."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bridge.cli.client import Answer, Client
from bridge.messages import BridgeError
from bridge.system.ends_with_parent import command, environment

STOP_SECONDS = 10.0

DaemonStatus = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Launched:
    """A running daemon: its process, its port, a connected client, and its version."""

    process: subprocess.Popen[bytes]
    port: int
    client: Client
    version: str


def wait_for_model(client: Client, timeout_seconds: float = 120.0) -> DaemonStatus:
    """Wait until the worker has loaded the model; return the daemon's status.

    Raises BridgeError("model") with the worker's reason if it cannot load it.
    """
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        client.send("/msanii/status")
        words = client.wait_for("/msanii/status.reply").arguments
        pairs = zip(words[::2], words[1::2], strict=True)
        status = {str(name): value for name, value in pairs if isinstance(value, str | int | float)}
        if status["worker"] in ("ready", "rendering"):
            return status
        if status["worker"] == "no model":
            raise BridgeError("model", str(status["problem"]))
        time.sleep(0.05)
    raise BridgeError("model", f"the model is not loaded after {timeout_seconds:g} s")


def free_port() -> int:
    """Return a UDP port of this machine that is free at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def launched(*arguments: str, start_seconds: float = 30.0) -> Iterator[Launched]:
    """Start `msanii-bridge serve ARGUMENTS` on a free port; stop it when the block ends.

    It also stops if this process is killed, since it holds the library that others may need. If it does not
    answer, raises BridgeError with the end of its output.
    """
    port = free_port()
    with tempfile.TemporaryFile() as log, Client(port) as client:
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command("bridge", "serve", "--port", str(port), "--no-http", *arguments),
            stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            env=environment() | {"MSANII_LOG_FILE": "0"},  # what it says is read here
        )  # fmt: skip
        try:
            version = str(_first_welcome(process, client, start_seconds).arguments[1])
            yield Launched(process, port, client, version)
        except BridgeError as error:
            log.seek(0)
            words = log.read()[-2000:].decode(errors="replace").strip()
            if process.poll() is None or not words:
                raise
            raise BridgeError(error.code, words) from error
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process; kill it if it does not end in time."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _first_welcome(process: subprocess.Popen[bytes], client: Client, seconds: float) -> Answer:
    for _ in range(max(1, round(seconds / 0.5))):
        try:
            return client.hello(0.5)
        except BridgeError:
            if process.poll() is not None:
                break
    raise BridgeError("internal", f"the daemon did not answer within {seconds:g} s")
