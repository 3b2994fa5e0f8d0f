"""What can be asked of the stage (transport, decks, master, stream), and what it tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Message
from bridge.messages.requests import Render

Quantise = Literal["off", "beat", "1", "2", "4", "8"]
Setting = float | bool | str
DeckActivity = Literal["empty", "loading", "stopped", "armed", "playing", "stopping"]

MAX_DECKS = 16


@dataclass(frozen=True, slots=True)
class LoadDeck(Message):
    """Puts a take (a library name or an audio file's path) on deck 1 to 16; a playing deck changes to it.

    `bpm` is for audio that does not say its tempo itself.
    """

    deck: int
    take: str
    bpm: float | None


@dataclass(frozen=True, slots=True)
class LaunchDeck(Message):
    """Starts a deck's take from its beginning, at the next moment of the deck's quantisation."""

    deck: int


@dataclass(frozen=True, slots=True)
class StopDeck(Message):
    """Stops a deck at the next moment of its quantisation."""

    deck: int


@dataclass(frozen=True, slots=True)
class SetDeck(Message):
    """Sets one of `DECK_VALUES` (see `bridge.deck_values`) on a deck, in the unit of its row."""

    deck: int
    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class ReadDeck(Message):
    """Asks for one of a deck's `DECK_VALUES`, or with the name `state` for all of them and its activity."""

    deck: int
    name: str


@dataclass(frozen=True, slots=True)
class AwaitJob(Message):
    """The first take of that job is loaded when it is ready, and launched at the next bar line."""

    deck: int
    job_id: str


@dataclass(frozen=True, slots=True)
class RenderToDeck(Message):
    """A render whose first take is launched on a deck at the first bar line after it is ready."""

    deck: int
    render: Render


@dataclass(frozen=True, slots=True)
class SetStage(Message):
    """Sets the master's `gain` (dB), `nudge_ms`, `tempo` (quarter notes a minute), or all decks' value."""

    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class ReadStage(Message):
    """Asks for a value that `SetStage` sets."""

    name: str


@dataclass(frozen=True, slots=True)
class SetMeter(Message):
    """Sets the meter: bars of `numerator` beats, each a note of 1 / `denominator`."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class PlayTransport(Message):
    """Starts the transport, as the launch of a deck does too."""


@dataclass(frozen=True, slots=True)
class StopTransport(Message):
    """Stops the transport."""


@dataclass(frozen=True, slots=True)
class Locate(Message):
    """Puts the transport at a beat, counted in quarter notes from the song's start."""

    beat: float


@dataclass(frozen=True, slots=True)
class Panic(Message):
    """Silences every deck at once; the transport goes on, so that nobody who follows it loses the bar."""


@dataclass(frozen=True, slots=True)
class Undo(Message):
    """Takes the last launch back: what is waiting does not start, what has started gives way again."""


@dataclass(frozen=True, slots=True)
class Record(Message):
    """Begins or ends recording the master (`deck` None) or one deck to a file."""

    on: bool
    deck: int | None


@dataclass(frozen=True, slots=True)
class StreamStatus(Message):
    """Asks how the stream is: device, rate, counts of what went wrong, the transport."""


@dataclass(frozen=True, slots=True)
class ListDevices(Message):
    """Asks for the audio devices that can play."""


@dataclass(frozen=True, slots=True)
class ChooseDevice(Message):
    """Plays through another device, named or numbered; an empty name is the system's default."""

    device: str | int


# --- events ---


@dataclass(frozen=True, slots=True)
class DeckChanged:
    """What a deck does now, and the take that it holds (a file's name; empty without one)."""

    deck: int
    activity: DeckActivity
    take: str


@dataclass(frozen=True, slots=True)
class DeckBehind:
    """An endless deck has no audio for `bar` (counted from its launch): its last two bars are repeated."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """Something that a deck was to do could not be done; `code` is one of `ERROR_CODES`."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """The stream plays, or has no device, or was lost; `device` is its name, `reason` says why in words."""

    state: Literal["playing", "no device", "lost", "starting"]
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamHurt:
    """Sound was missing: how often our mix was late (`starved`), and how often the device says it ran dry.

    Both count from the start of the stream.
    """

    starved: int
    underruns: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording is finished; `deck` 0 is the master."""

    deck: int
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TransportChanged:
    """The transport was started, stopped, moved, or given another tempo or meter."""

    playing: bool
    bpm: float
    beat: float
    bar_beats: float


StageEvent = (
    DeckChanged | DeckBehind | DeckFailed | StreamChanged | StreamHurt | Recorded | TransportChanged
)  # fmt: skip
