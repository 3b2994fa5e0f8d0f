"""The render process: keeps a model loaded, and renders each order to takes.

torch and the heavy parts of msanii are imported only inside functions: the daemon imports this module too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import BridgeError, HeardTake, Progress, TakeReady
from bridge.messages.bars import BarDone, BarOrder, Maker
from bridge.worker.bar import render_bar
from bridge.worker.candidates import Hear, keep_best, named
from bridge.worker.fastest import choose
from bridge.worker.hearing import TakeListener
from bridge.worker.loop import Emit, ModelReady, Order, StopIfCancelled, WorkerSettings, serve
from bridge.worker.rendering import render_takes
from bridge.worker.take_files import finished_recipe, finished_take, write_finished
from msanii import errors
from msanii.malloc import retain_freed_pages

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline
    from msanii.takes import Take

_CODES: dict[type[errors.MsaniiError], str] = {
    errors.ChordError: "chords",
    errors.CheckpointError: "model",
    errors.ConfigError: "model",
    errors.ControlError: "model",
    errors.AudioError: "source",
    errors.OutputError: "output",
}
SAMPLING_SHARE = 0.95
"""the share of sampling and decoding in a job's progress; the rest is loudness, checks and files"""


def worker_main(connection: Connection, settings: WorkerSettings, first_model: Path | None) -> None:
    """Run the render process until its pipe to the daemon closes."""
    set_up_process()
    serve(connection, lambda: PipelineRenderer(settings), first_model)


def set_up_process() -> None:
    """Prepare a process for rendering, before it imports PyTorch."""
    # PyTorch reads these when it is imported. Apple's MPS lacks some operations. OpenMP's threads spin while
    # they wait, which slows down a DAW on the same cores, and the render too once it has a core too few.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    retain_freed_pages()


def as_bridge_error(error: errors.MsaniiError) -> BridgeError:
    """Convert an error of msanii to a BridgeError with the matching code."""
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "value")
    return BridgeError(code, str(error))


class PipelineRenderer:
    """Renders with msanii's pipelines; keeps the last model in memory."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._resident: tuple[tuple[object, ...], Pipeline] | None = None
        self._listener = TakeListener()

    def load(self, model_folder: Path) -> ModelReady:
        """Load a model, unless it is loaded already. Raises BridgeError `model`."""
        # The first render needs it, and would wait seconds for its import.
        import pyloudnorm  # noqa: F401

        return _described(self._pipeline(model_folder), model_folder)

    def render(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> None:
        """Render an order's takes, batch by batch, and write them; keep those of an interrupted attempt.

        Raises BridgeError.
        """
        there = [finished_take(order, index) for index in order.takes]
        ready = filter(None, there) if all(there) else self._rendered(order, emit, stop_if_cancelled)
        for take in ready:
            emit(take)
        emit(Progress(order.job_id, 1.0))

    def render_bar(self, order: BarOrder) -> BarDone:
        """Render one bar of an endless session. Raises BridgeError."""
        with _bridge_errors():
            pipeline, folder = self._pipeline(order.model_folder), order.model_folder
            model = _described(pipeline, folder)
            maker = Maker(
                model.model, model.fingerprint, model.device, model.dtype, model.threads, model.layout
            )
            return render_bar(pipeline, maker, order)

    def _rendered(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> Iterator[TakeReady]:
        """Yield each take as soon as its file is written."""
        with _bridge_errors():
            pipeline = self._pipeline(order.model_folder)
            for number, batch in enumerate(order.batches):

                def tell(share: float, number: int = number) -> None:
                    emit(Progress(order.job_id, (number + share) / len(order.batches)))

                def on_step(fraction: float, tell: Callable[[float], None] = tell) -> None:
                    stop_if_cancelled()
                    tell(SAMPLING_SHARE * min(1.0, fraction))

                takes = _stoppable(render_takes(order, batch, pipeline, on_step), stop_if_cancelled)
                hear = self._hear(order, pipeline, stop_if_cancelled)
                model = _described(pipeline, order.model_folder)
                for done, ready in enumerate(_finished(order, batch, takes, hear, model), start=1):
                    yield ready
                    tell(SAMPLING_SHARE + (1 - SAMPLING_SHARE) * done / len(batch))

    def _hear(self, order: Order, pipeline: Pipeline, stop_if_cancelled: StopIfCancelled) -> Hear | None:
        """Return what hears the takes of an order; None if nobody is to listen."""
        folder = order.listener_folder
        if folder is None:
            return None

        def hear(index: int, take: Take) -> HeardTake:
            stop_if_cancelled()
            return self._listener.heard(folder, pipeline, order.request, index, take)

        return hear

    def _pipeline(self, model_folder: Path) -> Pipeline:
        with _bridge_errors():
            version = _version_of(model_folder)
            if self._resident is None or self._resident[0] != version:
                # Free the old model first: memory might not suffice for two.
                self._resident = None
                self._resident = version, self._loaded(model_folder)
            return self._resident[1]

    def _loaded(self, model_folder: Path) -> Pipeline:
        from msanii.pipelines import Pipeline

        device, dtype, layout = choose(self._settings)
        return Pipeline.load(model_folder, device=device, dtype=dtype, layout=layout)


def _stoppable(takes: Iterator[Take], stop_if_cancelled: StopIfCancelled) -> Iterator[Take]:
    for take in takes:
        stop_if_cancelled()
        yield take


def _finished(
    order: Order, batch: range, takes: Iterator[Take], hear: Hear | None, model: ModelReady
) -> Iterator[TakeReady]:
    """Write the takes of a batch; the candidates of each come one after another."""
    for indices in [batch] if order.request.arrangement else [range(take, take + 1) for take in batch]:
        there = [finished_recipe(order, index) for index in indices]
        before = next((recipe.request.keep for recipe in there if recipe), None)
        request = named(order.request, before)
        request, kept = keep_best(request, indices, takes, None if all(there) else hear)
        for index, (take, heard) in zip(indices, kept, strict=True):
            yield finished_take(order, index) or write_finished(order, request, index, take, heard, model)


def _described(pipeline: Pipeline, model_folder: Path) -> ModelReady:
    from msanii.devices import processor_name

    return ModelReady(
        model=model_folder.name,
        fingerprint=pipeline.fingerprint,
        device=pipeline.device_name,
        dtype=pipeline.dtype_name,
        threads=pipeline.threads,
        processor=processor_name(pipeline.device_name),
        layout=pipeline.layout_name,
    )


def _version_of(model_folder: Path) -> tuple[object, ...]:
    """Return a key that changes when the model's files are replaced, as after further training."""
    try:
        files = [(model_folder / name).stat() for name in ("config.json", "model.safetensors")]
    except OSError:
        return (model_folder,)  # loading will report what is missing
    return (model_folder, *((status.st_mtime_ns, status.st_size) for status in files))


@contextmanager
def _bridge_errors() -> Iterator[None]:
    """Re-raise errors of msanii as BridgeError."""
    try:
        yield
    except errors.MsaniiError as error:
        raise as_bridge_error(error) from error
