"""Clips of a model for the evaluation, rendered in batches.

Letters: C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from msanii.metrics.harmony import Audio
from msanii.music.score import Score
from msanii.music.sounds import known_sounds
from msanii.pipelines import Pipeline, Sampling
from msanii.rendering.score_batch import without_unknown_controls

BATCH = 4


@dataclass(kw_only=True)
class ClipRenderer:
    """Renders scores with a pipeline; seeds count up from `seed`."""

    pipeline: Pipeline
    sampling: Sampling
    seed: int = 0

    @property
    def rate(self) -> int:
        return self.pipeline.rate

    @property
    def sounds(self) -> tuple[str, ...]:
        """The sounds that the model knows."""
        return known_sounds(self.pipeline.config.unet.controls)

    def has_control(self, group: str) -> bool:
        """Return whether the model has a control group."""
        return any(known.name == group for known in self.pipeline.config.unet.controls)

    def render(self, scores: Sequence[Score], *, loop: bool = False, salt: int = 0) -> Iterator[Audio]:
        """Yield a clip (C, L) for each score, in order; seeds count up from `seed` + `salt`."""
        for part, seeds in self._batches(scores, salt):
            yield from self.pipeline.generate(part, seeds=seeds, sampling=self.sampling, loop=loop).numpy()

    def mels(self, scores: Sequence[Score]) -> Iterator[Tensor]:
        """Yield the unscaled log-mel (C, M, T) of each score's clip in `render`, maybe a little longer."""
        for part, seeds in self._batches(scores, 0):
            yield from self.pipeline.generate_mel(part, seeds=seeds, sampling=self.sampling)

    def _batches(self, scores: Sequence[Score], salt: int) -> Iterator[tuple[list[Score], list[int]]]:
        """Group neighbours of the same length, with a seed for each."""
        numbered = [
            (place, without_unknown_controls(score, self.pipeline.config))
            for place, score in enumerate(scores)
        ]
        for _, same in groupby(numbered, key=lambda item: item[1].samples(self.rate)):
            run = list(same)
            for first in range(0, len(run), BATCH):
                part = run[first : first + BATCH]
                yield [score for _, score in part], [self.seed + salt + place for place, _ in part]

    def inpaint(self, source: Audio, start: float, end: float, score: Score, seed: int) -> Audio:
        """Replace the source (C, L) by new music from `start` to `end` seconds."""
        made = self.pipeline.inpaint(
            torch.from_numpy(source),
            start,
            end,
            without_unknown_controls(score, self.pipeline.config),
            seeds=[seed],
            sampling=self.sampling,
        )
        return made[0].numpy()

    def outpaint(self, source: Audio, seconds: float, score: Score, seed: int) -> Audio:
        """Append `seconds` of new music to the source (C, L); the score starts at its end."""
        made = self.pipeline.outpaint(
            torch.from_numpy(source),
            seconds,
            "after",
            without_unknown_controls(score, self.pipeline.config),
            seeds=[seed],
            sampling=self.sampling,
        )
        return made[0].numpy()

    def continue_bars(self, source: Audio, score: Score, bars: int, seed: int) -> list[Audio]:
        """Continue the source endlessly, for `bars` bars (C, L); the score starts at its end."""
        session = self.pipeline.continuation()
        past = session.from_source(source, self.rate)
        known, made = without_unknown_controls(score, self.pipeline.config), []
        for bar in range(bars):
            done = session.bars(past, known, bar, seed=seed, sampling=self.sampling)
            made.append(done.audio)
            past = done.past
        return made
