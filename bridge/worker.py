"""The render process's work: a model resident, and each order turned into takes.

Only functions import torch and the heavy parts of the model's package: the daemon reads this module too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import BridgeError, Progress, RenderRequest, TakeReady
from bridge.take_files import finished_take, write_finished
from bridge.worker_loop import Emit, ModelReady, Order, StopIfCancelled, WorkerSettings, serve
from msanii import errors
from msanii.score import Score, make_score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from msanii.pipelines import Pipeline

    Audio = NDArray[np.float32]

CHANNELS = 2
_CODES: dict[type[errors.MsaniiError], str] = {
    errors.ChordError: "chords",
    errors.CheckpointError: "model",
    errors.ConfigError: "model",
    errors.ControlError: "model",
    errors.AudioError: "source",
    errors.OutputError: "output",
}
# What sampling takes of the whole, the rest being loudness, checks and files.
_SAMPLING_SHARE = 0.95


def worker_main(connection: Connection, settings: WorkerSettings, first_model: Path | None) -> None:
    """The render process, from start to end."""
    # PyTorch reads these when it is imported. Apple's MPS lacks some operations; and OpenMP's threads wait
    # by spinning, which a DAW on the same cores pays for, and the render too as soon as it lacks one.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    serve(connection, lambda: PipelineRenderer(settings), first_model)


def as_bridge_error(error: errors.MsaniiError) -> BridgeError:
    """An error of the model's package with the bridge's code for it."""
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "value")
    return BridgeError(code, str(error))


def request_score(request: RenderRequest, seconds: float | None = None) -> Score:
    """The request's tempo, meter and chords, `seconds` long if given. Raises MsaniiError."""
    bars = request.bars if seconds is None else None
    return make_score(
        bars=bars,
        seconds=(request.seconds if seconds is None else seconds) if bars is None else None,
        bpm=request.bpm,
        numerator=request.numerator,
        denominator=request.denominator,
        chords=request.chords,
        key=request.key,
    )


class PipelineRenderer:
    """Renders with the model's own pipelines; keeps the last model used resident."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._resident: tuple[tuple[object, ...], Pipeline] | None = None

    def load(self, model_folder: Path) -> ModelReady:
        """Makes a model resident, unless it is. Raises BridgeError `model`."""
        return _described(self._pipeline(model_folder), model_folder)

    def render(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> None:
        """Renders the whole batch and writes its takes; those of an interrupted attempt are kept.

        Raises BridgeError.
        """
        there = [finished_take(order, index) for index in range(order.request.count)]
        ready = filter(None, there) if all(there) else self._rendered(order, emit, stop_if_cancelled)
        for done, take in enumerate(ready, start=1):
            emit(take)
            emit(Progress(order.job_id, _SAMPLING_SHARE + (1 - _SAMPLING_SHARE) * done / len(there)))

    def _rendered(self, order: Order, emit: Emit, stop_if_cancelled: StopIfCancelled) -> Iterator[TakeReady]:
        """Each take as soon as its file is there."""

        def on_step(fraction: float) -> None:
            stop_if_cancelled()
            emit(Progress(order.job_id, _SAMPLING_SHARE * min(1.0, fraction)))

        with _bridge_errors():
            pipeline = self._pipeline(order.model_folder)
            batch = _Batch(order.request, pipeline, [_read(path) for path in order.sources], on_step)
            model = _described(pipeline, order.model_folder)
            for index, sampled in enumerate(batch.sampled()):
                stop_if_cancelled()
                there = finished_take(order, index)
                yield there or write_finished(order, index, batch.finished(sampled), batch.rate, model)

    def _pipeline(self, model_folder: Path) -> Pipeline:
        with _bridge_errors():
            version = _version_of(model_folder)
            if self._resident is None or self._resident[0] != version:
                # Two models at once might not fit.
                self._resident = None
                self._resident = version, self._loaded(model_folder)
            return self._resident[1]

    def _loaded(self, model_folder: Path) -> Pipeline:
        import torch

        from msanii.pipelines import Pipeline

        torch.set_num_threads(self._settings.threads or _threads_beside_a_daw(torch.get_num_threads()))
        return Pipeline.load(model_folder, device=self._settings.device, dtype=self._settings.dtype)


def _described(pipeline: Pipeline, model_folder: Path) -> ModelReady:
    return ModelReady(
        model=model_folder.name,
        fingerprint=pipeline.fingerprint,
        device=pipeline.device_name,
        dtype=pipeline.dtype_name,
        threads=pipeline.threads,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Source audio (C, L) at its own `rate` in hertz."""

    audio: Audio
    rate: int

    @property
    def seconds(self) -> float:
        return int(self.audio.shape[1]) / self.rate


def region_seconds(
    begin: float | None, end: float | None, source: Source
) -> tuple[float | None, float | None]:
    """A region; an end within the last sample is None, since at another rate it could round to beside it."""
    to_the_end = end is None or end > source.seconds - 1 / source.rate
    return begin, None if to_the_end else end


