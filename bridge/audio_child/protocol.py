"""What daemon and audio child say to each other over their pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.messages.stage import DeckActivity, Quantise, Setting


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How the child is to play. `device` is a name, an index or "" (the default); `rate` 0 the device's own.

    `latency_seconds` is how far the mix is made ahead of the device. `counters` and `snapshots` name the
    shared memory that the child writes.
    """

    device: str | int
    rate: int
    channels: int
    latency_seconds: float
    decks: int
    crossfade_seconds: float
    counters: str
    snapshots: str


@dataclass(frozen=True, slots=True)
class TakeFile:
    """A take to hold: its file, and its tempo and length in quarter notes where they are known."""

    path: Path
    bpm: float | None = None
    beats: float | None = None


# --- daemon to child ---


@dataclass(frozen=True, slots=True)
class LoadDeck:
    """Decode a take for a deck. A playing deck, or one told to `launch`, starts it at its next line."""

    deck: int
    take: TakeFile
    launch: Quantise | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Decode a take that replaces the deck's own at the next bar line, at the same place in the music."""

    deck: int
    take: TakeFile


@dataclass(frozen=True, slots=True)
class Resume:
    """Decode a take that a deck of an earlier child was playing since `launch_beat`; go on at a bar line."""

    deck: int
    take: TakeFile
    launch_beat: float


@dataclass(frozen=True, slots=True)
class LaunchDeck:
    """Start a deck at its next line; with `starts_transport` a transport at rest starts with it, at once."""

    deck: int
    starts_transport: bool = True


@dataclass(frozen=True, slots=True)
class StopDeck:
    """Stop a deck at its next line."""

    deck: int


@dataclass(frozen=True, slots=True)
class SetDeck:
    """Set one of `DECK_VALUES` (see `bridge.deck_values`) on a deck, in the unit of its row."""

    deck: int
    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class SetStage:
    """Set the master's `gain` in dB, the `tempo` in quarter notes a minute, or `nudge_ms`.

    The nudge is how many milliseconds the audio is heard after the transport's beat.
    """

    name: Literal["gain", "nudge_ms", "tempo"]
    value: float


@dataclass(frozen=True, slots=True)
class SetMeter:
    """Set the length of a bar, in quarter notes."""

    bar_beats: float


@dataclass(frozen=True, slots=True)
class PlayTransport:
    """Start the transport; with `at_seconds` so that `beat` is heard at that moment of time.monotonic."""

    beat: float | None = None
    at_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StopTransport:
    """Stop the transport. Decks that play fall silent, and go on with the next `PlayTransport`."""


@dataclass(frozen=True, slots=True)
class Locate:
    """Move the transport to a beat."""

    beat: float


@dataclass(frozen=True, slots=True)
class Publish:
    """The transport is where it should be: others may be told from now on where the music is."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Another clock's tempo and, where known, the beat that it is at at a moment of time.monotonic."""

    bpm: float
    beat: float | None
    at_seconds: float


@dataclass(frozen=True, slots=True)
class Panic:
    """Silence every deck at once, and cancel launches that are still to come."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last launch back."""


@dataclass(frozen=True, slots=True)
class Record:
    """Record the master (`deck` 0) or a deck to a new file; without a path, end its recording."""

    deck: int
    path: Path | None


@dataclass(frozen=True, slots=True)
class OpenEndless:
    """Make a deck one that plays rendered bars of so many quarter notes; it is empty until they come.

    Bar 0 is that of its launch, or of the `launch_beat` of an earlier child that it goes on for.
    """

    deck: int
    bar_beats: float
    launch_beat: float | None = None


@dataclass(frozen=True, slots=True)
class BarReady:
    """One bar of an endless deck, a float32 .npy of shape (C, L) at `rate` hertz.

    That is the stream's rate when the session began: another device's may be another by now.
    """

    deck: int
    bar: int
    path: Path
    rate: int


@dataclass(frozen=True, slots=True)
class Quit:
    """End the child in good order."""


# --- child to daemon ---


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The stream plays; `note` says what is otherwise than asked, `is_other` that the device is."""

    device: str
    rate: int
    channels: int
    note: str
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class NoDevice:
    """Nothing can be played through just now; the transport runs on in silence, at `rate`."""

    code: str
    reason: str
    rate: int


@dataclass(frozen=True, slots=True)
class DeviceFound:
    """A device that can play has come; a fresh child can open it."""


@dataclass(frozen=True, slots=True)
class DeckReport:
    """What a deck does. `launch_beat` is the beat its music counts from, heard or about to go on, if any."""

    deck: int
    activity: DeckActivity
    path: Path | None
    launch_beat: float | None
    fits: bool


@dataclass(frozen=True, slots=True)
class BehindReport:
    """An endless deck repeats itself for want of `bar`."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class BarReport:
    """An endless deck began `bar`, counted from its launch."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """A deck could not do as told."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """A recording ended: how long it is, or in `trouble` what went wrong."""

    deck: int
    path: Path
    seconds: float
    trouble: str = ""
