"""What the audio child reports to the daemon, over their pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.audio_child.protocol import TakeFile
from bridge.messages.stage import DeckActivity


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The stream is open. `note` says what differs from the settings; `is_other`, that the device does."""

    device: str
    rate: int
    channels: int
    note: str
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class NoDevice:
    """No device can be opened; the transport runs on in silence, at `rate`."""

    code: str
    reason: str
    rate: int


@dataclass(frozen=True, slots=True)
class DeviceFound:
    """An output device has appeared; a restarted child can open it."""


@dataclass(frozen=True, slots=True)
class DeckReport:
    """A deck's state.

    `path` is the take that `activity` is about: the one that waits (`armed`), plays, or else is loaded; None
    for endless bars. `launch_beat` is the beat that its music counts from, if it plays or is about to resume.
    `held` is the take that a launch starts, and `fits` says whether it fits the tempo. `line` is the beat
    that a launch or stop waits for.
    """

    deck: int
    activity: DeckActivity
    path: Path | None
    launch_beat: float | None
    fits: bool
    held: Path | None
    line: float | None


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A take that was on its way to a deck is no longer wanted: its launch was undone."""

    deck: int


@dataclass(frozen=True, slots=True)
class RetimedReport:
    """A deck holds its take with the tempo and the first bar line of `take`: the next launch has them."""

    deck: int
    take: TakeFile


@dataclass(frozen=True, slots=True)
class TempoReport:
    """A scene, or its undoing, has changed the tempo; `tempo_count` is that of the scene's launch."""

    bpm: float
    tempo_count: int


@dataclass(frozen=True, slots=True)
class TransportReport:
    """The transport has started or stopped at a beat, whoever caused it: a command or a launch."""

    playing: bool
    beat: float


@dataclass(frozen=True, slots=True)
class BehindReport:
    """An endless deck repeats earlier bars, since `bar` was not ready."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class BarReport:
    """An endless deck began `bar`, counted from its launch."""

    deck: int
    bar: int


@dataclass(frozen=True, slots=True)
class DeckFailed:
    """A deck could not carry out a command."""

    deck: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RecordingBegun:
    """A recording has begun: its file is open."""

    deck: int
    path: Path


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """A recording ended. `seconds` is its length, `trouble` what went wrong, if anything.

    `is_full` says that WAV files may not be longer: the recording can go on in a next one.
    """

    deck: int
    path: Path
    seconds: float
    trouble: str = ""
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class InputReport:
    """The input is open, was lost, or cannot be opened; `reason` says why.

    `latency_seconds` is how much later it has what the output plays, by what the drivers say. It is
    `shared` if the output's callback serves it too.
    """

    state: Literal["open", "lost", "missing"]
    device: str
    rate: int
    channels: int
    latency_seconds: float
    shared: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Caught:
    """Bars of the input are in a file: float32 (before + frames, C) at `rate`, with `before` frames in front.

    `peak` is their loudest sample, linear. So many samples are `clipped`, or were `damaged` (no numbers) and
    are silent now. `is_whole` is False if the devices skipped frames meanwhile.
    """

    number: int
    path: Path
    frames: int
    before: int
    rate: int
    bars: int
    bpm: float
    bar_beats: float
    peak: float
    clipped: int
    damaged: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class CatchFailed:
    """Bars of the input could not be caught."""

    number: int
    code: str
    message: str