@dataclass(frozen=True, slots=True)
class _Batch:
    """One request on its way: all variations through the pipeline at once, then each to its file."""

    request: RenderRequest
    pipeline: Pipeline
    sources: list[Source]
    on_step: Callable[[float], None]

    @property
    def rate(self) -> int:
        """The file's rate: what a source keeps, it keeps at its own."""
        keeps = self.request.verb in ("inpaint", "outpaint")
        return self.sources[0].rate if keeps else self.request.rate

    def sampled(self) -> Tensor:
        """(B, C, L) at the model's rate."""
        from msanii.pipelines import Sampling

        ask, pipeline = self.request, self.pipeline
        seeds = [ask.seed + index for index in range(ask.count)]
        sampling = Sampling(
            steps=ask.steps, scheduler=ask.scheduler, guidance=ask.guidance, iterations=ask.iterations
        )
        on_step = self.on_step
        inputs = [self._input(source) for source in self.sources]
        match ask.verb:
            case "generate":
                return pipeline.generate(
                    self._score(), channels=CHANNELS, end=ask.end,
                    seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "vary":
                return pipeline.vary(
                    inputs[0], self._chords(),
                    strength=ask.strength, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "interpolate":
                return pipeline.interpolate(
                    inputs[0], inputs[1], ask.ratio, self._chords(),
                    strength=ask.strength, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "inpaint":
                return pipeline.inpaint(
                    inputs[0], *self._region_seconds(), self._chords(),
                    repaint=ask.repaint, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "outpaint":
                return pipeline.outpaint(
                    inputs[0], self._score().seconds, ask.side, self._chords(),
                    repaint=ask.repaint, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip

    def finished(self, sampled: Tensor) -> Audio:
        """One variation (C, L) at the model's rate, as its file's samples at `rate`."""
        from msanii.finishing import check_output, finish, resample

        audio: Audio = sampled.cpu().numpy()
        if self.request.verb not in ("inpaint", "outpaint"):
            return finish(
                audio,
                samples=self._samples(audio),
                source_rate=self.pipeline.rate,
                rate=self.rate,
                end=self.request.end,
                loudness_lufs=self.request.loudness_lufs,
            )
        source = self.sources[0]
        if source.rate != self.pipeline.rate:
            audio = self._spliced(resample(audio, self.pipeline.rate, source.rate), source)
        # What is kept gets no gain, so a source above full scale fits into floats alone.
        check_output(audio, clipping=self.request.format != "float")
        return audio

    def _spliced(self, audio: Audio, source: Source) -> Audio:
        """What was rendered, at the source's rate, with the source itself where it is kept."""
        import numpy as np

        from msanii.splicing import splice

        length = source.audio.shape[1]
        start, end, offset = 0, length, 0
        if self.request.verb == "inpaint":
            begin_seconds, end_seconds = self._region_seconds()
            start = 0 if begin_seconds is None else round(begin_seconds * source.rate)
            end = length if end_seconds is None else min(length, round(end_seconds * source.rate))
            samples = length
        else:
            added = self._score().samples(source.rate)
            samples = length + added
            start, end = (0, added) if self.request.side == "before" else (length, samples)
            offset = added if self.request.side == "before" else 0
        audio = np.pad(audio, ((0, 0), (0, max(0, samples - audio.shape[1]))), mode="edge")[:, :samples]
        return splice(audio, source.audio, start=start, end=end, rate=source.rate, offset=offset)

    def _samples(self, audio: Audio) -> int:
        """The file's length: as asked for new music, that of the source for what is made from one."""
        if self.request.verb == "generate":
            return self._score().samples(self.rate)
        return round(int(audio.shape[1]) * self.rate / self.pipeline.rate)

    def _score(self) -> Score:
        return request_score(self.request)

    def _chords(self) -> Score | None:
        """For audio that exists, tempo alone says nothing: nobody knows where its beats are."""
        if not self.request.chords:
            return None
        new_music = self.request.verb == "outpaint"
        return self._score() if new_music else request_score(self.request, self.sources[0].seconds)

    def _region_seconds(self) -> tuple[float | None, float | None]:
        return region_seconds(self.request.from_seconds, self.request.to_seconds, self.sources[0])

    def _input(self, source: Source) -> Tensor:
        """A source as the pipeline takes it: (C, L) at the model's rate."""
        import torch

        from msanii.finishing import resample

        return torch.from_numpy(resample(source.audio, source.rate, self.pipeline.rate))


def _read(path: Path) -> Source:
    import soundfile

    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)  # (L, C)
    return Source(audio.T.copy(), int(rate))


def _version_of(model_folder: Path) -> tuple[object, ...]:
    """Changes when the model is replaced under its name, as after another training."""
    try:
        files = [(model_folder / name).stat() for name in ("config.json", "model.safetensors")]
    except OSError:
        return (model_folder,)  # loading says what is missing
    return (model_folder, *((status.st_mtime_ns, status.st_size) for status in files))


def _threads_beside_a_daw(threads: int) -> int:
    """One core less than PyTorch would take, where there are more than two."""
    return threads - 1 if threads > 2 else threads


@contextmanager
def _bridge_errors() -> Iterator[None]:
    """Lets errors of the model's package out as BridgeError."""
    try:
        yield
    except errors.MsaniiError as error:
        raise as_bridge_error(error) from error
