"""Messages between the daemon and the render process about bars of endless sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.messages.requests import BeatNote, RenderRequest


@dataclass(frozen=True, slots=True)
class MorphLoop:
    """A loop of `beats` quarter notes at `bpm`. It repeats at its own length, from its first bar line on."""

    path: Path
    bpm: float
    beats: float
    first_beat_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class BarMorph:
    """A bar lies between two loops: at `position` 0 it is all the first, at 1 all the second.

    `strength` is how far it may go from what lies between, above 0 to 1.
    """

    first: MorphLoop
    second: MorphLoop
    position: float
    strength: float


@dataclass(frozen=True, slots=True)
class BarOrder:
    """Render one bar. `past` is the context file of the bar before it, or None for the first bar.

    Until `urgent_at`, in seconds of time.monotonic, it waits for the current job to end; after that it is
    rendered between the job's steps. `bar_path` gets a float32 .npy (C, L) at `rate` hertz, C channels and L
    samples; `past_path` gets this bar's context. `played` are the notes of bars before, by part, in beats
    from bar 0; `notes` are those of this bar, None if they are still to be composed. `grooves_folder` holds
    the user's grooves, `sounds_folder` the taught sounds. A bar without notes is played freely, or silent if
    not `plays_freely`; with `fades` its end fades, since silence follows.
    """

    session: str
    bar: int
    request: RenderRequest
    model_folder: Path
    rate: int
    past: Path | None
    bar_path: Path
    past_path: Path
    urgent_at: float
    played: Mapping[str, tuple[BeatNote, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[BeatNote, ...]] | None = None
    grooves_folder: Path | None = None
    sounds_folder: Path | None = None
    plays_freely: bool = True
    fades: bool = False
    morph: BarMorph | None = None


@dataclass(frozen=True, slots=True)
class DropBars:
    """Drop a session's waiting bars; one being rendered is finished, and its result discarded."""

    session: str


@dataclass(frozen=True, slots=True)
class Maker:
    """The setup that rendered a bar: model and fingerprint, device, dtype, threads and memory layout."""

    model: str
    fingerprint: str
    device: str
    dtype: str
    threads: int
    layout: str = ""


@dataclass(frozen=True, slots=True)
class BarDone:
    """A bar has been rendered and its files are written; `seconds` is the time that it took.

    `notes` are those that it plays or that ring on into it, by part, in beats from bar 0; none if the model
    played freely.
    """

    session: str
    bar: int
    seconds: float
    maker: Maker
    notes: Mapping[str, tuple[BeatNote, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BarFailed:
    """A bar could not be rendered; `code` is one of `ERROR_CODES`."""

    session: str
    bar: int
    code: str
    message: str
