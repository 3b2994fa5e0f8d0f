"""What front ends ask of the daemon itself: who is there, parameters, presets, takes. All of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.messages.base import Peer
from bridge.messages.requests import PartialRequest


@dataclass(frozen=True, slots=True)
class Hello:
    """Asks who is there. Answered by `/msanii/welcome nonce version takes_folder exchange_folder`."""

    nonce: str
    reply_port: int | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Notify:
    """Subscribes (`on`) to every job's events for one lease, or ends the subscription."""

    on: bool
    reply_port: int | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Status:
    """Asks how the daemon and its worker are."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Sync:
    """Asks for `/msanii/synced id` once everything sent earlier is parsed and queued."""

    id: str | int | float
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stops one job, or with `all` every job that waits or renders."""

    job_id: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadParameter:
    """Asks for the session's value of one parameter."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SetParameter:
    """Sets one sticky parameter of the session to a checked value."""

    name: str
    value: object
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SavePreset:
    """Saves `values` over the session's own as a user preset; `replace` allows an existing name."""

    name: str
    replace: bool
    values: PartialRequest
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class LoadPreset:
    """Makes a preset the session's own for the renders that follow."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadPreset:
    """Asks for every value that a request naming this preset alone would have."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ListPresets:
    """Asks for the names of all presets."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class StarTake:
    """Marks a take as one to keep, or takes the mark away."""

    path_or_name: str
    on: bool
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Version:
    """Asks for the version of the daemon."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Help:
    """Asks for the list of addresses."""

    sender: Peer | None
