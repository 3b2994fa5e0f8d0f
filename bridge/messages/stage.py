"""What can be asked of the stage (transport, decks, master, stream), and what it tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Argument, Peer
from bridge.messages.requests import Render

Quantise = Literal["off", "beat", "1", "2", "4", "8"]
Setting = float | bool | str
DeckActivity = Literal["empty", "loading", "stopped", "armed", "playing", "stopping"]

MAX_DECKS = 16


@dataclass(frozen=True, slots=True)
class LoadDeck:
    """Puts a take (a library name or an audio file's path) on deck 1 to 16; a playing deck changes to it.

    `bpm` is for audio that does not say its tempo itself.
    """

    deck: int
    take: str
    bpm: float | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class LaunchDeck:
    """Starts a deck's take from its beginning, at the next moment of the deck's quantisation."""

    deck: int
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class StopDeck:
    """Stops a deck at the next moment of its quantisation."""

    deck: int
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SetDeck:
    """Sets one of `DECK_VALUES` (see `bridge.deck_values`) on a deck, in the unit of its row."""

    deck: int
    name: str
    value: Setting
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadDeck:
    """Asks for one of a deck's `DECK_VALUES`, or with the name `state` for all of them and its activity."""

    deck: int
    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class AwaitJob:
    """The first take of that job is loaded when it is ready, and launched at the next bar line."""

    deck: int
    job_id: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class RenderToDeck:
    """A render whose first take is launched on a deck at the first bar line after it is ready."""

    deck: int
    render: Render
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SetStage:
    """Sets the master's `gain` in dB, `nudge_ms`, `tempo` in quarter notes a minute, or a value of every deck."""

    name: str
    value: Setting
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadStage:
    """Asks for a value that `SetStage` sets."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SetMeter:
    """Sets the meter: bars of `numerator` beats, each a note of 1 / `denominator`."""

    numerator: int
    denominator: int
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class PlayTransport:
    """Starts the transport, as the launch of a deck does too."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class StopTransport:
    """Stops the transport."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Locate:
    """Puts the transport at a beat, counted in quarter notes from the song's start."""

    beat: float
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Panic:
    """Silences every deck at once; the transport goes on, so that nobody who follows it loses the bar."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes the last launch back: what is waiting does not start, what has started gives way again."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Record:
    """Begins or ends recording the master (`deck` None) or one deck to a file."""

    on: bool
    deck: int | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """Asks how the stream is: device, rate, counts of what went wrong, the transport."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ListDevices:
    """Asks for the audio devices that can play."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ChooseDevice:
    """Plays through another device, named or numbered; an empty name is the system's default."""

    device: str | int
    sender: Peer | None


StageMessage = (
    LoadDeck | LaunchDeck | StopDeck | SetDeck | ReadDeck | AwaitJob | RenderToDeck | SetStage | ReadStage
    | SetMeter | PlayTransport | StopTransport | Locate | Panic | Undo | Record | StreamStatus | ListDevices | ChooseDevice
)  # fmt: skip

# --- events ---


@dataclass(frozen=True, slots=True)
class DeckChanged:
    """What a deck does now, and the take that it holds (a file's name; empty without one)."""

    deck: int
    activity: DeckActivity
    take: str

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/deck", (self.deck, self.activity, self.take)


@dataclass(frozen=True, slots=True)
class DeckBehind:
    """An endless deck has no audio for `bar` (counted from its launch): its last two bars are repeated."""

    deck: int
    bar: int

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/behind", (self.deck, self.bar)


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """Something that a deck was to do could not be done; `code` is one of `ERROR_CODES`."""

    deck: int
    code: str
    message: str

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/fail", (f"/msanii/deck/{self.deck}", self.code, self.message)


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """The stream plays, or has no device, or was lost; `device` is its name, `reason` says why in words."""

    state: Literal["playing", "no device", "lost", "starting"]
    device: str
    reason: str

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/stream", (self.state, self.device, self.reason)


@dataclass(frozen=True, slots=True)
class StreamHurt:
    """Sound was missing: how often our mix was late (`starved`), and how often the device says it ran dry.

    Both count from the start of the stream.
    """

    starved: int
    underruns: int

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/underruns", (self.starved, self.underruns)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording is finished; `deck` 0 is the master."""

    deck: int
    path: str
    seconds: float

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/recorded", (self.deck, self.path, float(self.seconds))


@dataclass(frozen=True, slots=True)
class TransportChanged:
    """The transport was started, stopped, moved, or given another tempo or meter."""

    playing: bool
    bpm: float
    beat: float
    bar_beats: float

    def osc(self) -> tuple[str, tuple[Argument, ...]]:
        """The address and the arguments that say it."""
        return "/msanii/transport", (int(self.playing), self.bpm, self.beat, self.bar_beats)


StageEvent = (
    DeckChanged | DeckBehind | DeckFailed | StreamChanged | StreamHurt | Recorded | TransportChanged
)  # fmt: skip
STAGE_ANSWERS = ("deck", "behind", "stream", "underruns", "recorded", "transport")
