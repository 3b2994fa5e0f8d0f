"""The render engine on this computer: a worker process with one model in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge.library.folders import LibraryFolders
from bridge.messages import BridgeError, Done, Failed, Job, Progress, RenderRequest, TakeReady
from bridge.messages.bars import BarDone, BarFailed
from bridge.outputs.drop import discard_unfinished
from bridge.render.bars import BarRequests
from bridge.render.engine import (
    EngineStatus,
    OnEvent,
    WorkerDiedError,
    check_renderable,
    find_model,
    hints,
    settle,
)
from bridge.system.child_process import ChildProcess
from bridge.worker.listener_folder import find_listener
from bridge.worker.loop import (
    Answer,
    CancelOrder,
    ModelFailed,
    ModelReady,
    Order,
    OrderBegun,
    Target,
    WorkerSettings,
    WorkerUp,
)
from bridge.worker.process import worker_main


@dataclass(slots=True)
class _Current:
    """The job whose turn it is: `sent` to the worker that runs now, and `begun` by it.

    It is sent again, once, if the worker ends before it begins the job.
    """

    order: Order
    on_event: OnEvent
    finished: asyncio.Future[None]
    sent: bool = False
    begun: bool = False
    sent_again: bool = False
    cancelled: bool = False
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def disarm(self, name: str) -> None:
        if name in self.timers:
            self.timers.pop(name).cancel()

    def end(self) -> None:
        for timer in self.timers.values():
            timer.cancel()
        self.finished.cancel()

    def settle(self, error: BridgeError | None) -> None:
        settle(self.finished, error)


class LocalEngine:
    """Renders in one worker process on this computer, with one model in memory.

    `model_folders` are searched before the bundled models, `grooves_folder` holds the user's grooves,
    `sounds_folder` the taught sounds. The listener among the models hears every take, without `hear_takes`
    only candidates. Without `settings` the worker chooses device, number format and threads. It is killed if
    a cancelled render goes on for `cancel_grace_seconds`, or if a render reports nothing for `stall_seconds`.
    """

    def __init__(
        self,
        library: LibraryFolders,
        *,
        model: str = "default",
        model_folders: Sequence[Path] = (),
        grooves_folder: Path | None = None,
        sounds_folder: Path | None = None,
        hear_takes: bool = True,
        settings: WorkerSettings | None = None,
        cancel_grace_seconds: float = 10.0,
        stall_seconds: float = 1800.0,
        start_seconds: float = 120.0,
        target: Target = worker_main,
    ) -> None:
        self.name = "render worker"
        self._library = library
        self._model = model
        self._model_folders = tuple(model_folders)
        self._grooves_folder = grooves_folder
        self._sounds_folder = sounds_folder
        self._hear_takes = hear_takes
        self._settings = settings or WorkerSettings()
        self._cancel_grace_seconds = cancel_grace_seconds
        self._stall_seconds = stall_seconds
        self._start_seconds = start_seconds
        self._target = target
        self._process: ChildProcess | None = None
        self._is_up = False
        self._current: _Current | None = None
        self._status = EngineStatus()
        self.bars = BarRequests(self._send)

    @property
    def status(self) -> EngineStatus:
        """The worker's current state."""
        return self._status

    @property
    def rendering(self) -> tuple[str, ...]:
        """The id of the job that is being rendered, if one is."""
        return (self._current.order.job_id,) if self._current else ()

    @property
    def capacity(self) -> int:
        """One job is rendered at a time."""
        return 1

    async def start(self) -> None:
        """Start the worker, which loads its model in the background. Raises OSError."""
        first_model, status = None, EngineStatus("loading")
        try:
            first_model = find_model(self._model, self._model_folders)
        except BridgeError as error:
            # Start it all the same: a request may name another model, or this one be installed later.
            status = EngineStatus("no model", problem=error.message)
        process = ChildProcess(
            self._target, (self._settings, first_model), name="render worker", on_message=self._received
        )
        process.ended.add_done_callback(lambda ended: self._lost(ended.result()))
        self._process = process
        self._status = replace(status, pid=process.pid or 0)

    async def exited(self) -> str:
        """Wait until the worker has ended; return the reason."""
        if self._process is None:
            return self._status.problem or "it is not running"
        return await asyncio.shield(self._process.ended)

    async def stop(self) -> None:
        """End the worker, even during a render: unfinished files have temporary names."""
        self.kill()
        await self.exited()

    def kill(self) -> None:
        """Kill the worker."""
        if self._process is not None and not self._process.ended.done():
            self._process.kill()

    def check(self, request: RenderRequest) -> None:
        """Raise BridgeError for chords, a model, a source or a region that cannot be rendered.

        Candidates cannot be compared without a listener.
        """
        if request.chooses:
            find_listener(self._model_folders)
        check_renderable(
            request, self._library, self._model_folders, self._grooves_folder, self._sounds_folder
        )

    def hints(self, said: Container[str], request: RenderRequest) -> list[str]:
        """Return sentences for whoever asked: what was heard, and which values have no effect."""
        return hints(said, request, self._model_folders)

    async def render(self, job: Job, paths: Sequence[Path], on_event: OnEvent) -> None:
        """Render a job's takes to `paths`, one for each variation; `on_event` gets progress and takes.

        Raises:
            WorkerDiedError: if the worker ended meanwhile, unless the job was cancelled.
            BridgeError: `cancelled`, or the error that stopped the render.
        """
        finished = asyncio.get_running_loop().create_future()
        current = self._current = _Current(self.order_of(job, paths), on_event, finished)
        try:
            self._arm(current, "start", self._start_seconds, self._give_up)
            self._send_order(current)
            await current.finished
        except asyncio.CancelledError:
            self._send(CancelOrder(job.job_id))
            raise
        except BridgeError:
            discard_unfinished(paths)
            raise
        finally:
            current.end()
            self._current = None
            if self._status.state == "rendering":
                self._status = replace(self._status, state="ready", job_id="")

    def cancel(self, job_id: str) -> bool:
        """Stop the render of a job at its next step. Return False if that job is not being rendered."""
        current = self._current
        if current is None or current.order.job_id != job_id:
            return False
        if current.sent and not current.cancelled:
            self._send(CancelOrder(job_id))
        if not current.begun:
            current.settle(_cancelled())
        elif not current.cancelled:
            self._arm(current, "cancel", self._cancel_grace_seconds, self.kill)
        current.cancelled = True
        return True

    def _send_order(self, current: _Current) -> None:
        """Send the current order, if the worker is up; else it is sent once there is another."""
        if not self._is_up or current.finished.done() or not self._send(current.order):
            return
        current.sent = True
        current.disarm("start")
        self._arm(current, "stall", self._stall_seconds, self.kill)

    def _give_up(self) -> None:
        if self._current is not None:
            problem = self._status.problem or "it does not answer"
            self._current.settle(
                BridgeError(
                    "render",
                    f"the render process does not start ({problem}); `msanii-bridge doctor` looks for the "
                    "reason",
                )
            )

    def _send(self, message: object) -> bool:
        return self._process is not None and self._process.send(message)

    def order_of(self, job: Job, paths: Sequence[Path]) -> Order:
        """Return a job with the paths of all that it needs. Raises BridgeError `model` or `source`."""
        return Order(
            job_id=job.job_id,
            request=job.request,
            model_folder=find_model(job.request.model, self._model_folders),
            sources=tuple(self._library.source_path(source) for source in job.request.sources),
            paths=tuple(paths),
            grooves_folder=self._grooves_folder,
            sounds_folder=self._sounds_folder,
            listener_folder=self._listener(job.request),
        )

    def _listener(self, request: RenderRequest) -> Path | None:
        if not (self._hear_takes or request.chooses):
            return None
        try:
            return find_listener(self._model_folders)
        except BridgeError:
            return None  # takes are finished unheard

    def _received(self, answer: Answer) -> None:
        """Handle a message from the worker. Runs in the event loop."""
        if isinstance(answer, BarDone | BarFailed):
            self.bars.received(answer)
        elif isinstance(answer, WorkerUp):
            self._is_up = True
            self.bars.worker_up()
            if self._current is not None:
                self._send_order(self._current)
        elif isinstance(answer, ModelReady):
            self._status = replace(
                self._status,
                state="rendering" if self._current and self._current.begun else "ready",
                model=answer.model,
                fingerprint=answer.fingerprint,
                device=answer.device,
                dtype=answer.dtype,
                threads=answer.threads,
                layout=answer.layout,
                problem="",
            )
        elif isinstance(answer, ModelFailed):
            self._status = replace(self._status, state="no model", problem=answer.message)
        elif self._current is not None and answer.job_id == self._current.order.job_id:
            self._progressed(self._current, answer)

    def _progressed(
        self, current: _Current, answer: OrderBegun | Progress | TakeReady | Done | Failed
    ) -> None:
        if isinstance(answer, OrderBegun):
            current.begun = True
            self._status = replace(self._status, state="rendering", job_id=answer.job_id)
        elif isinstance(answer, Done):
            current.settle(None)
        elif isinstance(answer, Failed):
            current.settle(BridgeError(answer.code, answer.message))
        else:
            self._arm(current, "stall", self._stall_seconds, self.kill)
            current.on_event(answer)

    def _arm(self, current: _Current, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Start or restart a timer that acts, as a last resort, unless the render ends first."""
        current.disarm(name)
        current.timers[name] = asyncio.get_running_loop().call_later(seconds, act)

    def _lost(self, reason: str) -> None:
        """Handle the end of the worker."""
        self._is_up = False
        self.bars.worker_lost()
        self._process = None
        self._status = EngineStatus(problem=reason)
        current = self._current
        if current is None or not current.sent:
            return
        if current.begun or current.sent_again:
            died = WorkerDiedError(f"the render process ended during the render: {reason}")
            current.settle(_cancelled() if current.cancelled else died)
        else:
            current.sent, current.sent_again = False, True
            current.disarm("stall")
            self._arm(current, "start", self._start_seconds, self._give_up)


def _cancelled() -> BridgeError:
    return BridgeError("cancelled", "cancelled on request; takes that were finished before stay")
