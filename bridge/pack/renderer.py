"""What a pack asks of whoever renders: orders in, finished takes out, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bridge.messages import Argument


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished take at `path`; its tail, notes and recipe lie beside it."""

    job_id: str
    path: Path


@dataclass(frozen=True, slots=True)
class NotRendered:
    """A render that failed, with a code of `ERROR_CODES` and a sentence."""

    job_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A render goes on: its share that is done, 0 to 1."""

    job_id: str
    fraction: float


RenderEvent = Rendered | NotRendered | Rendering


class Renderer(Protocol):
    """Renders orders of one take each, in any order; several may be open at once."""

    scratch: Path
    """a folder for files of notes that orders name"""

    def order(self, job_id: str, arguments: Sequence[Argument]) -> None:
        """Ask for a take by `key value` pairs. Raises BridgeError if it cannot be sent."""

    def next_event(self) -> RenderEvent:
        """Wait for what happens next to an open order. Raises BridgeError if the renderer is gone."""
