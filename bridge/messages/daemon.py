"""Requests to the daemon itself: handshake, status, parameters, presets, takes."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.messages.base import Message, Peer
from bridge.messages.requests import PartialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithReplyPort(Message):
    """Base class of messages that may name another UDP port of the sender for the answers."""

    reply_port: int | None = None

    @property
    def reply_to(self) -> Peer | None:
        """The peer to answer. A WebSocket is answered where it is, whatever port it names."""
        if self.sender is None or self.reply_port is None or self.sender.socket:
            return self.sender
        return Peer(self.sender.host, self.reply_port)


@dataclass(frozen=True, slots=True)
class Hello(_WithReplyPort):
    """Look for the daemon. The answer is `/msanii/welcome nonce version takes_folder exchange_folder`."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Notify(_WithReplyPort):
    """Subscribe (`on`) to all events for one lease, or end the subscription."""

    on: bool


@dataclass(frozen=True, slots=True)
class Status(Message):
    """Read the state of the daemon and its worker."""


@dataclass(frozen=True, slots=True)
class Sync(Message):
    """Ask for a `/msanii/synced id` once everything sent earlier is parsed and queued."""

    id: str | int | float


@dataclass(frozen=True, slots=True)
class Cancel(Message):
    """Cancel one job, or with `all` every job that is waiting or rendering."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ReadParameter(Message):
    """Read the session's value of one parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class SetParameter(Message):
    """Set one sticky parameter of the session to a validated value."""

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class ResetParameter(Message):
    """Unset one parameter of the session, or with `all` every one: presets and defaults hold again."""

    name: str


@dataclass(frozen=True, slots=True)
class ListParameters(Message):
    """List the parameters that the session sets."""


@dataclass(frozen=True, slots=True)
class SavePreset(Message):
    """Save the session's values, overridden by `values`, as a user preset; `replace` may overwrite one."""

    name: str
    replace: bool
    values: PartialRequest


@dataclass(frozen=True, slots=True)
class LoadPreset(Message):
    """Use a preset for all following renders of the session."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadPreset(Message):
    """Read all values of a request that sets nothing but this preset."""

    name: str


@dataclass(frozen=True, slots=True)
class ListPresets(Message):
    """List the names of all presets."""


@dataclass(frozen=True, slots=True)
class ListStyles(Message):
    """List the styles that suit a meter of `numerator` over `denominator`; all of them if it is 0."""

    numerator: int = 0
    denominator: int = 0


@dataclass(frozen=True, slots=True)
class StarTake(Message):
    """Mark a take as one to keep, or remove the mark."""

    path_or_name: str
    on: bool


@dataclass(frozen=True, slots=True)
class NameTake(Message):
    """Give a take a name beside its file's; an empty `label` takes it away."""

    path_or_name: str
    label: str


@dataclass(frozen=True, slots=True)
class RevealTake(Message):
    """Show a take in the file manager of the daemon's machine."""

    path_or_name: str


@dataclass(frozen=True, slots=True)
class Listen(Message):
    """Hear tempo, meter, key and chords in an audio file or a take."""

    path_or_name: str


@dataclass(frozen=True, slots=True)
class ReadChords(Message):
    """Read a progression in a key and a meter, and return how each chord is understood."""

    text: str
    key: str = ""
    meter: str = "4/4"


@dataclass(frozen=True, slots=True)
class Version(Message):
    """Read the version of the daemon."""


@dataclass(frozen=True, slots=True)
class Help(Message):
    """List all addresses."""
