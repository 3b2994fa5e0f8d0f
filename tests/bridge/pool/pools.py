"""A pool engine beside a library, for the tests of the pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.library.takes import Library
from bridge.messages import Event, TakeReady
from bridge.pool.engine import PoolEngine
from bridge.pool.messages import PoolPlan
from bridge.render.local_engine import LocalEngine
from bridge.system.pool_address import parse_pool
from bridge.worker.loop import Renderer, WorkerSettings
from tests.bridge.fake_worker import fake_worker, save_model_without_weights
from tests.bridge.pool_renderers import fake_renderer
from tests.bridge.render_requests import make_job
from tests.bridge.waiting import until

# Ray itself waits half a minute for each of its servers on a busy machine, and then we ask again.
START_SECONDS = 240.0


@dataclass
class Pool:
    """A running pool and what it said."""

    engine: PoolEngine
    library: Library
    events: list[Event] = field(default_factory=list)

    async def render(self, job_id: str, **values: Any) -> list[TakeReady]:
        """Render a job; returns its takes."""
        job = make_job(job_id, **values)
        events: list[Event] = []
        await self.engine.render(job, self.library.allocate_names(job), events.append)
        self.events += events
        return [event for event in events if isinstance(event, TakeReady)]

    async def ready(self, count: int) -> None:
        """Wait until so many renderers work."""
        await until(lambda: sum(node.works for node in self.engine.nodes) == count, START_SECONDS)


@asynccontextmanager
async def pool(
    folder: Path,
    address: str = "auto",
    *,
    models: Path | None = None,
    renderer: Callable[[WorkerSettings], Renderer] = fake_renderer,
    renderers: int = 2,
    **plan: Any,
) -> AsyncIterator[Pool]:
    """A pool with a library in `folder`, once so many renderers work."""
    library = Library(folder / "library")
    models = models or save_model_without_weights(folder / "models" / "default")
    local = LocalEngine(library, model_folders=[models], hear_takes=False, target=fake_worker)
    first = next(models.iterdir())
    made = PoolPlan(
        parse_pool(address),
        plan.pop("settings", WorkerSettings("cpu", "float32", 1)),
        first,
        renderer,
        cache_folder=str(folder / "node_cache"),
        **plan,
    )
    engine = PoolEngine(made, local, start_seconds=START_SECONDS)
    await engine.start()
    running = Pool(engine, library)
    try:
        await running.ready(renderers)
        yield running
    finally:
        await engine.stop()
        library.close()
