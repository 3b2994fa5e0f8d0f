"""What daemon and render process say to each other about the bars of endless sessions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.messages.requests import RenderRequest


@dataclass(frozen=True, slots=True)
class BarOrder:
    """One bar to make. `past` is the file that the bar before it left; None begins from nothing.

    From `urgent_at` on, a moment of time.monotonic, it goes before the steps of a job under way; until then
    it waits for the job's end. `bar_path` gets a float32 .npy (C, L) at `rate`, `past_path` its own past.
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


@dataclass(frozen=True, slots=True)
class DropBars:
    """Forget the bars of a session that wait; one under way is finished for nothing."""

    session: str


@dataclass(frozen=True, slots=True)
class Maker:
    """What made a bar: the model and its fingerprint, and the machine's kind."""

    model: str
    fingerprint: str
    device: str
    dtype: str
    threads: int


@dataclass(frozen=True, slots=True)
class BarDone:
    """A bar's files are there; `seconds` is how long it took to make."""

    session: str
    bar: int
    seconds: float
    maker: Maker


@dataclass(frozen=True, slots=True)
class BarFailed:
    """A bar cannot be made; `code` is one of `ERROR_CODES`."""

    session: str
    bar: int
    code: str
    message: str
