"""The render process's main loop, and the messages between it and the daemon.

The process ends when its pipe to the daemon closes, so that a killed daemon leaves no worker behind.
"""

from __future__ import annotations

import logging
import math
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bridge.messages import BridgeError, Done, Failed, Progress, RenderRequest, TakeReady
from bridge.messages.bars import BarDone, BarFailed, BarOrder, DropBars
from bridge.system.priority import yield_to_others

if TYPE_CHECKING:
    from bridge.settings import Settings

_log = logging.getLogger(__name__)

# PyTorch raises RuntimeError when the CPU runs out of memory.
_OUT_OF_MEMORY = ("out of memory", "allocate memory", "not enough memory")


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The user's settings for rendering. With `auto`, `auto` and 0 the worker chooses.

    With the layout `auto` it measures what is fastest, and remembers that in the file at `probe_path`.
    """

    device: str = "auto"
    dtype: str = "auto"
    threads: int = 0
    layout: str = "contiguous"
    probe_path: Path | None = None

    @staticmethod
    def of(settings: Settings) -> WorkerSettings:
        """What the settings say of rendering."""
        return WorkerSettings(
            device=settings.device,
            dtype=settings.dtype,
            threads=settings.threads,
            layout=settings.layout,
            probe_path=settings.probe_path,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """A job to render, with the paths of its model, sources and takes to write.

    The folders hold the user's grooves, taught sounds, and the listener; without that nobody hears the takes.
    With `only`, no other takes than those of these whole batches are rendered.
    """

    job_id: str
    request: RenderRequest
    model_folder: Path
    sources: tuple[Path, ...]
    paths: tuple[Path, ...]
    grooves_folder: Path | None = None
    sounds_folder: Path | None = None
    listener_folder: Path | None = None
    only: range | None = None

    @property
    def takes(self) -> range:
        """The indices of the takes to render."""
        return self.request.takes if self.only is None else self.only

    @property
    def batches(self) -> list[range]:
        """The indices of the takes of each batch to render."""
        return [batch for batch in self.request.batches if batch.start in self.takes]


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel a job at its next step."""

    job_id: str


@dataclass(frozen=True, slots=True)
class WorkerUp:
    """The process is up and accepts orders; its model may still be loading."""


@dataclass(frozen=True, slots=True)
class OrderBegun:
    """A job's turn has come. If the process ends before this, the job is not what ended it."""

    job_id: str


@dataclass(frozen=True, slots=True)
class ModelReady:
    """A model is loaded. `processor` is the kind that computes, such as AVX512, or a GPU's name.

    `layout` is that of the network's tensors in memory, as `msanii.memory_layout` writes it.
    """

    model: str
    fingerprint: str
    device: str
    dtype: str
    threads: int
    processor: str = ""
    layout: str = ""


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """The initial model could not be loaded; each order tries again."""

    code: str
    message: str


Answer = (
    WorkerUp
    | OrderBegun
    | ModelReady
    | ModelFailed
    | Progress
    | TakeReady
    | Done
    | Failed
    | BarDone
    | BarFailed
)
Emit = Callable[[Answer], None]
StopIfCancelled = Callable[[], None]
Target = Callable[[Connection, WorkerSettings, Path | None], None]


