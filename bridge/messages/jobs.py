"""Queued render jobs and their events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bridge.messages.base import Peer
from bridge.messages.requests import RenderRequest


@dataclass(frozen=True, slots=True)
class Job:
    """A queued request; `attempts` counts how often its render was started and interrupted."""

    job_id: str
    request: RenderRequest
    sender: Peer | None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Queued:
    """The job is in the journal and will survive a crash; `seed` is the one of its first variation."""

    job_id: str
    seed: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Something about a queued job that the musician may not expect, in a sentence; the job is rendered."""

    job_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a job, 0 to 1."""

    job_id: str
    fraction: float


_Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class HeardTake:
    """How well a take plays what it was asked to, 0 to 1 as in `msanii.listening.judging`.

    None is not known: nothing was asked, or the take could not be heard.
    """

    chords: _Share | None = None
    onsets: _Share | None = None


@dataclass(frozen=True, slots=True)
class TakeReady:
    """A finished take of a job, for a loop its tail, and the MIDI file of its notes, if it has some.

    The files are final. `bpm` 0 is unknown. `heard` is None if nobody listened.
    """

    job_id: str
    index: int
    path: Path
    seconds: float
    bpm: float
    tail: Path | None = None
    midi: Path | None = None
    heard: HeardTake | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The job is finished: all its takes are ready."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without all of its takes; `code` is one of `ERROR_CODES`."""

    job_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ChildRestarted:
    """The supervisor replaced a child process that had died or hung."""

    child: str
    reason: str


JobEvent = Queued | Hint | Progress | TakeReady | Done | Failed
