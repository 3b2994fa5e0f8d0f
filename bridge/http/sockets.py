"""WebSockets: what they send goes to the intake, what is sent to them waits here until they take it.

Nothing here waits for a client: what a slow one has not taken is bounded. Of a value only the latest waits;
a client with more than `MAX_WAITING_BYTES` waiting is dropped, and comes back when it can.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bridge.addresses import ROOT
from bridge.addresses.table import BY_PATH
from bridge.http.json_messages import parse_json, read_message, write_json
from bridge.inputs.intake import Intake
from bridge.inputs.osc_packets import OscItem, UnreadableError, write_message
from bridge.inputs.without_folders import without_folders
from bridge.messages import Argument, BridgeError, Peer
from bridge.outputs.notify import Notifier

MAX_SOCKETS = 128
MAX_SOCKETS_PER_HOST = 32  # of a host on the network
MAX_WAITING_BYTES = 1 << 20
MAX_LISTENED = 1_024
_ANSWER_SECONDS = 2.0
_FRAME_BYTES = 64  # what a waiting frame costs beside its content
_STEERING = tuple(f'"{ROOT}{name}"' for name in ("hello", "sync", "status", "cancel", "notify"))
_STEERING_CHARACTERS = 64

Frame = str | bytes


@dataclass(eq=False)
class Socket:
    """An open WebSocket. `speaks_osc` is whether it is sent OSC packets instead of JSON.

    One that `listens` is a client of OSCQuery, and hears only the addresses in `listened`. `drop` ends the
    connection at once, also while a frame is being sent.
    """

    peer: Peer
    speaks_osc: bool = False
    listens: bool = False
    listened: set[str] = field(default_factory=set)
    drop: Callable[[], None] = lambda: None
    is_slow: bool = False
    waiting_bytes: int = 0
    _waiting: dict[object, Frame] = field(default_factory=dict)
    _has_some: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, key: object, frame: Frame) -> None:
        """Let a frame wait to be sent, in place of a waiting one with the same key."""
        if self.is_slow:
            return
        replaced = self._waiting.pop(key, None)
        if replaced is not None:
            self.waiting_bytes -= len(replaced) + _FRAME_BYTES
        self._waiting[key] = frame
        self.waiting_bytes += len(frame) + _FRAME_BYTES
        if self.waiting_bytes > MAX_WAITING_BYTES:
            self.is_slow = True
            self._waiting.clear()
            self.drop()
        self._has_some.set()

    async def next(self) -> Frame:
        """Wait for the next frame to send."""
        while not self._waiting:
            self._has_some.clear()
            await self._has_some.wait()
        key = next(iter(self._waiting))
        frame = self._waiting.pop(key)
        self.waiting_bytes -= len(frame) + _FRAME_BYTES
        return frame


@dataclass(eq=False)
class _Question:
    """Values that are read for a client of HTTP: the addresses that are not answered yet, and the answers."""

    unanswered: set[str]
    values: dict[str, Argument] = field(default_factory=dict)
    is_answered: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, address: str, arguments: Sequence[Argument]) -> None:
        """Take an answer, or the failure of an address."""
        about = str(arguments[0]) if address == f"{ROOT}fail" and arguments else address
        if address in self.unanswered and arguments:
            self.values[address] = arguments[0]
        self.unanswered.discard(about)
        if not self.unanswered:
            self.is_answered.set()


class Sockets:
    """The open WebSockets, all of them subscribed with `notifier`."""

    def __init__(self, intake: Intake, notifier: Notifier) -> None:
        self._intake = intake
        self._notifier = notifier
        self._open: dict[int, Socket] = {}
        self._numbers = itertools.count(1)
        self._keys = itertools.count()
        self._questions: dict[int, _Question] = {}
        self._written: dict[tuple[bool, str], tuple[Sequence[Argument], Frame]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, host: str, port: int, *, listens: bool = False) -> Socket:
        """Return a new socket; it hears all events, unless it `listens` only to what it names.

        Raises BridgeError `busy` if too many are open.
        """
        peer = Peer(host, port, next(self._numbers))
        from_host = sum(socket.peer.host == host for socket in self._open.values())
        if len(self._open) >= MAX_SOCKETS or (
            from_host >= MAX_SOCKETS_PER_HOST and not peer.is_on_this_machine
        ):
            raise BridgeError("busy", f"{len(self._open)} pages and programs are connected; close some.")
        socket = self._open[peer.socket] = Socket(peer, speaks_osc=listens, listens=listens)
        self._notifier.join(peer)
        return socket

    def close(self, socket: Socket) -> None:
        """Forget a socket."""
        self._open.pop(socket.peer.socket, None)
        self._notifier.leave(socket.peer)

    # --- out ---

    def send(self, peer: Peer, address: str, arguments: Sequence[Argument] = ()) -> None:
        """Send a message to a socket, without folders to another machine; to one that has gone, nothing."""
        question = self._questions.get(peer.socket)
        if question is not None:
            question.hear(address, arguments)
            return
        socket = self._open.get(peer.socket)
        if socket is None or (socket.listens and address not in socket.listened):
            return
        told = arguments if peer.is_on_this_machine else without_folders(address, arguments)
        # Of a value the latest is enough; all else is news.
        key = address if address in BY_PATH else next(self._keys)
        socket.put(key, self._frame(socket.speaks_osc, address, told))

    def _frame(self, is_osc: bool, address: str, arguments: Sequence[Argument]) -> Frame:
        """Return a message's frame: an event goes to many sockets, and is written once."""
        last = self._written.get((is_osc, address))
        if last is not None and last[0] is arguments:
            return last[1]
        write: Callable[[str, Sequence[Argument]], Frame] = write_message if is_osc else write_json
        frame = write(address, arguments)
        self._written[is_osc, address] = arguments, frame
        return frame

    # --- in ---

    async def ask(self, host: str, addresses: Sequence[str]) -> dict[str, Argument]:
        """Read values for a client at `host`, as it could itself; those that cannot be read are left out.

        Raises BridgeError `busy` if the host asks too much.
        """
        if not addresses:
            return {}
        peer = Peer(host, 0, next(self._numbers))
        question = self._questions[peer.socket] = _Question(set(addresses))
        try:
            items = [OscItem(address, ()) for address in addresses]
            if not self._intake.take(lambda: items, peer, size_bytes=0):
                raise BridgeError("busy", "too many questions at once; ask more slowly.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(question.is_answered.wait(), _ANSWER_SECONDS)
        finally:
            del self._questions[peer.socket]
        return question.values

    def take_binary(self, socket: Socket, data: bytes) -> None:
        """Handle an OSC packet; its sender is answered in OSC from now on."""
        socket.speaks_osc = True
        self._intake.take_packet(data, socket.peer)

    def take_text(self, socket: Socket, text: str) -> None:
        """Handle a message in JSON, or a command of OSCQuery."""

        def read() -> list[OscItem]:
            content = parse_json(text)
            if isinstance(content, dict) and "COMMAND" in content:
                self._obey(socket, content)
                return []
            return [read_message(content)]

        steers = any(word in text[:_STEERING_CHARACTERS] for word in _STEERING)
        self._intake.take(read, socket.peer, size_bytes=len(text), steers=steers)

    def _obey(self, socket: Socket, content: dict[object, object]) -> None:
        """Carry out a command of OSCQuery. Raises UnreadableError."""
        command, address = content["COMMAND"], content.get("DATA")
        if command not in ("LISTEN", "IGNORE") or not isinstance(address, str):
            raise UnreadableError(
                'a command that is not known, expected {"COMMAND": "LISTEN", "DATA": address} or "IGNORE"; '
                "send one of them."
            )
        socket.speaks_osc = socket.listens = True
        if command == "IGNORE":
            socket.listened.discard(address)
        elif len(socket.listened) < MAX_LISTENED:
            socket.listened.add(address)
