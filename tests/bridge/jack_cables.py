"""Cables between JACK's ports, put in and pulled out by a client that has none of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.bridge.jack_server import JackServer
from tests.conftest import missing

_SECONDS = 60.0


class Cables:
    """`client` is the patch bay's."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def loop(self, program: str = "PortAudio") -> None:
        """Lead the outputs of a program to its own inputs, and nothing else to these."""
        inputs, outputs = self._ports(program, is_input=True), self._ports(program, is_output=True)
        for number, port in enumerate(inputs):
            for other in self.client.get_all_connections(port):
                self.client.disconnect(other, port)
            self.client.connect(outputs[min(number, len(outputs) - 1)], port)

    def pull(self, program: str = "PortAudio") -> None:
        """Leave the inputs of a program without any cable."""
        for port in self._ports(program, is_input=True):
            for other in self.client.get_all_connections(port):
                self.client.disconnect(other, port)

    def lead(self, source: str, program: str = "PortAudio") -> None:
        """Lead the outputs of another program, and nothing else, to the inputs of a program."""
        self.pull(program)
        pairs = zip(self._ports(source, is_output=True), self._ports(program, is_input=True), strict=False)
        for output, port in pairs:
            self.client.connect(output, port)

    def _ports(self, program: str, **kind: bool) -> list[Any]:
        """Return its ports, once it has some."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            if found := self.client.get_ports(f"^{program}:", **kind):
                return list(found)
            time.sleep(0.02)
        raise AssertionError(f"{program} has no ports")


@contextmanager
def jack_cables(server: JackServer) -> Iterator[Cables]:
    """A patch bay on a server; skips where JACK-Client is not installed."""
    try:
        import jack
    except (ImportError, OSError):
        missing("the package JACK-Client is not installed")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            if name.startswith("JACK_"):
                patch.setenv(name, value)
        client: Any = jack.Client("msbcables", no_start_server=True)
        try:
            yield Cables(client)
        finally:
            client.close()
