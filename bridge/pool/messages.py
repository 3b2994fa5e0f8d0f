"""Messages between the daemon and the pool process, beside those of a render worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.system.pool_address import PoolAddress
from bridge.worker.loop import Renderer, WorkerSettings
from bridge.worker.process import PipelineRenderer

NodeState = Literal["starting", "ready", "rendering", "lost", "refused"]


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """How to render in a pool: where it is, what each renderer is, and the model to load first.

    A renderer that starts or reports nothing for so many seconds is given up. `cache_folder` is where nodes
    keep models; "" is the user's cache folder there.
    """

    address: PoolAddress
    settings: WorkerSettings = field(default_factory=WorkerSettings)
    first_model: Path | None = None
    make_renderer: Callable[[WorkerSettings], Renderer] = PipelineRenderer
    cache_folder: str = ""
    connect_seconds: float = 10.0
    start_seconds: float = 180.0
    stall_seconds: float = 1800.0
    cancel_grace_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Node:
    """One renderer of the pool: a machine, or one GPU of it.

    `device`, `processor` and `model` are empty until they are known; `problem` says why it does not render.
    It has rendered for `seconds` so far.
    """

    name: str
    state: NodeState
    device: str = ""
    processor: str = ""
    model: str = ""
    job_id: str = ""
    problem: str = ""
    seconds: float = 0.0

    @property
    def works(self) -> bool:
        """Whether it can render, now or once it has finished."""
        return self.state in ("ready", "rendering")


@dataclass(frozen=True, slots=True)
class NodesChanged:
    """All renderers of the pool, as they are now."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class PoolUp:
    """The pool process is connected, and accepts orders."""


@dataclass(frozen=True, slots=True)
class PoolFailed:
    """There is no pool, for this reason; the process ends."""

    message: str


@dataclass(frozen=True, slots=True)
class ClosePool:
    """End all renderers, then the process."""
