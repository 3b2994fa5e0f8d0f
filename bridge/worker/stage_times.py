"""Times the stages of a render, from order to file, for benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.messages import HeardTake, Progress
from bridge.system.priority import yield_to_others
from bridge.worker.candidates import Hear
from bridge.worker.loop import Answer, Order, StopIfCancelled, WorkerSettings
from bridge.worker.process import SAMPLING_SHARE, PipelineRenderer, set_up_process

if TYPE_CHECKING:
    from msanii.pipelines import Pipeline
    from msanii.takes import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimes:
    """Seconds of loading the model, and of each stage of rendering one take.

    `prepare` composes and makes controls, `network` are all of its steps, `finish` brings the audio to its
    length and loudness, `hear` compares the take with what was asked, and `write` encodes and writes its
    files. `peak_mib` is the process's.
    """

    load: float
    prepare: float
    network: float
    decode: float
    finish: float
    hear: float
    write: float
    peak_mib: float

    @property
    def file_work(self) -> float:
        """From decoded audio to the file, without hearing it."""
        return self.finish + self.write

    @property
    def whole(self) -> float:
        """From order to file, without loading the model."""
        return self.prepare + self.network + self.decode + self.finish + self.hear + self.write


def time_order(
    order: Order, settings: WorkerSettings, warm_up: Order | None = None, *, by_processor: bool = False
) -> StageTimes:
    """Render an order of one take in this process, which renders nothing else; after a `warm_up` if given.

    Times are by the clock, or with `by_processor` in processor seconds. Raises BridgeError.
    """
    set_up_process()
    if not by_processor:
        # By the clock, a render process waits for whoever is more urgent.
        yield_to_others()
    # Other programs disturb it less than the clock's time.
    clock = time.process_time if by_processor else time.perf_counter
    renderer = _TimedRenderer(settings, clock)
    began = clock()
    renderer.load(order.model_folder)
    load = clock() - began
    if warm_up is not None:
        renderer.render(warm_up, lambda answer: None, lambda: None)  # noqa: ARG005
    return renderer.timed(order, load)


class _TimedRenderer(PipelineRenderer):
    """The worker's renderer, with a clock at the ends of its stages."""

    def __init__(self, settings: WorkerSettings, clock: Callable[[], float]) -> None:
        super().__init__(settings)
        self._clock = clock
        self._hearing: list[float] = []

    def timed(self, order: Order, load: float) -> StageTimes:
        """Render an order of one take."""
        steps: list[tuple[float, float]] = []

        def emit(answer: Answer) -> None:
            if isinstance(answer, Progress):
                steps.append((answer.fraction, self._clock()))

        self._hearing.clear()
        began = self._clock()
        self.render(order, emit, lambda: None)
        ended = self._clock()
        from msanii.bench.chain import MIB, peak_bytes
        from msanii.rendering.job import SAMPLING_SHARE as NETWORK_SHARE

        network = [at for share, at in steps if share <= SAMPLING_SHARE * NETWORK_SHARE + 1e-6]
        decoded = next(at for share, at in steps if share >= SAMPLING_SHARE - 1e-6)
        step = (network[-1] - network[0]) / max(1, len(network) - 1)
        heard_from, heard_until = self._hearing
        return StageTimes(
            load=load,
            prepare=max(0.0, network[0] - step - began),
            network=network[-1] - max(began, network[0] - step),
            decode=decoded - network[-1],
            finish=heard_from - decoded,
            hear=heard_until - heard_from,
            write=ended - heard_until,
            peak_mib=peak_bytes() / MIB,
        )

    def _hear(self, order: Order, pipeline: Pipeline, stop_if_cancelled: StopIfCancelled) -> Hear:
        hear = super()._hear(order, pipeline, stop_if_cancelled)

        def timed(index: int, take: Take) -> HeardTake:
            self._hearing.append(self._clock())
            heard = HeardTake() if hear is None else hear(index, take)
            self._hearing.append(self._clock())
            return heard

        return timed
