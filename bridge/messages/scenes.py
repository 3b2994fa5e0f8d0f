"""Requests to, and events of, scenes: rows over all decks that are launched together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Message

SceneAction = Literal["take", "stop", "leave"]
SceneActivity = Literal["empty", "stopped", "armed", "playing"]

MAX_SCENES = 64


@dataclass(frozen=True, slots=True)
class LaunchScene(Message):
    """Launch a scene: its takes start, and its stopped decks stop, on one line."""

    scene: int


@dataclass(frozen=True, slots=True)
class StoreScene(Message):
    """Keep what the decks do as a scene: those that play or are armed with their takes, others as stopped."""

    scene: int


@dataclass(frozen=True, slots=True)
class SetSceneDeck(Message):
    """Set what a scene does with one deck. `take` and `bpm` are as in `LoadDeck`, for the action `take`."""

    scene: int
    deck: int
    action: SceneAction
    take: str = ""
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class SetSceneTempo(Message):
    """Set the tempo of a scene, in quarter notes a minute; None keeps the stage's."""

    scene: int
    bpm: float | None


@dataclass(frozen=True, slots=True)
class NameScene(Message):
    """Name a scene; an empty name takes it away."""

    scene: int
    name: str


@dataclass(frozen=True, slots=True)
class ReadScene(Message):
    """Read the name or the tempo of a scene."""

    scene: int
    what: Literal["name", "tempo"]


@dataclass(frozen=True, slots=True)
class ClearScene(Message):
    """Empty a scene."""

    scene: int


@dataclass(frozen=True, slots=True)
class ListScenes(Message):
    """List the scenes that are not empty."""


# --- events ---


@dataclass(frozen=True, slots=True)
class SceneDeck:
    """What a scene does with a deck; `take` is a file name, `bpm` the tempo given with it, or None."""

    deck: int
    action: SceneAction
    take: str = ""
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class SceneChanged:
    """A scene was stored, changed or cleared: what it holds now. `bpm` None keeps the stage's tempo."""

    scene: int
    activity: SceneActivity
    name: str
    bpm: float | None
    decks: tuple[SceneDeck, ...]


@dataclass(frozen=True, slots=True)
class SceneActive:
    """A scene has another activity: `armed` while it waits, `playing` while its decks do what it says."""

    scene: int
    activity: SceneActivity


SceneEvent = SceneChanged | SceneActive
