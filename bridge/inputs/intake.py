"""Takes in OSC packets, whatever brought them: limits their rate, parses them, delivers them when due.

No input may make it raise, block, or use unbounded memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from bridge.addresses import ROOT
from bridge.addresses.table import about_of, is_answer, parse
from bridge.inputs.osc_packets import OscItem, UnreadableError, read_packet
from bridge.inputs.rate_limit import BURST, TOKENS_PER_SECOND, RateLimit, account
from bridge.inputs.reach import Reached, matching_cost, reach
from bridge.inputs.reply_ports import ReplyPorts
from bridge.messages import Argument, BridgeError, Message, Peer, Refused
from bridge.system.inbox import internal_error

HORIZON_SECONDS = 60.0
MAX_SCHEDULED = 1_000  # tokens, so that messages due at the same moment do not stall the event loop
LOOK_UP_COST = 10  # tokens: what may have been meant is looked for among all addresses
BYTES_PER_TOKEN = 512  # parse time grows with size, so long packets cost more

# Recognised in the raw bytes, so that these get through even during a flood.
_STEERING = tuple(f"{ROOT}{name}\x00".encode() for name in ("hello", "sync", "status", "cancel", "notify"))
_log = logging.getLogger(__name__)

OnMessage = Callable[[Message], object]
Send = Callable[[Peer, str, Sequence[Argument]], None]


def _tell_nobody(refused: Refused) -> None:
    pass


class Intake:
    """Passes what clients send to `on_message`, and what is wrong with it back to them with `send`.

    `on_message` is called in the event loop and must return at once. If it raises BridgeError, the sender
    gets a `/msanii/fail`. `on_refused` is called with each refusal, for those who are not its sender.
    """

    def __init__(
        self,
        on_message: OnMessage,
        send: Send,
        *,
        on_refused: Callable[[Refused], None] = _tell_nobody,
        per_second: float = TOKENS_PER_SECOND,
        burst: float = BURST,
    ) -> None:
        self._on_message = on_message
        self._send = send
        self._on_refused = on_refused
        self._limit = RateLimit(per_second, burst)
        self._scheduled: set[asyncio.TimerHandle] = set()
        self._scheduled_cost = 0
        self._reply_ports = ReplyPorts()

    def close(self) -> None:
        """Drop all scheduled messages."""
        for handle in self._scheduled:
            handle.cancel()
        self._scheduled.clear()
        self._scheduled_cost = 0

    def home(self, peer: Peer) -> Peer:
        """Return where to send answers for a sender."""
        return self._reply_ports.home(peer, time.monotonic())

    def take_packet(self, data: bytes, peer: Peer) -> None:
        """Handle an OSC packet; never raises."""
        steers = data.startswith(_STEERING)
        self.take(lambda: read_packet(data), peer, size_bytes=len(data), steers=steers)

    def take(
        self,
        read: Callable[[], Sequence[OscItem | UnreadableError]],
        peer: Peer,
        *,
        size_bytes: int,
        steers: bool = False,
    ) -> bool:
        """Handle the messages that `read` parses; never raises.

        Return whether none was left out because the sender sent too many. `read` may raise UnreadableError.
        What `steers` gets through even during a flood.
        """
        try:
            return self._is_in_time(peer, size_bytes, steers) and self._take_all(read(), peer)
        except UnreadableError as error:
            self._fail(peer, error.about, error.code, error.message)
        except Exception:
            _log.exception("cannot read a packet of %d bytes", size_bytes)
            self._fail(peer, "", "internal", "the packet could not be read; the daemon's log says why.")
        return True

    def _is_in_time(self, peer: Peer, size_bytes: int, steers: bool) -> bool:
        cost = 1.0 + size_bytes // BYTES_PER_TOKEN
        steers = steers and size_bytes < BYTES_PER_TOKEN
        if self._limit.admits(account(peer), time.monotonic(), cost=cost, steers=steers):
            return True
        self._complain(peer)
        return False

    def _complain(self, peer: Peer) -> None:
        dropped = self._limit.to_complain(account(peer), time.monotonic())
        if dropped:
            message = f"too many messages at once, {dropped} left out; send them more slowly."
            self._fail(peer, "", "busy", message)

    def _take_all(self, items: Sequence[OscItem | UnreadableError], peer: Peer) -> bool:
        """Deliver messages that are due and schedule the others; those due together keep their order.

        Return whether the sender had the tokens for all.
        """
        has_tokens = True
        now, loop_now = time.time(), asyncio.get_running_loop().time()
        later: defaultdict[float, list[Reached]] = defaultdict(list)
        asked: set[str] = set()
        for number, item in enumerate(items):
            # Admitting the packet paid for its first message; the others are charged one by one.
            if number and not self._limit.goes_on(account(peer), time.monotonic(), left=len(items) - number):
                self._complain(peer)
                has_tokens = False
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
        return has_tokens

    def _reached(
        self, item: OscItem | UnreadableError, peer: Peer, asked: set[str], now: float
    ) -> Reached | None:
        """Resolve a message's addresses and charge the sender; on an error, report it and return None."""
        if isinstance(item, UnreadableError):
            if not is_answer(item.about):
                self._fail(peer, item.about, item.code, item.message)
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
            self._fail(peer, about_of(item.address, item.arguments), error.code, error.message)
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
            message = parse(address, arguments, self.home(peer))
            if message is not None:
                self._reply_ports.learn(peer, message, time.monotonic())
                self._on_message(message)
        except BridgeError as error:
            if error.code == "address":
                self._limit.charge(account(peer), LOOK_UP_COST)
            self._fail(peer, about_of(address, arguments), error.code, error.message)
        except Exception as error:
            _log.exception("%s failed", address)
            fault = internal_error(error)
            self._fail(peer, about_of(address, arguments), fault.code, fault.message)

    def _fail(self, peer: Peer | None, about: str, code: str, message: str) -> None:
        """Send a `/msanii/fail`. `about` is the job id, or the address of a message that has none."""
        if peer is not None:
            self._send(peer, ROOT + "fail", (about, code, message))
            if not peer.is_question:
                self._on_refused(Refused(about, code, message, peer))
