"""OSC server over UDP: parses datagrams into `bridge.messages` and reports errors to their senders.

No input may make it raise, block, or use unbounded memory.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from bridge.addresses import ROOT
from bridge.addresses.table import about_of, is_answer, parse
from bridge.inputs.osc_packets import MAX_PACKET_BYTES, OscItem, UnreadableError, read_packet, write_message
from bridge.inputs.rate_limit import BURST, TOKENS_PER_SECOND, RateLimit, account
from bridge.inputs.reach import Reached, matching_cost, reach
from bridge.inputs.reply_ports import ReplyPorts
from bridge.inputs.without_folders import without_folders
from bridge.messages import Argument, BridgeError, Message, Peer, Refused
from bridge.system.inbox import internal_error

RECEIVE_BUFFER_BYTES = 4 << 20
SEND_BUFFER_BYTES = 4 << 20
HORIZON_SECONDS = 60.0
MAX_SCHEDULED = 1_000  # tokens, so that messages due at the same moment do not stall the event loop
DRAIN_SECONDS = 0.003  # other work is blocked meanwhile
LOOK_UP_COST = 10  # tokens: what may have been meant is looked for among all addresses
BYTES_PER_TOKEN = 512  # parse time grows with size, so long packets cost more

# Recognised in the raw bytes, so that these get through even during a flood.
_STEERING = tuple(f"{ROOT}{name}\x00".encode() for name in ("hello", "sync", "status", "cancel", "notify"))
_log = logging.getLogger(__name__)

OnMessage = Callable[[Message], object]


def _anybody(host: str) -> bool:  # noqa: ARG001
    return True


def _tell_nobody(refused: Refused) -> None:
    pass


class OscServer:
    """A UDP socket that passes incoming messages to `on_message`, and sends replies.

    `on_message` is called in the event loop and must return at once. If it raises BridgeError, the sender
    gets a `/msanii/fail`. Packets from hosts that `allow` rejects are ignored. `on_refused` is called with
    each refusal, for those who are not its sender.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_message: OnMessage,
        allow: Callable[[str], bool] = _anybody,
        *,
        on_refused: Callable[[Refused], None] = _tell_nobody,
        per_second: float = TOKENS_PER_SECOND,
        burst: float = BURST,
    ) -> None:
        self.host = host
        self._port = port
        self._on_message = on_message
        self._allow = allow
        self._on_refused = on_refused
        self._limit = RateLimit(per_second, burst)
        self._scheduled: set[asyncio.TimerHandle] = set()
        self._scheduled_cost = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._reply_ports = ReplyPorts()

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
        """Stop listening, and drop all scheduled messages."""
        for handle in self._scheduled:
            handle.cancel()
        self._scheduled.clear()
        self._scheduled_cost = 0
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, peer: Peer, address: str, arguments: Sequence[Argument] = ()) -> None:
        """Send a message, without folders to another machine. One that cannot be sent is lost, as may happen
        over UDP anyway.
        """
        peer = self._reply_ports.home(peer, time.monotonic())
        if self._transport is None or self._is_self(peer) or self._is_stuck(self._transport):
            return
        try:
            told = arguments if peer.is_on_this_machine else without_folders(address, arguments)
            self._transport.sendto(write_message(address, told), (peer.host, peer.port))
        except Exception:
            _log.exception("cannot send %s to %s", address, peer)

    def fail(self, peer: Peer | None, about: str, code: str, message: str) -> None:
        """Send a `/msanii/fail`. `about` is the job id, or the address of a message that has none."""
        if peer is not None:
            self.send(peer, ROOT + "fail", (about, code, message))
            self._on_refused(Refused(about, code, message, peer))

    # --- from bytes to messages ---

    def receive(self, data: bytes, source: tuple[str, int]) -> None:
        """Handle one datagram; never raises."""
        peer = Peer(*source)
        try:
            if not self._allow(peer.host) or self._is_self(peer) or not self._is_in_time(data, peer):
                return
            self._take_all(read_packet(data), peer)
        except UnreadableError as error:
            self.fail(peer, error.about, error.code, error.message)
        except Exception:
            _log.exception("cannot read a packet of %d bytes", len(data))
            self.fail(peer, "", "internal", "the packet could not be read; the daemon's log says why.")

    def _is_in_time(self, data: bytes, peer: Peer) -> bool:
        cost = 1.0 + len(data) // BYTES_PER_TOKEN
        steers = data.startswith(_STEERING) and len(data) < BYTES_PER_TOKEN
        if self._limit.admits(account(peer), time.monotonic(), cost=cost, steers=steers):
            return True
        self._complain(peer)
        return False

    def _complain(self, peer: Peer) -> None:
        dropped = self._limit.to_complain(account(peer), time.monotonic())
        if dropped:
            message = f"too many messages at once, {dropped} left out; send them more slowly."
            self.fail(peer, "", "busy", message)

    def _take_all(self, items: Sequence[OscItem | UnreadableError], peer: Peer) -> None:
        """Deliver messages that are due and schedule the others; those due together keep their order."""
        now, loop_now = time.time(), asyncio.get_running_loop().time()
        later: defaultdict[float, list[Reached]] = defaultdict(list)
        asked: set[str] = set()
        for number, item in enumerate(items):
            # Admitting the packet paid for its first message; the others are charged one by one.
            if number and not self._limit.goes_on(account(peer), time.monotonic(), left=len(items) - number):
                self._complain(peer)
                break
            reached = self._reached(item, peer, asked, now)
            if reached is None:
                continue
            ahead = item.at - now if isinstance(item, OscItem) else 0.0
            if ahead <= 0:
                self._deliver_to(reached, peer)
            else:
                later[loop_now + ahead].append(reached)
        for due, group in later.items():
            self._deliver_at(due, group, peer)

    def _reached(
        self, item: OscItem | UnreadableError, peer: Peer, asked: set[str], now: float
    ) -> Reached | None:
        """Resolve a message's addresses and charge the sender; on an error, report it and return None."""
        if isinstance(item, UnreadableError):
            if not is_answer(item.about):
                self.fail(peer, item.about, item.code, item.message)
            return None
        if is_answer(item.address):
            return None
        self._limit.charge(account(peer), matching_cost(item.address))
        try:
            reached = reach(item.address, item.arguments, asked)
            self._limit.charge(account(peer), reached.cost - 1)
            if item.at > now:
                self._reserve(item.at - now, reached.cost)
        except BridgeError as error:
            self.fail(peer, about_of(item.address, item.arguments), error.code, error.message)
            return None
        return reached

    def _reserve(self, ahead: float, cost: int) -> None:
        if ahead > HORIZON_SECONDS:
            sentence = f"dated {ahead:.1f} s ahead, expected at most {HORIZON_SECONDS:g} s; send it later."
            raise BridgeError("value", sentence)
        if self._scheduled_cost + cost > MAX_SCHEDULED:
            sentence = f"{self._scheduled_cost} messages already wait for their time; send it later."
            raise BridgeError("value", sentence)
        self._scheduled_cost += cost

    def _deliver_at(self, due: float, group: Sequence[Reached], peer: Peer) -> None:
        def deliver() -> None:
            self._scheduled.discard(handle)
            self._scheduled_cost -= sum(reached.cost for reached in group)
            for reached in group:
                self._deliver_to(reached, peer)

        handle = asyncio.get_running_loop().call_at(due, deliver)
        self._scheduled.add(handle)

    def _deliver_to(self, reached: Reached, peer: Peer) -> None:
        for path in reached.paths:
            self._deliver(path, reached.arguments, peer)

    def _deliver(self, address: str, arguments: tuple[object, ...], peer: Peer) -> None:
        try:
            message = parse(address, arguments, self._reply_ports.home(peer, time.monotonic()))
            if message is not None:
                self._reply_ports.learn(peer, message, time.monotonic())
                self._on_message(message)
        except BridgeError as error:
            if error.code == "address":
                self._limit.charge(account(peer), LOOK_UP_COST)
            self.fail(peer, about_of(address, arguments), error.code, error.message)
        except Exception as error:
            _log.exception("%s failed", address)
            fault = internal_error(error)
            self.fail(peer, about_of(address, arguments), fault.code, fault.message)

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
