"""Jobs that the queue holds, and the events that come of them. All of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.messages.base import Peer
from bridge.messages.requests import RenderRequest


@dataclass(frozen=True, slots=True)
class Job:
    """One queued request; `attempts` counts how often a render of it began and broke off."""

    job_id: str
    request: RenderRequest
    sender: Peer | None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Queued:
    """The job is in the journal and will survive a crash; `seed` is that of its first variation."""

    job_id: str
    seed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come, 0 to 1."""

    job_id: str
    fraction: float


@dataclass(frozen=True, slots=True)
class TakeReady:
    """One finished file of a job, and a loop's tail beside it; neither will be touched again."""

    job_id: str
    index: int
    path: Path
    seconds: float
    bpm: float
    tail: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Every take of the job is ready."""

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


JobEvent = Queued | Progress | TakeReady | Done | Failed
