"""Base types of all messages: OSC arguments, peers, and errors for musicians."""

from __future__ import annotations

from dataclasses import dataclass, field

Argument = str | int | float | bool | bytes | None

ERROR_CODES = (
    "address", "type", "value", "missing", "preset", "chords", "source", "forbidden", "busy", "exists",
    "unknown_job", "cancelled", "model", "render", "output", "disk", "folder", "malformed", "internal",
)  # fmt: skip


class BridgeError(Exception):
    """An error to show to the musician: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        # Both must be in `args`, so that the error can be pickled between processes.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def is_loopback(host: str) -> bool:
    """Return whether an IPv4 address is of this machine itself."""
    return host.startswith("127.")


@dataclass(frozen=True, slots=True)
class Peer:
    """A message's sender, and the target of its answers: a host's address and a UDP port.

    `socket` is the number of a WebSocket, whose port is one of TCP, or of a question over HTTP, whose port is
    0; over UDP it is 0 itself.
    """

    host: str
    port: int
    socket: int = 0

    @property
    def is_question(self) -> bool:
        """Whether it only reads values over HTTP: what it cannot read is nobody else's business."""
        return self.port == 0

    @property
    def is_on_this_machine(self) -> bool:
        """Whether it is a program on this machine, rather than on the network."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base class of all requests to the daemon.

    `about` is the job id or OSC address that a failure names first. `sender` gets the answers; it is None for
    messages from knobs and pads. `bridge.addresses.table.parse` sets both.
    """

    about: str = field(default="", compare=False)
    sender: Peer | None = None
