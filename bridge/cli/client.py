"""A small OSC client of the daemon, used by `send`, `demo`, `render` and `doctor`."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bridge.messages import Argument, BridgeError
from bridge.values import as_typed

_JOB_EVENTS = ("queued", "progress", "tail", "notes", "take", "take/heard", "done", "fail")
JOB_ADDRESSES = tuple("/msanii/" + event for event in _JOB_EVENTS)
LOCAL_HOSTS = ("127.0.0.1", "localhost")
ANSWER_SECONDS = 5.0
_PACKET_BYTES = 65_536
_RECEIVE_BUFFER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A message from the daemon."""

    address: str
    arguments: tuple[Argument, ...]


class Client:
    """A UDP socket for messages to the daemon at `host`:`port` and its replies.

    Raises BridgeError("address") if the host cannot be resolved, and BridgeError("missing") if an expected
    reply does not arrive.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        try:
            # The daemon listens on IPv4 alone.
            found = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            raise BridgeError(
                "address", f"host {host!r}: no such machine; give a name or an IPv4 address"
            ) from error
        self._daemon = found[0][4]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        self._socket.bind(("127.0.0.1" if host in LOCAL_HOSTS else "", 0))
        self.port: int = self._socket.getsockname()[1]
        self.where = f"{host}:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, address: str, *arguments: Argument) -> None:
        """Send an OSC message. Raises BridgeError("address") for a malformed address."""
        from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

        if not address.startswith("/"):
            raise BridgeError(
                "address", f"address {address!r}: an OSC address begins with a slash, as /msanii/status"
            )
        builder = OscMessageBuilder(address=address)
        try:
            for argument in arguments:
                builder.add_arg(argument, _type_tag(argument))
            self.send_bytes(builder.build().dgram)
        except (BuildError, ValueError) as error:
            raise BridgeError("type", f"{address}: {error}") from error

    def send_bytes(self, packet: bytes) -> None:
        """Send a raw datagram."""
        try:
            self._socket.sendto(packet, self._daemon)
        except ConnectionError:
            # Windows and Linux report "port unreachable" for an earlier packet here; rely on replies instead.
            pass
        except OSError as error:
            raise BridgeError(
                "malformed", f"could not send {len(packet)} bytes to {self.where}: {error}"
            ) from error

    def receive(self, timeout_seconds: float) -> Answer | None:
        """Return the next message from the daemon, or None after the timeout."""
        deadline = time.monotonic() + timeout_seconds
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                packet = self._socket.recv(_PACKET_BYTES)
            except TimeoutError:
                return None
            except ConnectionError:
                time.sleep(min(0.01, left))
                continue
            answer = _decode(packet)
            if answer is not None:
                return answer
        return None

    def answers(self, timeout_seconds: float) -> Iterator[Answer]:
        """Yield messages as they arrive, for `timeout_seconds` in all."""
        deadline = time.monotonic() + timeout_seconds
        while (answer := self.receive(deadline - time.monotonic())) is not None:
            yield answer

    def wait_for(self, *addresses: str, about: Argument = None, timeout_seconds: float = 10.0) -> Answer:
        """Return the first message at one of `addresses` (and with first argument `about`, if given)."""
        for answer in self.answers(timeout_seconds):
            if answer.address in addresses and (about is None or answer.arguments[:1] == (about,)):
                return answer
        wanted = " or ".join(addresses)
        raise BridgeError(
            "missing",
            f"no {wanted} from {self.where} within {timeout_seconds:g} s; is the daemon running there?",
        )

    def hello(self, timeout_seconds: float = 10.0) -> Answer:
        """Send hello until the daemon answers; a daemon that is starting may miss the first few."""
        deadline = time.monotonic() + timeout_seconds
        nonce = f"c{self.port}"
        while time.monotonic() < deadline:
            self.send("/msanii/hello", nonce)
            for answer in self.answers(min(0.05, max(0.001, deadline - time.monotonic()))):
                if answer.address == "/msanii/welcome" and answer.arguments[:1] == (nonce,):
                    return answer
        raise BridgeError(
            "missing",
            f"nothing answers at {self.where}; start the daemon with `msanii-bridge serve`, or name its port",
        )

    def ask(self, address: str, *arguments: Argument, timeout_seconds: float = 3600.0) -> Iterator[Answer]:
        """Send a message; yield its replies and, if it queued a job, the job's until `done` or `fail`.

        Raises BridgeError("missing") if the daemon stops answering.
        """
        nonce = f"end-{self.port}-{time.monotonic_ns():x}"
        self.send(address, *arguments)
        # The daemon answers this last, so there is no need to guess how long to wait for replies.
        self.send("/msanii/sync", nonce)
        job_id: Argument = None
        has_failed = False
        for answer in self._answers_before(Answer("/msanii/synced", (nonce,))):
            if answer.address == "/msanii/queued":
                job_id = answer.arguments[0]
            has_failed = has_failed or answer.address == "/msanii/fail"
            yield answer
        if isinstance(job_id, str) and not has_failed:
            yield from self.job(job_id, timeout_seconds)

    def _answers_before(self, last: Answer) -> Iterator[Answer]:
        """Yield messages until `last` arrives. Raises BridgeError `missing` if the daemon stops answering.

        A daemon that reads or hears a long source answers late, but says hello meanwhile.
        """
        alive = f"alive-{self.port}"
        is_asked = False
        while True:
            answer = self.receive(ANSWER_SECONDS)
            if answer == last:
                return
            if answer is not None:
                is_asked = False
                if answer.arguments[:1] != (alive,):
                    yield answer
            elif is_asked:
                raise BridgeError(
                    "missing", f"{self.where} does not answer any more; is the daemon still running?"
                )
            else:
                self.send("/msanii/hello", alive)
                is_asked = True

    def job(self, job_id: str, timeout_seconds: float) -> Iterator[Answer]:
        """Yield a job's messages; the last one is `done` or `fail`."""
        for answer in self.answers(timeout_seconds):
            if answer.address in JOB_ADDRESSES and answer.arguments[:1] == (job_id,):
                yield answer
                if answer.address in ("/msanii/done", "/msanii/fail"):
                    return
        raise BridgeError("missing", f"job {job_id}: not done within {timeout_seconds:g} s")


def parse_argument(text: str) -> Argument:
    """Convert a word of the command line to an OSC argument: a number if it parses as one, else text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _type_tag(argument: Argument) -> str | None:
    """Return the type tag of a float: `f` if 32 bits represent it exactly, else `d`; None for other types."""
    if not isinstance(argument, float):
        return None
    try:
        return "f" if struct.unpack(">f", struct.pack(">f", argument))[0] == argument else "d"
    except OverflowError:
        return "d"


def _decode(packet: bytes) -> Answer | None:
    from pythonosc.osc_message import OscMessage, ParseError

    try:
        message = OscMessage(packet)
    except (ParseError, UnicodeDecodeError):
        return None
    return Answer(message.address, tuple(map(_as_sent, message.params)))


def _as_sent(argument: Argument) -> Argument:
    return as_typed(argument) if isinstance(argument, float) else argument