class Renderer(Protocol):
    """The worker's renderer."""

    def load(self, model_folder: Path) -> ModelReady:
        """Load a model, unless it is loaded already. Raises BridgeError."""

    def render(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> None:
        """Render an order, calling `stop_if_cancelled` at each step. Raises BridgeError."""

    def render_bar(self, order: BarOrder) -> BarDone:
        """Render one bar of an endless session, even in the middle of `render`. Raises BridgeError."""


def serve(connection: Connection, make_renderer: Callable[[], Renderer], first_model: Path | None) -> None:
    """Carry out orders until the pipe closes."""
    # Ctrl-C in a terminal reaches every process, but the daemon decides how this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield_to_others()
    inbox = _Inbox(connection)
    inbox.emit(WorkerUp())
    renderer = make_renderer()
    if first_model is not None:
        inbox.emit(_first_load(renderer, first_model))
    for order in inbox.orders():
        made = _bar(renderer, order) if isinstance(order, BarOrder) else _fulfilled(renderer, order, inbox)
        inbox.emit(made)


class _Inbox:
    """Reads the pipe in a thread, so that a cancel arrives in the middle of a render."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # None stands for a bar: which one is decided when its turn comes, if any is left by then.
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._bars: list[BarOrder] = []
        self._lock = threading.Lock()
        self._cancelled: set[str] = set()
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    def emit(self, answer: Answer) -> None:
        try:
            self._connection.send(answer)
        except OSError:
            os._exit(0)  # the daemon is gone

    def orders(self) -> Iterator[Order | BarOrder]:
        """Yield jobs and bars in order of arrival; among bars, the one due first."""
        while True:
            order = self._orders.get()
            if order is None:
                if (bar := self.take_bar(math.inf)) is not None:
                    yield bar
                continue
            yield order
            self._cancelled.discard(order.job_id)

    def take_bar(self, urgent_by: float) -> BarOrder | None:
        """Remove and return the bar due first, if it is urgent at that time of time.monotonic."""
        with self._lock:
            first = min(self._bars, key=lambda bar: bar.urgent_at, default=None)
            if first is None or first.urgent_at > urgent_by:
                return None
            self._bars.remove(first)
            return first

    def stop_if_cancelled(self, job_id: str) -> None:
        if job_id in self._cancelled:
            raise BridgeError("cancelled", "cancelled on request; takes that were finished before stay")

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                os._exit(0)  # not sys.exit: the main thread may be deep inside a render
            if isinstance(message, Order):
                self._orders.put(message)
            elif isinstance(message, CancelOrder):
                self._cancelled.add(message.job_id)
            elif isinstance(message, BarOrder):
                with self._lock:
                    self._bars.append(message)
                self._orders.put(None)
            elif isinstance(message, DropBars):
                with self._lock:
                    self._bars = [bar for bar in self._bars if bar.session != message.session]


def _first_load(renderer: Renderer, model_folder: Path) -> ModelReady | ModelFailed:
    try:
        return renderer.load(model_folder)
    except Exception as error:
        failure = failure_of(error)
        return ModelFailed(failure.code, failure.message)


def _fulfilled(renderer: Renderer, order: Order, inbox: _Inbox) -> Done | Failed:
    def stop_if_cancelled() -> None:
        inbox.stop_if_cancelled(order.job_id)
        # At most one bar per step, so that the job proceeds even on a slow machine.
        if (bar := inbox.take_bar(time.monotonic())) is not None:
            inbox.emit(_bar(renderer, bar))

    inbox.emit(OrderBegun(order.job_id))
    try:
        stop_if_cancelled()
        inbox.emit(renderer.load(order.model_folder))
        inbox.emit(Progress(order.job_id, 0.0))
        renderer.render(order, inbox.emit, stop_if_cancelled)
    except Exception as error:
        failure = failure_of(error)
        return Failed(order.job_id, failure.code, failure.message)
    return Done(order.job_id)


def _bar(renderer: Renderer, order: BarOrder) -> BarDone | BarFailed:
    try:
        return renderer.render_bar(order)
    except Exception as error:
        failure = failure_of(error)
        return BarFailed(order.session, order.bar, failure.code, failure.message)


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error says that a render needs more memory than there is."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def failure_of(error: Exception) -> BridgeError:
    """Convert any error to a BridgeError; log an unexpected one with its traceback."""
    if isinstance(error, BridgeError):
        return error
    if is_out_of_memory(error):
        return BridgeError(
            "render",
            "not enough memory for this render: ask for fewer takes at once (`batch`), or for less",
        )
    _log.exception("the render failed", exc_info=error)
    return BridgeError("render", f"the render failed: {type(error).__name__}: {error}"[:500])
