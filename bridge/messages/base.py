"""What every message is made of: OSC arguments, senders, and errors for musicians."""

from __future__ import annotations

from dataclasses import dataclass, field

Argument = str | int | float | bool | bytes | None

ERROR_CODES = (
    "address", "type", "value", "missing", "preset", "chords", "source", "forbidden", "busy", "exists",
    "unknown_job", "cancelled", "model", "render", "output", "disk", "folder", "malformed", "internal",
)  # fmt: skip


class BridgeError(Exception):
    """A failure that the musician is told about: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        # Both stay in `args`, so that the error survives a pickle between processes.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a message came from, and where its answers go: a host's address and a UDP port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The base of all requests to the daemon.

    `about` is the job id or OSC address that a failure names first; `sender` gets the answers, None for a
    message that no client sent (a knob, a pad). `bridge.addresses.table.parse` fills both.
    """

    about: str = field(default="", compare=False)
    sender: Peer | None = None
