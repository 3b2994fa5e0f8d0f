"""A listener that is small and knows nothing, but runs the real path; and the process that listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch

from bridge.cli.client import Client
from msanii.listening.network import ListenerNetwork
from msanii.listening.weights import save_listener
from tests.bridge.after_trouble import status_of
from tests.conftest import DaemonUnderTest
from tests.msanii.listening.played import TINY


def save_tiny_listener(models: Path) -> Path:
    """Write an untrained listener where the daemon looks for one in a folder of models; return its folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = ListenerNetwork(TINY).eval()
    save_listener(models / "listener", network)
    return models / "listener"


def listeners_of(running: DaemonUnderTest, others: set[int]) -> list[psutil.Process]:
    """The Python processes of a daemon that were not there before."""
    assert running.process is not None
    new = [child for child in psutil.Process(running.process.pid).children() if child.pid not in others]
    # Before that, the daemon waits for the new process to begin.
    return [child for child in new if any("spawn_main" in word for word in child.cmdline())]


def asked_and_begun(running: DaemonUnderTest, client: Client, path: Path) -> psutil.Process:
    """Ask, and return the process that has begun to listen."""
    while not status_of(client)["pid"]:
        client.receive(0.02)  # its render process is to be among the others
    others = {child.pid for child in listeners_of(running, set())}
    client.send("/msanii/listen", str(path))
    while not (found := listeners_of(running, others)):
        client.receive(0.02)
    return found[0]


@contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    """Let a process do nothing meanwhile."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()
