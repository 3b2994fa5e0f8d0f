"""The bridge, at the other end of a UDP socket. Nothing waits: Live's interface runs in the same thread."""

from __future__ import annotations

import secrets
import socket
import time
from typing import Any, Callable, List, Optional

from . import osc

HOST = "127.0.0.1"
LARGEST_PACKET_BYTES = 65536
MOST_MESSAGES_A_TICK = 64
BEAT_SECONDS = 2.0
MISSED_BEATS = 3


class Link:
    """A socket of its own to the bridge, which answers the port that asked."""

    def __init__(self, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._bridge = (HOST, port)
        self._clock = clock
        self.nonce = "live" + secrets.token_hex(4)
        self._jobs = 0
        self._next_beat = clock()
        self._unanswered = 0
        self.is_up = False
        self.exchange_folder = ""
        self._socket: Optional[socket.socket] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.setblocking(False)

    def new_job(self) -> str:
        """A job id that nobody used before."""
        self._jobs += 1
        return "%s-%d-%d" % (self.nonce, int(time.time()), self._jobs)

    def send(self, address: str, *arguments: Any) -> None:
        """Send a message, or lose it: a full socket buffer or a network that is gone must not stop Live."""
        if self._socket is None:
            return
        try:
            self._socket.sendto(osc.encode("/msanii/" + address, *arguments), self._bridge)
        except OSError:
            self.is_up = False

    def poll(self) -> List[osc.Message]:
        """Keep the connection, and return what has come, at most `MOST_MESSAGES_A_TICK`."""
        self._beat()
        found: List[osc.Message] = []
        while self._socket is not None and len(found) < MOST_MESSAGES_A_TICK:
            try:
                packet, sender = self._socket.recvfrom(LARGEST_PACKET_BYTES)
            except BlockingIOError:
                break
            except OSError:
                # Windows says so when nothing listens at the bridge's port.
                break
            if sender != self._bridge:
                continue
            try:
                messages = osc.decode(packet)
            except ValueError:
                continue
            for address, arguments in messages:
                self._hear(address, arguments)
                found.append((address, arguments))
        return found

    def close(self) -> None:
        """Release the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _beat(self) -> None:
        if self._clock() < self._next_beat:
            return
        self._next_beat = self._clock() + BEAT_SECONDS
        self._unanswered += 1
        if self._unanswered > MISSED_BEATS:
            self.is_up = False
        self.send("hello", self.nonce)
        # A bridge that was restarted goes on with our jobs, but has forgotten who asked.
        self.send("notify", 1)

    def _hear(self, address: str, arguments: List[Any]) -> None:
        if address == "/msanii/welcome" and len(arguments) >= 4 and arguments[0] == self.nonce:
            self._unanswered = 0
            self.is_up = True
            self.exchange_folder = str(arguments[3])
