"""A queue, a library and a worker process at work, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.library.takes import Library
from bridge.messages import Done, Event, Failed, Job
from bridge.render.jobs import render_jobs
from bridge.render.local_engine import LocalEngine
from bridge.render.queue import RenderQueue
from bridge.system.supervisor import Supervisor
from bridge.worker.loop import Target
from tests.bridge.fake_worker import fake_worker, save_model_without_weights
from tests.bridge.waiting import until


@dataclass
class Bench:
    """A queue, a library and a worker at work."""

    queue: RenderQueue
    library: Library
    engine: LocalEngine
    events: list[Event]

    def of(self, job_id: str) -> list[Event]:
        return [event for event in self.events if getattr(event, "job_id", None) == job_id]

    async def ended(self, job_id: str) -> Event:
        await until(lambda: any(isinstance(event, Done | Failed) for event in self.of(job_id)))
        return self.of(job_id)[-1]


@asynccontextmanager
async def at_work(folder: Path, jobs: list[Job], *, target: Target = fake_worker) -> AsyncIterator[Bench]:
    library = Library(folder / "library")
    queue = RenderQueue(library.journal_path)
    models = folder / "models"
    if not models.exists():
        save_model_without_weights(models / "default")
    engine = LocalEngine(library, model_folders=[models], target=target)
    events: list[Event] = []
    supervisor = Supervisor(events.append, first_delay_seconds=0.01)
    for job in jobs:
        queue.put(job)
    queue.recover()
    await supervisor.watch(engine)
    rendering = asyncio.create_task(render_jobs(queue, library, engine, events.append))
    try:
        yield Bench(queue, library, engine, events)
    finally:
        rendering.cancel()
        await asyncio.gather(rendering, return_exceptions=True)
        await supervisor.stop()
        queue.close()
        library.close()
