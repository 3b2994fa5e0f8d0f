"""A client waits for a daemon that is busy and says hello, and for no other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.cli import client as client_module
from bridge.cli.client import Client
from bridge.messages import BridgeError


class SlowDaemon:
    """Answers hello at once if it `is_alive`, and everything else after `seconds`."""

    def __init__(self, seconds: float, *, is_alive: bool) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.02)
        self.seconds, self.is_alive, self.ended = seconds, is_alive, False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        late: list[tuple[float, str, list[object], tuple[str, int]]] = []
        while not self.ended:
            for at, address, values, to in list(late):
                if time.monotonic() >= at:
                    late.remove((at, address, values, to))
                    self._send(address, values, to)
            try:
                packet, to = self.socket.recvfrom(65_536)
            except TimeoutError:
                continue
            message = OscMessage(packet)
            if message.address == "/msanii/sync":
                late.append((time.monotonic() + self.seconds, "/msanii/synced", list(message.params), to))
            elif message.address == "/msanii/hello" and self.is_alive:
                self._send("/msanii/welcome", [*message.params, "1", "/takes", "/exchange"], to)

    def _send(self, address: str, values: list[object], to: tuple[str, int]) -> None:
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(value)  # type: ignore[arg-type]
        self.socket.sendto(builder.build().dgram, to)

    def close(self) -> None:
        self.ended = True
        self.thread.join()
        self.socket.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.2)


def answers_of(daemon: SlowDaemon) -> Iterator[str]:
    port = daemon.socket.getsockname()[1]
    try:
        with Client(port) as client:
            yield from (answer.address for answer in client.ask("/msanii/vary", "source", "long.wav"))
    finally:
        daemon.close()


@pytest.mark.usefixtures("impatient")
def test_a_daemon_that_is_busy_is_waited_for() -> None:
    assert list(answers_of(SlowDaemon(1.5, is_alive=True))) == []


@pytest.mark.usefixtures("impatient")
def test_a_daemon_that_says_nothing_is_not() -> None:
    with pytest.raises(BridgeError, match="does not answer any more"):
        list(answers_of(SlowDaemon(60.0, is_alive=False)))
