"""Events that keep surfaces in step: values that somebody changed, messages that were refused, the beat."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.messages.base import Argument, Peer


@dataclass(frozen=True, slots=True)
class ValueChanged:
    """A control has a new value; `path` is its address without the root.

    `by` is the client that set it. It is not told, so that its fader does not fight the hand that moves it;
    None is a knob, a clock or the daemon itself.
    """

    path: str
    value: Argument
    by: Peer | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A client's message was refused. `about` is its job id or address, `code` one of `ERROR_CODES`.

    The client gets `/msanii/fail`. All others who subscribed get `/msanii/refused`, which ends with the
    client's host and port: a surface or `oscsend` may not hear what comes back to the port it sends from.
    """

    about: str
    code: str
    message: str
    sender: Peer


@dataclass(frozen=True, slots=True)
class BeatHeard:
    """A beat of the meter is heard now; bars and beats count from 1."""

    bar: int
    beat: int


@dataclass(frozen=True, slots=True)
class TakeStarred:
    """The take of that name was starred, or its star removed."""

    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class TakeNamed:
    """The take of that file name was given a label, or has none any more if it is empty."""

    name: str
    label: str


FeedbackEvent = ValueChanged | Refused | BeatHeard | TakeStarred | TakeNamed
