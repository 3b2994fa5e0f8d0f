"""What can be asked of endless mode and of Ableton Link, and what they tell of themselves."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.messages.base import Message
from bridge.messages.requests import PartialRequest


@dataclass(frozen=True, slots=True)
class StartEndless(Message):
    """Begins music without end on a deck. `values` are a generate's; `ahead` is the margin in bars."""

    deck: int
    values: PartialRequest
    ahead: int | None


@dataclass(frozen=True, slots=True)
class SetEndless(Message):
    """Changes an endless deck, or with `deck` None all of them, from the next unrendered bar on."""

    deck: int | None
    values: PartialRequest
    ahead: int | None


@dataclass(frozen=True, slots=True)
class StopEndless(Message):
    """Ends the music of an endless deck at its next line."""

    deck: int


@dataclass(frozen=True, slots=True)
class KeepEndless(Message):
    """Saves the last `bars` bars that an endless deck has played."""

    deck: int
    bars: int


@dataclass(frozen=True, slots=True)
class EndlessStatus(Message):
    """Asks how every endless deck is."""


@dataclass(frozen=True, slots=True)
class UseLink(Message):
    """Joins the Ableton Link session of the network, or leaves it."""

    on: bool


# --- events ---


@dataclass(frozen=True, slots=True)
class EndlessBar:
    """A bar of an endless deck is rendered; `margin` is how many lie ready beyond the one that plays."""

    deck: int
    bar: int
    margin: int


@dataclass(frozen=True, slots=True)
class EndlessTempo:
    """The transport's tempo has changed: an endless deck's bars are made for it from `bar` on."""

    deck: int
    bar: int
    bpm: float


@dataclass(frozen=True, slots=True)
class EndlessFailed:
    """An endless deck gets no more bars; `code` is one of `ERROR_CODES`."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """How many peers the Link session has (-1: it is left), its tempo, and what is wrong, if anything."""

    peers: int
    bpm: float
    problem: str


EndlessEvent = EndlessBar | EndlessTempo | EndlessFailed | LinkChanged
