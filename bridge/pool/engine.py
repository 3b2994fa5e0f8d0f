"""The render engine on many machines: a pool of renderers, in a process of its own that holds Ray.

It renders jobs only. Endless bars need an answer within a bar: they stay with the local engine.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.messages import BridgeError, Done, Failed, Job, Progress, RenderRequest, TakeReady
from bridge.outputs.drop import discard_unfinished
from bridge.pool.child import pool_main
from bridge.pool.messages import ClosePool, Node, NodesChanged, PoolFailed, PoolPlan, PoolUp
from bridge.render.engine import EngineState, EngineStatus, NodeStatus, OnEvent, WorkerDiedError, settle
from bridge.render.local_engine import LocalEngine
from bridge.system.child_process import ChildProcess
from bridge.worker.loop import CancelOrder, Order, OrderBegun

_log = logging.getLogger(__name__)

INSTALL = "pip install 'msanii-bridge[pool]'"


@dataclass(slots=True)
class _Running:
    """A job in the pool: `sent` to the process that runs now, and `begun` by it."""

    order: Order
    on_event: OnEvent
    finished: asyncio.Future[None]
    sent: bool = False
    begun: bool = False
    cancelled: bool = False
    give_up: asyncio.TimerHandle | None = None

    def settle(self, error: BridgeError | None) -> None:
        settle(self.finished, error)

    def disarm(self) -> None:
        if self.give_up is not None:
            self.give_up.cancel()
            self.give_up = None


def check_installed() -> None:
    """Raise BridgeError `missing` if Ray is not installed here. Does not import it."""
    if importlib.util.find_spec("ray") is None:
        raise BridgeError("missing", f"`pool`: needs Ray, which is not installed; {INSTALL}")


class PoolEngine:
    """Renders jobs in a pool, several at once.

    `local` checks requests and knows where their files are. A job fails if there is no renderer for
    `start_seconds`.
    """

    def __init__(self, plan: PoolPlan, local: LocalEngine, *, start_seconds: float = 240.0) -> None:
        self.name = "render pool"
        self._plan = plan
        self._local = local
        self._start_seconds = start_seconds
        self._process: ChildProcess | None = None
        self._is_up = False
        self._running: dict[str, _Running] = {}
        self._nodes: tuple[Node, ...] = ()
        self._problem = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All renderers of the pool, also those that were lost."""
        return self._nodes

    @property
    def status(self) -> EngineStatus:
        """The pool's current state; without a renderer in it, the local worker's model and device."""
        rendering = self.rendering
        works = [node for node in self._nodes if node.works]
        local = self._local.status
        state: EngineState = (
            "rendering" if rendering else "ready" if works else "loading" if self._is_up else "down"
        )
        return replace(
            local,
            state=local.state if local.state in ("loading", "no model") else state,
            pid=self._process.pid or 0 if self._process else 0,
            job_id=", ".join(rendering),
            problem=self._problem or local.problem,
            nodes=tuple(_shown(node) for node in self._nodes),
        )

    @property
    def rendering(self) -> tuple[str, ...]:
        """The ids of the jobs that have begun."""
        return tuple(job_id for job_id, running in self._running.items() if running.begun)

    @property
    def capacity(self) -> int:
        """How many jobs to render at once: one for each renderer, and one that waits for a free one."""
        return 1 + sum(node.works for node in self._nodes)

    async def start(self) -> None:
        """Start the pool process, which connects to the cluster in the background. Raises OSError."""
        process = ChildProcess(pool_main, (self._plan,), name="render pool", on_message=self._received)
        process.ended.add_done_callback(lambda ended: self._lost(process, ended.result()))
        self._process = process

    async def exited(self) -> str:
        """Wait until the pool process has ended; return the reason."""
        if self._process is None:
            return self._problem or "it is not running"
        reason = await asyncio.shield(self._process.ended)
        return self._problem or reason

    async def stop(self) -> None:
        """End the renderers and the pool process; unfinished files have temporary names."""
        if self._process is not None:
            self._process.send(ClosePool())
        await self.exited()

    def kill(self) -> None:
        """Kill the pool process."""
        if self._process is not None and not self._process.ended.done():
            self._process.kill()

    def check(self, request: RenderRequest) -> None:
        """Raise BridgeError for a request that cannot be rendered."""
        self._local.check(request)

    def hints(self, said: Container[str], request: RenderRequest) -> list[str]:
        """Return sentences for whoever asked: what was heard, and which values have no effect."""
        return self._local.hints(said, request)

    async def render(self, job: Job, paths: Sequence[Path], on_event: OnEvent) -> None:
        """Render a job's takes to `paths`, one for each variation; `on_event` gets progress and takes.

        Raises:
            WorkerDiedError: if the pool process ended meanwhile, unless the job was cancelled.
            BridgeError: `cancelled`, or the error that stopped the render.
        """
        finished = asyncio.get_running_loop().create_future()
        running = _Running(self._local.order_of(job, paths), on_event, finished)
        self._running[job.job_id] = running
        try:
            self._wait_for_renderer(running)
            self._send_order(running)
            await finished
        except asyncio.CancelledError:
            self._send(CancelOrder(job.job_id))
            raise
        except BridgeError:
            discard_unfinished(paths)
            raise
        finally:
            running.disarm()
            del self._running[job.job_id]

    def cancel(self, job_id: str) -> bool:
        """Stop the render of a job. Return False if that job is not being rendered."""
        running = self._running.get(job_id)
        if running is None:
            return False
        running.cancelled = True
        if not (running.sent and self._send(CancelOrder(job_id))):
            running.settle(_cancelled())
        return True

    def _send_order(self, running: _Running) -> None:
        """Send an order, if the pool is up; else it is sent once there is another."""
        if self._is_up and not running.finished.done():
            running.sent = self._send(running.order)

    def _send(self, message: object) -> bool:
        return self._process is not None and self._process.send(message)

    def _received(self, answer: object) -> None:
        """Handle a message from the pool process. Runs in the event loop."""
        if isinstance(answer, PoolUp):
            self._is_up = True
            self._problem = ""
            for running in self._running.values():
                self._send_order(running)
        elif isinstance(answer, NodesChanged):
            self._nodes_changed(answer.nodes)
        elif isinstance(answer, PoolFailed):
            self._problem = answer.message
            _log.warning("%s", answer.message)
        elif isinstance(answer, OrderBegun | Progress | TakeReady | Done | Failed):
            running_now = self._running.get(answer.job_id)
            if running_now is not None:
                self._progressed(running_now, answer)

    def _nodes_changed(self, nodes: tuple[Node, ...]) -> None:
        known = {node.name: node for node in self._nodes}
        self._nodes = nodes
        for node in nodes:
            before = known.get(node.name)
            if node.state in ("lost", "refused") and (before is None or before.state != node.state):
                _log.warning("the pool's %s is %s: %s", node.name, node.state, node.problem)
        for running in self._running.values():
            if any(node.works for node in nodes):
                running.disarm()
            elif running.give_up is None:
                self._wait_for_renderer(running)

    def _progressed(
        self, running: _Running, answer: OrderBegun | Progress | TakeReady | Done | Failed
    ) -> None:
        if isinstance(answer, OrderBegun):
            running.begun = True
        elif isinstance(answer, Done):
            running.settle(None)
        elif isinstance(answer, Failed):
            running.settle(BridgeError(answer.code, answer.message))
        else:
            running.on_event(answer)

    def _wait_for_renderer(self, running: _Running) -> None:
        """Fail the job in some minutes, if no renderer has come until then."""
        if any(node.works for node in self._nodes):
            return

        def fail() -> None:
            problems = [self._problem, *(node.problem for node in self._nodes)]
            why = next(filter(None, problems), "it is starting")
            self._send(CancelOrder(running.order.job_id))
            running.settle(BridgeError("render", f"no renderer in the pool: {why}"))

        running.disarm()
        running.give_up = asyncio.get_running_loop().call_later(self._start_seconds, fail)

    def _lost(self, process: ChildProcess, reason: str) -> None:
        """Handle the end of the pool process: jobs that had not begun wait for the next one."""
        if self._process is process:
            self._process = None
        self._is_up = False
        self._problem = self._problem or f"the pool process ended: {reason}"
        self._nodes = tuple(
            replace(node, state="lost", job_id="", problem=self._problem) for node in self._nodes
        )
        for running in self._running.values():
            if running.begun:
                died = WorkerDiedError(f"the pool ended during the render: {self._problem}")
                running.settle(_cancelled() if running.cancelled else died)
            elif running.cancelled:
                running.settle(_cancelled())
            else:
                running.sent = False
                self._wait_for_renderer(running)


def _shown(node: Node) -> NodeStatus:
    return NodeStatus(
        node.name, node.state, node.device, node.processor, node.model, node.job_id, node.problem
    )


def _cancelled() -> BridgeError:
    return BridgeError("cancelled", "cancelled on request; takes that were finished before stay")
