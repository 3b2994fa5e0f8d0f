"""OSC server over UDP: passes datagrams to `bridge.inputs.intake`, and sends replies.

No input may make it raise, block, or use unbounded memory.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable, Sequence

from bridge.inputs.intake import Intake
from bridge.inputs.osc_packets import MAX_PACKET_BYTES, write_message
from bridge.inputs.without_folders import without_folders
from bridge.messages import Argument, BridgeError, Peer

RECEIVE_BUFFER_BYTES = 4 << 20
SEND_BUFFER_BYTES = 4 << 20
DRAIN_SECONDS = 0.003  # other work is blocked meanwhile

_log = logging.getLogger(__name__)


def _anybody(host: str) -> bool:  # noqa: ARG001
    return True


class OscServer:
    """A UDP socket that passes incoming packets to `intake`, and sends replies.

    Packets from hosts that `allow` rejects are ignored.
    """

    def __init__(self, host: str, port: int, intake: Intake, allow: Callable[[str], bool] = _anybody) -> None:
        self.host = host
        self._port = port
        self._intake = intake
        self._allow = allow
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def port(self) -> int:
        """The port; if 0 was requested, the one that the system has chosen."""
        return self._port

    async def start(self) -> None:
        """Bind the port.

        Raises:
            BridgeError: `busy` if another program uses the port, `address` if the host is not ours.
        """
        bound = _bound_socket(self.host, self._port)
        self._port = bound.getsockname()[1]
        loop = asyncio.get_running_loop()
        # The Windows proactor loop reads ahead by itself: nobody else may read from its socket.
        more = bound if isinstance(loop, asyncio.SelectorEventLoop) else None
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(self, more), sock=bound)

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, peer: Peer, address: str, arguments: Sequence[Argument] = ()) -> None:
        """Send a message, without folders to another machine. One that cannot be sent is lost, as may happen
        over UDP anyway.
        """
        peer = self._intake.home(peer)
        if self._transport is None or self._is_self(peer) or self._is_stuck(self._transport):
            return
        try:
            told = arguments if peer.is_on_this_machine else without_folders(address, arguments)
            self._transport.sendto(write_message(address, told), (peer.host, peer.port))
        except Exception:
            _log.exception("cannot send %s to %s", address, peer)

    def receive(self, data: bytes, source: tuple[str, int]) -> None:
        """Handle one datagram; never raises."""
        peer = Peer(*source)
        if self._allow(peer.host) and not self._is_self(peer):
            self._intake.take_packet(data, peer)

    @staticmethod
    def _is_stuck(transport: asyncio.DatagramTransport) -> bool:
        # asyncio buffers what the system does not accept, without bound. typeshed lacks the method.
        waiting_bytes = transport.get_write_buffer_size()  # type: ignore[attr-defined]
        return bool(waiting_bytes > SEND_BUFFER_BYTES)

    def _is_self(self, peer: Peer) -> bool:
        # With our own port as reply port, a notify would make us answer ourselves for ever.
        return peer.port == self._port and peer.is_on_this_machine


def _bound_socket(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two programs share a port otherwise
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise BridgeError(
                "busy",
                f"`port`: {port} is taken, expected a free UDP port; stop the other program (perhaps "
                "another msanii-bridge), or choose another with --port.",
            ) from error
        raise BridgeError(
            "address", f"`host`: cannot listen on {host} ({error.strerror}); check the network."
        ) from error
    return bound


class _Protocol(asyncio.DatagramProtocol):
    """Reads all waiting datagrams at once, while asyncio would read one for each turn of its loop.

    Systems buffer as few as 256 small packets, so a burst must be drained faster than it can be sent.
    """

    def __init__(self, server: OscServer, waiting: socket.socket | None) -> None:
        self._server = server
        self._waiting = waiting

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        enough = time.monotonic() + DRAIN_SECONDS
        self._server.receive(data, addr[:2])
        while self._waiting is not None and time.monotonic() < enough:
            try:
                data, addr = self._waiting.recvfrom(MAX_PACKET_BYTES)
            except OSError:  # nothing is left, or the system reports a client that went away
                return
            self._server.receive(data, addr[:2])

    def error_received(self, exc: Exception) -> None:
        # The system reports the closed port of a client that went away; there is nobody left to tell.
        _log.debug("the network reports: %s", exc)
