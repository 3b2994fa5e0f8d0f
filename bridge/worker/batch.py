"""One request on its way through the model: sources in, all its variations at once, files' samples out.

Only functions import torch and the heavy parts of the model's package: the daemon reads this module too.
Letters: B batch, C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.messages import RenderRequest
from bridge.worker.arrangement import arranged
from bridge.worker.score import followed_score, request_sampling, request_score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from msanii.music.score import Score
    from msanii.pipelines import Pipeline

    Audio = NDArray[np.float32]

CHANNELS = 2


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
class Batch:
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

    def takes(self) -> Iterator[tuple[Audio, Audio | None]]:
        """Each take (C, L) as its file's samples at `rate`, a loop with its tail."""
        if self.request.parts:
            lines = arranged(
                self.request, self.pipeline, self._score(), request_sampling(self.request),
                channels=CHANNELS, on_step=self.on_step,
            )  # fmt: skip
            yield from ((line, None) for line in lines)
        else:
            yield from (self.finished(sampled) for sampled in self.sampled())

    def sampled(self) -> Tensor:
        """(B, C, L) at the model's rate."""
        ask, pipeline, sampling = self.request, self.pipeline, request_sampling(self.request)
        seeds = [ask.seed_of(take) for take in ask.takes]
        on_step = self.on_step
        inputs = [self._input(source) for source in self.sources]
        match ask.verb:
            case "generate":
                return pipeline.generate(
                    self._score(), channels=CHANNELS, end=ask.end, loop=bool(ask.loop),
                    seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "vary":
                return pipeline.vary(
                    inputs[0], self._followed(),
                    strength=ask.strength, loop=bool(ask.loop),
                    seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "interpolate":
                return pipeline.interpolate(
                    inputs[0], inputs[1], ask.ratio, self._followed(),
                    strength=ask.strength, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "inpaint":
                return pipeline.inpaint(
                    inputs[0], *self._region_seconds(), self._followed(),
                    repaint=ask.repaint, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip
            case "outpaint":
                return pipeline.outpaint(
                    inputs[0], self._score().seconds, ask.side, self._followed(),
                    repaint=ask.repaint, seeds=seeds, sampling=sampling, on_step=on_step,
                )  # fmt: skip

    def finished(self, sampled: Tensor) -> tuple[Audio, Audio | None]:
        """One variation (C, L) at the model's rate, as its file's samples at `rate`; a loop with its tail."""
        from msanii.signal.loop_finishing import finish_loop

        audio: Audio = sampled.cpu().numpy()
        if not self.request.loop:
            return self._finished_line(audio), None
        return finish_loop(
            audio,
            loop_samples=self._loop_samples(self.pipeline.rate),
            samples=self._loop_samples(self.rate),
            source_rate=self.pipeline.rate,
            rate=self.rate,
            loudness_lufs=self.request.loudness_lufs,
            edition=self.request.edition,
        )

    def _loop_samples(self, rate: int) -> int:
        if self.request.verb == "generate":
            return self._score().samples(rate)
        return round(int(self.sources[0].audio.shape[1]) * rate / self.sources[0].rate)

    def _finished_line(self, audio: Audio) -> Audio:
        from msanii.signal.finishing import check_output, finish, resample, soft_edges

        if self.request.verb not in ("inpaint", "outpaint"):
            return finish(
                audio,
                samples=self._samples(audio),
                source_rate=self.pipeline.rate,
                rate=self.rate,
                end=self.request.end,
                loudness_lufs=self.request.loudness_lufs,
                edition=self.request.edition,
            )
        source = self.sources[0]
        if source.rate != self.pipeline.rate:
            audio = self._spliced(resample(audio, self.pipeline.rate, source.rate), source)
        if self.request.edition > 1:
            # A file that begins or ends with what is new does so without a click; what is kept stays.
            first, last, samples = self._new_span(source)
            audio = soft_edges(audio, source.rate, start=first == 0, end=last == samples)
        # What is kept gets no gain, so a source above full scale fits into floats alone.
        check_output(audio, clipping=self.request.format != "float")
        return audio

    def _spliced(self, audio: Audio, source: Source) -> Audio:
        """What was rendered, at the source's rate, with the source itself where it is kept."""
        import numpy as np

        from msanii.signal.splicing import splice

        start, end, samples = self._new_span(source)
        offset = end if self.request.verb == "outpaint" and self.request.side == "before" else 0
        audio = np.pad(audio, ((0, 0), (0, max(0, samples - audio.shape[1]))), mode="edge")[:, :samples]
        return splice(audio, source.audio, start=start, end=end, rate=source.rate, offset=offset)

    def _new_span(self, source: Source) -> tuple[int, int, int]:
        """The first sample that is new, the one after the last, and all samples, at the source's rate."""
        length = int(source.audio.shape[1])
        if self.request.verb == "outpaint":
            added = self._score().samples(source.rate)
            before, whole = self.request.side == "before", length + added
            return (0, added, whole) if before else (length, whole, whole)
        begin, end = self._region_seconds()
        first = 0 if begin is None else round(begin * source.rate)
        return first, length if end is None else min(length, round(end * source.rate)), length

    def _samples(self, audio: Audio) -> int:
        """The file's length: as asked for new music, that of the source for what is made from one."""
        if self.request.verb == "generate":
            return self._score().samples(self.rate)
        return round(int(audio.shape[1]) * self.rate / self.pipeline.rate)

    def _score(self) -> Score:
        return request_score(self.request)

    def _followed(self) -> Score | None:
        return followed_score(self.request, self.sources[0].seconds)

    def _region_seconds(self) -> tuple[float | None, float | None]:
        return region_seconds(self.request.from_seconds, self.request.to_seconds, self.sources[0])

    def _input(self, source: Source) -> Tensor:
        """A source as the pipeline takes it: (C, L) at the model's rate."""
        import torch

        from msanii.signal.finishing import resample
        from msanii.signal.loop_finishing import resample_loop

        if self.request.loop:
            return torch.from_numpy(resample_loop(source.audio, self._loop_samples(self.pipeline.rate)))
        return torch.from_numpy(resample(source.audio, source.rate, self.pipeline.rate))


def read_source(path: Path) -> Source:
    """A source file as it is."""
    import soundfile

    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)  # (L, C)
    return Source(audio.T.copy(), int(rate))
