"""What front ends ask of the daemon itself: who is there, parameters, presets, takes. All of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.messages.base import Message, Peer
from bridge.messages.requests import PartialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithReplyPort(Message):
    """The base of messages that may name another UDP port of their sender's for the answers."""

    reply_port: int | None = None

    @property
    def reply_to(self) -> Peer | None:
        """Where the answer goes."""
        if self.sender is None or self.reply_port is None:
            return self.sender
        return Peer(self.sender.host, self.reply_port)


@dataclass(frozen=True, slots=True)
class Hello(_WithReplyPort):
    """Asks who is there. Answered by `/msanii/welcome nonce version takes_folder exchange_folder`."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Notify(_WithReplyPort):
    """Subscribes (`on`) to every job's events for one lease, or ends the subscription."""

    on: bool


@dataclass(frozen=True, slots=True)
class Status(Message):
    """Asks how the daemon and its worker are."""


@dataclass(frozen=True, slots=True)
class Sync(Message):
    """Asks for `/msanii/synced id` once everything sent earlier is parsed and queued."""

    id: str | int | float


@dataclass(frozen=True, slots=True)
class Cancel(Message):
    """Stops one job, or with `all` every job that waits or renders."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ReadParameter(Message):
    """Asks for the session's value of one parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class SetParameter(Message):
    """Sets one sticky parameter of the session to a checked value."""

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class SavePreset(Message):
    """Saves `values` over the session's own as a user preset; `replace` allows an existing name."""

    name: str
    replace: bool
    values: PartialRequest


@dataclass(frozen=True, slots=True)
class LoadPreset(Message):
    """Makes a preset the session's own for the renders that follow."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadPreset(Message):
    """Asks for every value that a request naming this preset alone would have."""

    name: str


@dataclass(frozen=True, slots=True)
class ListPresets(Message):
    """Asks for the names of all presets."""


@dataclass(frozen=True, slots=True)
class StarTake(Message):
    """Marks a take as one to keep, or takes the mark away."""

    path_or_name: str
    on: bool


@dataclass(frozen=True, slots=True)
class Version(Message):
    """Asks for the version of the daemon."""


@dataclass(frozen=True, slots=True)
class Help(Message):
    """Asks for the list of addresses."""
