"""What the daemon tells the audio child, over their pipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.messages.stage import Quantise, Setting


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The child's settings. `device` is a name, an index or "" (the default); `rate` 0 is the device's own.

    `latency_seconds` is how far the mix runs ahead of the device. `counters`, `snapshots` and `levels` name
    the shared memory that the child writes to. `input` is a name, an index, `default` or "" (none), of which
    `input_channels` are kept, counted from `input_first_channel` (1 is the first). `round_trip_seconds` is
    how much later the input has what the output plays; None is what the drivers say.
    """

    device: str | int
    rate: int
    channels: int
    latency_seconds: float
    decks: int
    crossfade_seconds: float
    counters: str
    snapshots: str
    levels: str
    input: str | int = ""
    input_channels: int = 2
    input_first_channel: int = 1
    round_trip_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TakeFile:
    """A take's file, with its tempo and its length in quarter notes if they are known.

    It is played from its first bar line, which is at `first_beat_seconds` of the file. `is_given` says that
    whoever loaded it gave the tempo.
    """

    path: Path
    bpm: float | None = None
    beats: float | None = None
    first_beat_seconds: float = 0.0
    is_given: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class LoadDeck:
    """Load a take on a deck. It starts, quantised, if the deck plays, or is about to, or `launch` is given.

    Only with `launch` and `starts_transport` a stopped transport starts with it. With `on_beat` it follows
    what plays, on that beat or, if it has passed, the next bar line; undo does not see that.
    """

    deck: int
    take: TakeFile
    launch: Quantise | None = None
    starts_transport: bool = True
    on_beat: float | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Load a take that replaces the deck's take at the next bar line, at the same position in the music."""

    deck: int
    take: TakeFile


@dataclass(frozen=True, slots=True)
class Retime:
    """Give the take that a deck holds without a tempo that of `take`, which is the same file.

    What sounds or is paused goes on as it is: the tempo and the first bar line count from the next launch on.
    """

    deck: int
    take: TakeFile


@dataclass(frozen=True, slots=True)
class Resume:
    """Load a take that the deck of a lost child had played since `launch_beat`; resume it at a bar line."""

    deck: int
    take: TakeFile
    launch_beat: float


@dataclass(frozen=True, slots=True)
class LaunchDeck:
    """Launch a deck, quantised. With `starts_transport` a stopped transport starts with it, at once."""

    deck: int
    starts_transport: bool = True


@dataclass(frozen=True, slots=True)
class LaunchScene:
    """Load a take on each deck of `takes`, then launch them all on one line, on which `stops` end.

    The line is the next of the widest grid among these decks. With `bpm` the tempo changes exactly on it,
    which is reported with this `tempo_count`, unless a tempo is set before.
    """

    takes: Mapping[int, TakeFile]
    stops: frozenset[int]
    bpm: float | None = None
    tempo_count: int = 0
    starts_transport: bool = True


@dataclass(frozen=True, slots=True)
class StopDeck:
    """Stop a deck, quantised; with `on_beat` on that beat, unless something else waits by then."""

    deck: int
    on_beat: float | None = None


@dataclass(frozen=True, slots=True)
class SetDeck:
    """Set one of `DECK_VALUES` (see `bridge.deck_values`) on a deck, in the unit given there."""

    deck: int
    name: str
    value: Setting


@dataclass(frozen=True, slots=True)
class SetStage:
    """Set the master's `gain` in dB, the `tempo` in quarter notes a minute, or `nudge_ms`.

    The nudge is by how many milliseconds the audio is later than the published beat.
    """

    name: Literal["gain", "nudge_ms", "tempo"]
    value: float


@dataclass(frozen=True, slots=True)
class SetMeter:
    """Set the length of a bar, in quarter notes."""

    bar_beats: float


@dataclass(frozen=True, slots=True)
class PlayTransport:
    """Start the transport; with `at_seconds`, so that `beat` is heard at that time of time.monotonic."""

    beat: float | None = None
    at_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StopTransport:
    """Stop the transport. Playing decks pause until the next `PlayTransport`."""


@dataclass(frozen=True, slots=True)
class Locate:
    """Move the transport to a beat."""

    beat: float


@dataclass(frozen=True, slots=True)
class Publish:
    """Start to publish snapshots: the transport is restored, so that its position is right from now on."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow an external clock: its tempo and, if known, its beat at a time of time.monotonic.

    The beat of a `free_running` clock goes on even while the transport stands; when that starts, it joins it.
    """

    bpm: float
    beat: float | None
    at_seconds: float
    free_running: bool = False


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Stop following an external clock; the tempo stays."""


@dataclass(frozen=True, slots=True)
class Panic:
    """Silence all decks at once: nothing sounds until a launch, whatever is loading or pending."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Undo the last launch."""


@dataclass(frozen=True, slots=True)
class Record:
    """Record the master (`deck` 0) or a deck to a new file; without a path, end its recording."""

    deck: int
    path: Path | None


@dataclass(frozen=True, slots=True)
class OpenEndless:
    """Turn a deck into an endless deck with bars of `bar_beats` quarter notes; it is empty until they come.

    Bar 0 begins at its launch, or at `launch_beat` if it resumes the deck of a lost child.
    """

    deck: int
    bar_beats: float
    launch_beat: float | None = None


@dataclass(frozen=True, slots=True)
class BarReady:
    """A rendered bar of an endless deck: a float32 .npy of shape (C, L) at `rate` hertz.

    This is the stream's rate when the session began; it may differ from the current device's.
    """

    deck: int
    bar: int
    path: Path
    rate: int


@dataclass(frozen=True, slots=True)
class Catch:
    """Write the input's last `bars` whole bars, as of a time of time.monotonic, to a new .npy file.

    Answered with `Caught` or `CatchFailed` of the same `number`.
    """

    number: int
    bars: int
    at_seconds: float
    path: Path


@dataclass(frozen=True, slots=True)
class Quit:
    """Shut the child down cleanly."""
