"""Puts render requests into the queue, and cancels jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bridge.messages import BridgeError, Cancel, Edit, Failed, Hint, Job, Peer, Queued, Render, RenderRequest
from bridge.outputs.outlet import Outlet
from bridge.render.engine import Engine
from bridge.render.queue import RenderQueue


class RenderCommands:
    """Queues and cancels render jobs. Use it only in the event loop.

    `resolve` completes a request, `follow` remembers the sender of a job, to send it the job's events.
    """

    def __init__(
        self,
        queue: RenderQueue,
        engine: Engine,
        outlet: Outlet,
        resolve: Callable[[Render | Edit], Awaitable[RenderRequest]],
        follow: Callable[[str, Peer | None], None],
    ) -> None:
        self._queue = queue
        self._engine = engine
        self._outlet = outlet
        self._resolve = resolve
        self._follow = follow

    async def accept(self, message: Render | Edit) -> str:
        """Queue a render and return its job id. Raises BridgeError if it cannot be rendered."""
        self._queue.admit(message.job_id)
        request = await self._resolve(message)
        job_id = self.put(request, message.job_id, message.sender).job_id
        for sentence in self._engine.hints(message.values, request):
            self._outlet.deliver(Hint(job_id, sentence))
        return job_id

    def put(self, request: RenderRequest, job_id: str | None = None, sender: Peer | None = None) -> Job:
        """Queue a complete request. Raises BridgeError `disk` if the journal cannot be written."""
        job = Job(job_id or self._queue.new_id(), request, sender)
        self._queue.put(job)
        self._follow(job.job_id, sender)
        self._outlet.deliver(Queued(job.job_id, request.seed))
        return job

    def cancel(self, job_id: str) -> None:
        """Cancel a job, or `all`. Raises BridgeError `unknown_job` if it is neither queued nor rendering."""
        found = self._queue.cancel(job_id)
        for waiting in found.queued:
            self._outlet.deliver(Failed(waiting, "cancelled", "cancelled on request, before it began"))
        # A running render reports its own failure, at its next step.
        deaf = [running for running in found.running if not self._engine.cancel(running)]
        if deaf:
            raise BridgeError("unknown_job", f"job id: `{', '.join(deaf)}` is not being rendered any more")

    def cancel_early(self, message: Cancel) -> bool:
        """Cancel a job if it is in the queue already; return whether the message is done with.

        A job whose render message is still waiting is cancelled after that message, and so is `all`; but
        `all` stops the current render at once.
        """
        if message.job_id == "all":
            for running in self._engine.rendering:
                self._engine.cancel(running)
            return False
        if self._queue.state(message.job_id) not in ("queued", "running"):
            return False
        self.cancel(message.job_id)
        return True
