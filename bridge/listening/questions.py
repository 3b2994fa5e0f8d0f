"""What the daemon and the listening process tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
class HeardAudio:
    """What was heard in a file. Where nothing is known, numbers are 0, texts empty, and `first_beat` is -1.

    `bpm` counts quarter notes; `confidence`, 0 to 1, is how likely it is right for the whole file.
    `first_beat` is the first downbeat, in samples of the file. `chords` has a text for each bar from there
    on, with `|` between them. `beats` are the seconds of all beats from the first downbeat on;
    `steadiness` is the share of them that are at `bpm`.
    """

    bpm: float
    numerator: int
    denominator: int
    first_beat: int
    key: str
    chords: str
    confidence: float
    beats: tuple[float, ...] = ()
    steadiness: float = 0.0


@dataclass(frozen=True, slots=True)
class NotHeard:
    """Why a file could not be heard: code and message of a BridgeError."""

    code: str
    message: str


Answer = HeardAudio | NotHeard
