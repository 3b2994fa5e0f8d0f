"""Starts children, watches them and starts them again; and feeds the render worker from the queue.

A child is anything with a process of its own: the render worker now, audio and MIDI later.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Protocol

from bridge.engine import Engine, WorkerDiedError
from bridge.messages import BridgeError, ChildRestarted, Done, Event, Failed, Job, Progress, TakeReady
from bridge.render_queue import RenderQueue
from bridge.takes import Library

_log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
_JOURNAL_PAUSE_SECONDS = 1.0


class Child(Protocol):
    """One supervised process. Its methods are called from the event loop alone."""

    name: str

    async def start(self) -> None:
        """Starts the process; returns without waiting for it to be ready."""

    async def exited(self) -> str:
        """Waits until the process has ended; returns the reason in words."""

    async def stop(self) -> None:
        """Asks the process to end, and returns when it has."""

    def kill(self) -> None:
        """Ends the process at once."""


class Supervisor:
    """Keeps children alive. Each restart is an event; restarts in a row wait longer and longer.

    The wait begins at `first_delay_seconds`, doubles up to `longest_delay_seconds`, and begins anew for a
    child that lived `healthy_seconds`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        first_delay_seconds: float = 0.2,
        longest_delay_seconds: float = 30.0,
        healthy_seconds: float = 60.0,
    ) -> None:
        self._on_event = on_event
        self._first_delay_seconds = first_delay_seconds
        self._longest_delay_seconds = longest_delay_seconds
        self._healthy_seconds = healthy_seconds
        self._children: list[tuple[Child, asyncio.Task[None]]] = []

    async def watch(self, child: Child) -> None:
        """Starts a child, and keeps it alive in the background until `stop`."""
        await child.start()
        task = asyncio.create_task(self._keep_alive(child), name=f"supervise {child.name}")
        self._children.append((child, task))

    async def stop(self) -> None:
        """Ends every child; one that does not end by itself within 10 seconds is killed."""
        children, self._children = self._children, []
        for _, task in children:
            task.cancel()
        await asyncio.gather(*(task for _, task in children), return_exceptions=True)
        await asyncio.gather(*(_end(child) for child, _ in children))

    async def _keep_alive(self, child: Child) -> None:
        delay_seconds = self._first_delay_seconds
        started = time.monotonic()
        while True:
            reason = await child.exited()
            if time.monotonic() - started >= self._healthy_seconds:
                delay_seconds = self._first_delay_seconds
            _log.warning("the %s ended: %s", child.name, reason)
            await asyncio.sleep(delay_seconds)
            delay_seconds = min(2 * delay_seconds, self._longest_delay_seconds)
            started = time.monotonic()
            try:
                await child.start()
            except Exception as error:
                # No memory, process or thread left just now: the next turn of the loop tries again.
                _log.warning("the %s cannot be started: %r", child.name, error)
                continue
            self._on_event(ChildRestarted(child.name, reason))


async def _end(child: Child) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await child.stop()
    except TimeoutError:
        child.kill()


async def render_jobs(
    queue: RenderQueue, library: Library, engine: Engine, deliver: Callable[[Event], None]
) -> None:
    """Renders what the queue holds, one job after the other, for ever.

    Cancel the task to stop: the job under way goes back into the queue as if it had not begun.
    """
    while True:
        try:
            job = await queue.next()
        except BridgeError as error:
            # A full disk: the jobs are safe in the journal, and go on when there is room.
            _log.warning("the queue waits: %s", error)
            await asyncio.sleep(_JOURNAL_PAUSE_SECONDS)
            continue
        try:
            await _render_job(job, queue, library, engine, deliver)
        except asyncio.CancelledError:
            with contextlib.suppress(BridgeError):
                queue.put_back(job.job_id)
            raise


async def _render_job(
    job: Job, queue: RenderQueue, library: Library, engine: Engine, deliver: Callable[[Event], None]
) -> None:
    def on_event(event: Progress | TakeReady) -> None:
        if isinstance(event, TakeReady):
            _index(library, event)
        deliver(event)

    try:
        await engine.render(job, library.allocate_names(job), on_event)
    except WorkerDiedError as error:
        deliver(_tried_again(queue, job, error))
    except BridgeError as error:
        queue.end(job.job_id, "cancelled" if error.code == "cancelled" else "failed")
        deliver(Failed(job.job_id, error.code, error.message))
    except Exception as error:
        # Whatever goes wrong with one job, the next one gets its turn.
        _log.exception("job %s", job.job_id)
        queue.end(job.job_id, "failed")
        deliver(Failed(job.job_id, "internal", f"something went wrong inside the bridge: {error!r}"))
    else:
        queue.end(job.job_id, "done")
        deliver(Done(job.job_id))


def _tried_again(queue: RenderQueue, job: Job, death: WorkerDiedError) -> Event:
    """Queues a job once more whose worker died; returns what to say of it."""
    try:
        if queue.retry(job.job_id) is not None:
            return Progress(job.job_id, 0.0)
    except BridgeError as error:
        queue.end(job.job_id, "failed")
        return Failed(job.job_id, death.code, f"{death}; it cannot be tried again: {error}")
    return Failed(job.job_id, death.code, f"{death}; it was tried twice")


def _index(library: Library, event: TakeReady) -> None:
    """Adds a take to the index; the file counts even where that fails, and the next start finds it."""
    try:
        library.add(event.path)
    except BridgeError as error:
        _log.warning("take %s: %s", event.path.name, error)
