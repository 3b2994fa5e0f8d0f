"""Feeds the render engine from the queue, as many jobs at a time as it takes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from bridge.library.takes import Library
from bridge.messages import BridgeError, Done, Event, Failed, Job, Progress, TakeReady
from bridge.render.engine import Engine, WorkerDiedError
from bridge.render.queue import RenderQueue

_log = logging.getLogger(__name__)

_JOURNAL_PAUSE_SECONDS = 1.0
# An engine's capacity may grow while it renders.
_LOOK_AGAIN_SECONDS = 1.0


async def render_jobs(
    queue: RenderQueue, library: Library, engine: Engine, deliver: Callable[[Event], None]
) -> None:
    """Render the queue's jobs, oldest first, as many at once as the engine's `capacity`, for ever.

    Cancel the task to stop: jobs that are being rendered go back into the queue as if they had not begun.
    """
    running = set[asyncio.Task[None]]()
    turn = asyncio.Lock()
    try:
        while True:
            while len(running) < engine.capacity:
                rendering = _render_next(turn, queue, library, engine, deliver)
                running.add(asyncio.create_task(rendering, name="render"))
            ended, running = await asyncio.wait(
                running, timeout=_LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for task in ended:
                task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _render_next(
    turn: asyncio.Lock, queue: RenderQueue, library: Library, engine: Engine, deliver: Callable[[Event], None]
) -> None:
    """Wait for a job, in `turn` with others who do, and render it.

    Nothing may come between the two: a cancel finds a job in the queue or in the engine.
    """
    try:
        async with turn:
            job = await queue.next()
        await _render_job(job, queue, library, engine, deliver)
    except BridgeError as error:
        await _wait_for_disk(error)


async def _wait_for_disk(error: BridgeError) -> None:
    """Pause: the disk is full, or another program holds journal or index. The jobs are safe, and wait."""
    _log.warning("the queue waits: %s", error)
    await asyncio.sleep(_JOURNAL_PAUSE_SECONDS)


async def _render_job(
    job: Job, queue: RenderQueue, library: Library, engine: Engine, deliver: Callable[[Event], None]
) -> None:
    """Render a job. Raises BridgeError `busy` if its takes cannot be named yet; then it keeps its place."""

    def on_event(event: Progress | TakeReady) -> None:
        if isinstance(event, TakeReady):
            _index(library, event)
        deliver(event)

    try:
        await engine.render(job, library.allocate_names(job), on_event)
    except WorkerDiedError as error:
        deliver(_tried_again(queue, job, error))
    except asyncio.CancelledError:
        with contextlib.suppress(BridgeError):
            queue.put_back(job.job_id)
        raise
    except BridgeError as error:
        if error.code == "busy":
            queue.put_back(job.job_id)
            raise
        queue.end(job.job_id, "cancelled" if error.code == "cancelled" else "failed")
        deliver(Failed(job.job_id, error.code, error.message))
    except Exception as error:
        # No failure of one job may keep the next from being rendered.
        _log.exception("job %s", job.job_id)
        queue.end(job.job_id, "failed")
        deliver(Failed(job.job_id, "internal", f"something went wrong inside the bridge: {error!r}"))
    else:
        queue.end(job.job_id, "done")
        deliver(Done(job.job_id))


def _tried_again(queue: RenderQueue, job: Job, death: WorkerDiedError) -> Event:
    """Requeue a job whose worker died, if it has a retry left; return the event to deliver."""
    try:
        if queue.retry(job.job_id) is not None:
            return Progress(job.job_id, 0.0)
    except BridgeError as error:
        queue.end(job.job_id, "failed")
        return Failed(job.job_id, death.code, f"{death}; it cannot be tried again: {error}")
    return Failed(job.job_id, death.code, f"{death}; it was tried twice")


def _index(library: Library, event: TakeReady) -> None:
    """Add a take to the index. If this fails the take still counts, and is indexed at the next start."""
    try:
        library.add(event.path)
    except BridgeError as error:
        _log.warning("take %s: %s", event.path.name, error)
