"""Messages between the daemon and the render process about bars of endless sessions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.messages.requests import RenderRequest


@dataclass(frozen=True, slots=True)
class BarOrder:
    """Render one bar. `past` is the context file of the bar before it, or None for the first bar.

    Until `urgent_at`, in seconds of time.monotonic, it waits for the current job to end; after that it is
    rendered between the job's steps. `bar_path` gets a float32 .npy (C, L) at `rate` hertz, C channels and L
    samples; `past_path` gets this bar's context.
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
    """Drop a session's waiting bars; one being rendered is finished, and its result discarded."""

    session: str


@dataclass(frozen=True, slots=True)
class Maker:
    """The setup that rendered a bar: the model and its fingerprint, device, dtype and threads."""

    model: str
    fingerprint: str
    device: str
    dtype: str
    threads: int


@dataclass(frozen=True, slots=True)
class BarDone:
    """A bar has been rendered and its files are written; `seconds` is the time that it took."""

    session: str
    bar: int
    seconds: float
    maker: Maker


@dataclass(frozen=True, slots=True)
class BarFailed:
    """A bar could not be rendered; `code` is one of `ERROR_CODES`."""

    session: str
    bar: int
    code: str
    message: str
