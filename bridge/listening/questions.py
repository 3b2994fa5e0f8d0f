"""What the daemon and the listening process tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.messages import HeardAudio


@dataclass(frozen=True, slots=True)
class Question:
    """What is heard in the audio at `paths`, files that play together, of which the longest lasts `seconds`.

    `name` is its name for errors, `listener` the folder of the listener that hears it.
    """

    paths: tuple[Path, ...]
    name: str
    seconds: float
    listener: Path


@dataclass(frozen=True, slots=True)
class NotHeard:
    """Why a file could not be heard: code and message of a BridgeError."""

    code: str
    message: str


Answer = HeardAudio | NotHeard
