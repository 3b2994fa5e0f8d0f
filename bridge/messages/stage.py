"""Requests to, and events of, the stage: transport, decks, master and stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Message
from bridge.messages.requests import Render
from bridge.messages.scenes import LaunchScene

FollowAction = Literal["none", "stop", "again", "next", "previous", "first", "last", "any", "other"]
LaunchMode = Literal["trigger", "gate", "toggle"]
Quantise = Literal["off", "beat", "1", "2", "4", "8"]
Setting = float | bool | str
DeckActivity = Literal["empty", "loading", "stopped", "armed", "playing", "stopping"]

MAX_DECKS = 16


@dataclass(frozen=True, slots=True)
class LoadDeck(Message):
    """Load a take (a library name or an audio file's path) on deck 1 to 16; a playing deck changes to it.

    `bpm` is for audio whose tempo is unknown.
    """

    deck: int
    take: str
    bpm: float | None


@dataclass(frozen=True, slots=True)
class LaunchDeck(Message):
    """Start a deck's take from its beginning, at the deck's next launch boundary."""

    deck: int


@dataclass(frozen=True, slots=True)
class ReleaseDeck(Message):
    """A deck's launch button was let go, which stops a deck whose launch mode is `gate`."""

    deck: int


@dataclass(frozen=True, slots=True)
class StopDeck(Message):
    """Stop a deck at its next launch boundary."""

    deck: int


@dataclass(frozen=True, slots=True)
class SetDeck(Message):
    """Set one of `DECK_VALUES` (see `bridge.deck_values`, also for its unit) on a deck."""

    deck: int
    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class ReadDeck(Message):
    """Read one of a deck's `DECK_VALUES`, or with the name `state` all of them and its activity."""

    deck: int
    name: str


@dataclass(frozen=True, slots=True)
class AwaitJob(Message):
    """Load the first take of a job when it is ready, and launch it at the next bar line."""

    deck: int
    job_id: str


@dataclass(frozen=True, slots=True)
class RenderToDeck(Message):
    """Render takes, and launch the first one on a deck at the first bar line after it is ready."""

    deck: int
    render: Render


@dataclass(frozen=True, slots=True)
class SetStage(Message):
    """Set the master `gain` (dB), `nudge_ms`, `tempo` (quarter notes a minute), or a value of all decks."""

    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class ReadStage(Message):
    """Read a value that `SetStage` sets."""

    name: str


@dataclass(frozen=True, slots=True)
class SetMeter(Message):
    """Set the meter: `numerator` beats to the bar, each of note value 1 / `denominator`."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class PlayTransport(Message):
    """Start the transport, as launching a deck also does."""


@dataclass(frozen=True, slots=True)
class StopTransport(Message):
    """Stop the transport."""


@dataclass(frozen=True, slots=True)
class Locate(Message):
    """Move the transport to a beat, counted in quarter notes from the song's start."""

    beat: float


@dataclass(frozen=True, slots=True)
class Panic(Message):
    """Silence every deck at once, end endless music, and cancel what is on its way to a deck.

    Nothing sounds until something is launched. The transport keeps running, so that its followers stay in
    sync.
    """


@dataclass(frozen=True, slots=True)
class Undo(Message):
    """Undo the last launch: cancel it if it is still waiting, else switch back to what played before.

    A deck that has been stopped since stays silent.
    """


@dataclass(frozen=True, slots=True)
class Record(Message):
    """Start or stop recording the master (`deck` None) or one deck to a file."""

    on: bool
    deck: int | None


@dataclass(frozen=True, slots=True)
class StreamStatus(Message):
    """Read the state of the stream: device, rate, dropout counters, transport."""


@dataclass(frozen=True, slots=True)
class ReadLevels(Message):
    """Read the peaks of the master and of each deck."""


@dataclass(frozen=True, slots=True)
class ListDevices(Message):
    """List the audio devices."""


@dataclass(frozen=True, slots=True)
class ChooseDevice(Message):
    """Play through another device, by name or number; an empty name is the system's default."""

    device: str | int


@dataclass(frozen=True, slots=True)
class ChooseInput(Message):
    """Listen to another input, by name or number; `default` is the system's, an empty name is none."""

    device: str | int


@dataclass(frozen=True, slots=True)
class ReadInputLevel(Message):
    """Read the peak of the input."""


@dataclass(frozen=True, slots=True)
class Catch(Message):
    """Make the input's last whole bars a file of the library; with a `deck`, load and launch it there."""

    bars: int
    deck: int | None


def decks_of(message: Message) -> Iterable[int]:
    """Return the decks whose events the sender of a command hears; 0 is the master's recording."""
    match message:
        case LoadDeck() | LaunchDeck() | ReleaseDeck() | StopDeck() | AwaitJob() | RenderToDeck():
            return (message.deck,)
        case Record():
            return (message.deck or 0,)
        case Catch():
            return () if message.deck is None else (message.deck,)
        case Panic() | Undo() | LaunchScene():
            return range(1, MAX_DECKS + 1)
        case _:
            return ()


# --- events ---


@dataclass(frozen=True, slots=True)
class DeckChanged:
    """A deck's new activity, and the file name of the take that it is about (empty if there is none).

    `line` is the beat that a launch or stop waits for, in quarter notes from the song's start.
    """

    deck: int
    activity: DeckActivity
    take: str
    line: float | None = None


@dataclass(frozen=True, slots=True)
class DeckHeard:
    """The tempo that was heard in the file on a deck, which counts from its next launch on.

    `beats` is its length in quarter notes, 0 if that is not whole. It is played from `first_beat_seconds` on,
    its first bar line.
    """

    deck: int
    take: str
    bpm: float
    beats: float
    first_beat_seconds: float


@dataclass(frozen=True, slots=True)
class DeckBehind:
    """An endless deck has no audio for `bar` (counted from its launch), so its last two bars are repeated."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """A command to a deck has failed; `code` is one of `ERROR_CODES`."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """The stream's state has changed; `device` is the device's name, `reason` says why, in words."""

    state: Literal["playing", "no device", "lost", "starting"]
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class StreamHurt:
    """There were dropouts: `starved` counts when our mix was late, `underruns` those that the device reports.

    Both count from the start of the stream.
    """

    starved: int
    underruns: int


@dataclass(frozen=True, slots=True)
class RecordingBegun:
    """A recording goes to this file from now on, perhaps the next of several; `deck` 0 is the master."""

    deck: int
    path: str


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """A recording could not begin, or has ended before its time; `deck` 0 is the master."""

    deck: int
    message: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file of a recording is finished; `deck` 0 is the master."""

    deck: int
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class InputChanged:
    """The input was opened or lost, or is missing; `reason` says why, in words."""

    state: Literal["open", "lost", "missing", "off"]
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaughtBars:
    """Bars of the input are a file; `note` says what may be wrong with them, in words."""

    path: str
    bars: int
    bpm: float
    meter: str
    note: str


@dataclass(frozen=True, slots=True)
class TransportChanged:
    """The transport was started, stopped or moved, or its tempo or meter has changed."""

    playing: bool
    bpm: float
    beat: float
    bar_beats: float


@dataclass(frozen=True, slots=True)
class PanicChanged:
    """The panic has begun, or the first launch since has ended it."""

    on: bool


StageEvent = (
    DeckChanged | DeckHeard | DeckBehind | DeckFailed | StreamChanged | StreamHurt
    | RecordingBegun | RecordingFailed | Recorded | InputChanged | CaughtBars | TransportChanged
    | PanicChanged
)  # fmt: skip
