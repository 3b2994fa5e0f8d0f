"""Requests to, and events of, endless mode and Ableton Link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Message
from bridge.messages.requests import PartialRequest


@dataclass(frozen=True, slots=True)
class StartEndless(Message):
    """Start endless music on a deck. `values` are those of generate; `ahead` is the bars to keep ready.

    With `turn_bars` the deck answers a player, in turns of so many bars.
    """

    deck: int
    values: PartialRequest
    ahead: int | None
    turn_bars: int = 0


@dataclass(frozen=True, slots=True)
class StartMorph(Message):
    """Start endless music on a deck that lies between two takes, where the deck's `morph` says.

    `strength`, above 0 to 1, is how far it may go from what lies between; `values` and `ahead` are as in
    `StartEndless`.
    """

    deck: int
    first: str
    second: str
    values: PartialRequest
    ahead: int | None
    strength: float


@dataclass(frozen=True, slots=True)
class SetEndless(Message):
    """Change an endless deck, or with `deck` None all of them, from the next unrendered bar on."""

    deck: int | None
    values: PartialRequest
    ahead: int | None


@dataclass(frozen=True, slots=True)
class DrawCurve(Message):
    """Change a parameter of an endless deck, or with `deck` None of all, over the coming bars.

    `points` are bars from the next unrendered one on, ascending, with values; none ends the curve.
    """

    deck: int | None
    name: str
    points: tuple[tuple[float, str | int | float], ...]


@dataclass(frozen=True, slots=True)
class StopEndless(Message):
    """Stop an endless deck at its next launch boundary."""

    deck: int


@dataclass(frozen=True, slots=True)
class KeepEndless(Message):
    """Save the last `bars` bars that an endless deck has played."""

    deck: int
    bars: int


@dataclass(frozen=True, slots=True)
class EndlessStatus(Message):
    """Read the state of every endless deck."""


@dataclass(frozen=True, slots=True)
class UseLink(Message):
    """Join or leave the network's Ableton Link session."""

    on: bool


# --- events ---


@dataclass(frozen=True, slots=True)
class EndlessBar:
    """A bar of an endless deck is rendered; `margin` is how many are ready after the one playing."""

    deck: int
    bar: int
    margin: int


@dataclass(frozen=True, slots=True)
class EndlessTempo:
    """An endless deck's bars are rendered for the transport's new tempo from `bar` on."""

    deck: int
    bar: int
    bpm: float


@dataclass(frozen=True, slots=True)
class EndlessFailed:
    """No more bars can be rendered for an endless deck; `code` is one of `ERROR_CODES`."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class EndlessStopped:
    """A deck's endless music was ended, by its stop or by panic; no more bars are rendered."""

    deck: int


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """On an answering deck a turn begins with `bar`: the player's, or the deck's."""

    deck: int
    turn: Literal["player", "deck"]
    bar: int


@dataclass(frozen=True, slots=True)
class PhraseHeard:
    """An answering deck answers a phrase of so many notes on `chords`."""

    deck: int
    notes: int
    chords: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The Link session has changed: number of peers (-1 after leaving), tempo, and a problem, if any."""

    peers: int
    bpm: float
    problem: str


EndlessEvent = (
    EndlessBar | EndlessTempo | EndlessFailed | EndlessStopped | TurnBegan | PhraseHeard | LinkChanged
)
