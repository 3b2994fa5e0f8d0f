"""Rendering takes, the finished samples of audio files, for every verb and for arrangements.

`Pipeline` renders at the model's rate. Here sources have their own rates, and rendered audio gets the file's
rate, exact length, ending and loudness; in- and outpainting splice it into the untouched source.

Letters: B variations, C audio channels, L samples. Audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from msanii.choices import End, RepaintName, Side
from msanii.diffusion.sampling import OnStep
from msanii.limits import DEFAULT_REPAINT, DEFAULT_SIDE, LOUDNESS_LUFS, REGION_TOLERANCE_SECONDS
from msanii.music.score import Note, Score
from msanii.pipelines import Pipeline
from msanii.rendering.arrangement import finish_arrangement, part_scores
from msanii.rendering.job import Sampling, edition_of
from msanii.rendering.looping import check_loop_end
from msanii.signal.audio_files import Clip
from msanii.signal.finishing import check_output, finish, resample, soft_edges
from msanii.signal.limiting import Audio
from msanii.signal.loop_finishing import finish_loop, resample_loop
from msanii.signal.splicing import splice

CHANNELS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """The samples of a file at `rate` hertz, and of a second one for the tail that follows a loop."""

    audio: Audio
    rate: int
    tail: Audio | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """New samples from `start` to `end` of a file of `samples`, in which the source begins at `offset`."""

    start: int
    end: int
    samples: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRenderer:
    """Renders `count` variations as one batch, with the seeds `seed`, `seed + 1` and so on.

    Calling a verb samples them all; iterating over the result finishes one take at a time. `sampling` None
    means the model's own. `rate` is the files' in hertz; None: the model's, or the source's for in- and
    outpainting. `loudness_lufs` None leaves the level alone, as in- and outpainting always do: the source
    that they keep may then exceed full scale, which raises OutputError unless `allow_clipping` (for
    floating-point files). `on_step` and errors are as in `Pipeline`.
    """

    pipeline: Pipeline
    seed: int
    count: int = 1
    sampling: Sampling | None = None
    rate: int | None = None
    end: End = "cut"
    loop: bool = False
    loudness_lufs: float | None = LOUDNESS_LUFS
    allow_clipping: bool = False
    on_step: OnStep | None = None

    def __post_init__(self) -> None:
        if self.loop:
            check_loop_end(self.end)

    def generate(self, score: Score) -> Iterator[Take]:
        """Generate music of the score's length."""
        rendered = self.pipeline.generate(
            score,
            seeds=self._seeds(self.count),
            sampling=self.sampling,
            channels=CHANNELS,
            end=self.end,
            loop=self.loop,
            on_step=self.on_step,
        )
        return self._finished(rendered, score.samples(self.pipeline.rate), score.samples(self._rate()))

    def arrange(
        self,
        score: Score,
        parts: Sequence[str],
        sounds: Sequence[str] = (),
        levels_db: Sequence[float] = (),
        notes: Sequence[tuple[Note, ...]] = (),
    ) -> Iterator[Take]:
        """Render each part in order, then their mix. `sounds`, `levels_db` and `notes` have one entry a part.

        Any of them may be empty; without `notes` every part plays the score's. There is one seed per part;
        `count` is ignored.
        """
        rendered = self.pipeline.generate(
            part_scores(score, parts, sounds, notes),
            seeds=self._seeds(len(parts)),
            channels=CHANNELS,
            sampling=self.sampling,
            loop=self.loop,
            on_step=self.on_step,
        )
        rate = self._rate()
        arrangement = finish_arrangement(
            rendered.cpu().numpy(),
            parts,
            samples=score.samples(rate),
            source_rate=self.pipeline.rate,
            rate=rate,
            loop=self.loop,
            fade=self.end == "fade",
            loudness_lufs=self.loudness_lufs,
            levels_db=levels_db,
            edition=edition_of(self.sampling),
        )
        return (Take(audio, rate) for audio in (*arrangement.parts.values(), arrangement.mix))

    def vary(
        self, source: Clip, score: Score | None = None, *, strength: float, samples: int | None = None
    ) -> Iterator[Take]:
        """Vary the source. `samples` is the file's length; None: the source's, to within a sample."""
        rendered = self.pipeline.vary(
            self._at_model_rate(source),
            score,
            seeds=self._seeds(self.count),
            strength=strength,
            loop=self.loop,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        if samples is None and self.loop:
            samples = source.samples_at(self._rate())
        return self._finished(rendered, rendered.shape[-1], samples)

    def interpolate(
        self,
        source: Clip,
        other: Clip,
        ratio: float,
        score: Score | None = None,
        *,
        strength: float,
        samples: int | None = None,
    ) -> Iterator[Take]:
        """Blend two sources: ratio 0 is the first, 1 the other. `samples` None: as long as the shorter."""
        rendered = self.pipeline.interpolate(
            self._at_model_rate(source),
            self._at_model_rate(other),
            ratio,
            score,
            seeds=self._seeds(self.count),
            strength=strength,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        return self._finished(rendered, rendered.shape[-1], samples)

    def inpaint(
        self,
        source: Clip,
        from_seconds: float | None,
        to_seconds: float | None,
        score: Score | None = None,
        *,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
    ) -> Iterator[Take]:
        """Replace the source between two times; None: its start, its end."""
        # At the model's rate, an end within the last sample could be rounded to outside the source.
        past_end = None if to_seconds is None else to_seconds - source.seconds
        if past_end is not None and -1 / source.rate < past_end <= REGION_TOLERANCE_SECONDS:
            to_seconds = None
        rendered = self.pipeline.inpaint(
            self._at_model_rate(source),
            from_seconds,
            to_seconds,
            score,
            seeds=self._seeds(self.count),
            repaint=repaint,
            repaint_steps=repaint_steps,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        start = 0 if from_seconds is None else round(from_seconds * source.rate)
        end = source.samples if to_seconds is None else min(round(to_seconds * source.rate), source.samples)
        return self._spliced(rendered, source, _Span(start, end, source.samples))

    def outpaint(
        self,
        source: Clip,
        new: Score,
        side: Side = DEFAULT_SIDE,
        score: Score | None = None,
        *,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
    ) -> Iterator[Take]:
        """Add music before or after the source, as long as `new` and following `score`."""
        rendered = self.pipeline.outpaint(
            self._at_model_rate(source),
            new.seconds,
            side,
            score,
            seeds=self._seeds(self.count),
            repaint=repaint,
            repaint_steps=repaint_steps,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        kept, added = source.samples, new.samples(source.rate)
        if side == "before":
            span = _Span(0, added, added + kept, offset=added)
        else:
            span = _Span(kept, kept + added, kept + added)
        return self._spliced(rendered, source, span, new.samples(self.rate or source.rate))

    def _seeds(self, count: int) -> list[int]:
        return [self.seed + place for place in range(count)]

    def _rate(self) -> int:
        return self.rate or self.pipeline.rate

    def _at_model_rate(self, source: Clip) -> Tensor:
        if not self.loop:
            return torch.from_numpy(source.at(self.pipeline.rate))
        return torch.from_numpy(resample_loop(source.audio, source.samples_at(self.pipeline.rate)))

    def _finished(self, rendered: Tensor, loop_samples: int, samples: int | None) -> Iterator[Take]:
        """Finish takes that are new from end to end; `samples` None: as long as rendered."""
        rate, edition = self._rate(), edition_of(self.sampling)
        if samples is None:
            samples = round(rendered.shape[-1] * rate / self.pipeline.rate)
        for variation in rendered:
            audio, tail = variation.cpu().numpy(), None
            if self.loop:
                audio, tail = finish_loop(
                    audio,
                    loop_samples=loop_samples,
                    samples=samples,
                    source_rate=self.pipeline.rate,
                    rate=rate,
                    loudness_lufs=self.loudness_lufs,
                    edition=edition,
                )
            else:
                audio = finish(
                    audio,
                    samples=samples,
                    source_rate=self.pipeline.rate,
                    rate=rate,
                    end=self.end,
                    loudness_lufs=self.loudness_lufs,
                    edition=edition,
                )
            yield Take(audio, rate, tail)

    def _spliced(self, rendered: Tensor, source: Clip, span: _Span, added: int = 0) -> Iterator[Take]:
        """Finish takes that keep their source; `added` is the number of new samples at the file's rate."""
        rate = self.rate or source.rate
        samples = source.samples_at(rate) + added
        for variation in rendered:
            audio = variation.cpu().numpy()
            if source.rate != self.pipeline.rate:
                audio = _cut_or_padded(resample(audio, self.pipeline.rate, source.rate), span.samples)
                audio = splice(
                    audio, source.audio, start=span.start, end=span.end, rate=source.rate, offset=span.offset
                )
            if edition_of(self.sampling) > 1:
                # New audio must not begin or end a file with a click; a kept source stays as it is.
                at_start, at_end = span.start == 0, span.end == span.samples
                audio = soft_edges(audio, source.rate, start=at_start, end=at_end)
            check_output(audio, clipping=not self.allow_clipping)
            yield Take(_cut_or_padded(resample(audio, source.rate, rate), samples), rate)


def _cut_or_padded(audio: Audio, samples: int) -> Audio:
    """Cut or pad audio to an exact length: resampling may lose or add samples by rounding."""
    missing = max(0, samples - audio.shape[1])
    return np.pad(audio, ((0, 0), (0, missing)), mode="edge")[:, :samples]
