"""The parts of a deck's state: what waits for a line, what can be resumed, and what is reported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.audio_child.voices import LoadedTake, Music
from bridge.messages.stage import DeckActivity


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a deck does at `beat`.

    `launch` starts the music from its beginning, `rejoin` plays it as if it had played since `launch_beat`,
    `stop` ends what sounds.
    """

    action: Literal["launch", "rejoin", "stop"]
    beat: float
    launch_beat: float
    music: Music | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What a deck was playing, for undo and for resuming."""

    music: Music
    launch_beat: float


@dataclass(frozen=True, slots=True)
class DeckStatus:
    """The state that a deck reports: as `protocol.DeckReport`, without the deck's number."""

    activity: DeckActivity
    path: Path | None
    launch_beat: float | None
    fits: bool
    held: Path | None
    line: float | None


def path_of(music: Music | None) -> Path | None:
    """Return a take's path; None for endless bars, and for nothing."""
    return music.path if isinstance(music, LoadedTake) else None
