"""The parts of a deck's state: what waits for a line and what can be resumed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.audio_child.decks.voices import LoadedTake, Music
from bridge.messages.stage import Quantise


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a deck does at `beat`.

    `launch` and `rejoin` play the music as if it had played since `launch_beat`, which for a launch is `beat`
    unless it is legato; `stop` ends what sounds. Undo takes back what a hand launches, and all that a scene
    does, but no follow action. After a jump it waits for the next line of `quantise`, or of the deck's own.
    """

    action: Literal["launch", "rejoin", "stop"]
    beat: float
    launch_beat: float
    music: Music | None = None
    by: Literal["hand", "scene", "follow"] = "hand"
    quantise: Quantise | None = None

    @property
    def is_undone(self) -> bool:
        """Whether undo cancels it while it waits."""
        return self.by == "scene" or (self.action == "launch" and self.by == "hand")


@dataclass(frozen=True, slots=True)
class Played:
    """What a deck was playing, for undo and for resuming."""

    music: Music
    launch_beat: float


def path_of(music: Music | None) -> Path | None:
    """Return a take's path; None for endless bars, and for nothing."""
    return music.path if isinstance(music, LoadedTake) else None
