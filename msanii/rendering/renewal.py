"""Rendering some regions of a piece anew in one pass, to fit their surroundings; also in loops.

Letters: B batch (one variation for each seed), C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from msanii.diffusion.circle import Circle
from msanii.diffusion.sampling import OnStep, RePaintPlan
from msanii.music.score import Score
from msanii.rendering.codec import Codec
from msanii.rendering.job import Sampling, edition_of
from msanii.rendering.level_holding import at_level_of
from msanii.rendering.looping import decode_loop
from msanii.rendering.score_batch import together
from msanii.rendering.steps import PipelineSteps
from msanii.signal.griffin_lim import Kept

Regions = Sequence[tuple[int, int]]
"""first sample and end (exclusive) of each region, in order, with something kept between any two"""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """Renders `regions` of a source (C, L) anew, one variation for each seed.

    There is one of `scores` for all of them, or one for each.

    Each region is held to the level of what it replaces. In a piece that rings on after `ring_from_seconds`,
    no chord or note begins from there on. Other values are as in `Pipeline`.
    """

    steps: PipelineSteps
    codec: Codec
    regions: Regions
    scores: Sequence[Score]
    seeds: Sequence[int]
    plan: RePaintPlan
    sampling: Sampling | None
    on_step: OnStep | None

    def of_line(self, source: Tensor, *, reach: int, ring_from_seconds: float | None) -> Tensor:
        """Render the regions with `reach` samples around them in view: (B, C, L), silent where none was."""
        edition = edition_of(self.sampling)
        first = max(0, self.regions[0][0] - reach)
        last = min(source.shape[1], self.regions[-1][1] + reach)
        gaps = [slice(start - first, end - first) for start, end in self.regions]
        canvas = self.codec.canvas(source[:, first:last], gaps=gaps, edition=edition)
        controls = together(
            [
                self.steps.controls(score, canvas.frames, first, ring_from_seconds=ring_from_seconds)
                for score in self.scores
            ]
        )
        job, mel = self.steps.filled(
            canvas, self.plan, self.seeds, self.sampling, controls, self.on_step, as_before=True
        )
        made = self.steps.decode(mel, job, generators=job.generators, kept=Kept(canvas.line, canvas.kept))
        places = [(start - first, end - first) for start, end in self.regions]
        made = at_level_of(made[..., canvas.content], canvas.line[..., canvas.content].cpu(), places)
        return functional.pad(made / canvas.gain, (first, source.shape[1] - last))

    def of_loop(self, source: Tensor, *, tail_samples: int) -> Tensor:
        """Render regions of a loop, and the tail that rings on after it: (B, C, L + `tail_samples`)."""
        edition, samples = edition_of(self.sampling), source.shape[1]
        circle = Circle.of(samples, self.codec.config.hop_length, tail_samples)
        gaps = [slice(*region) for region in self.regions]
        canvas = self.codec.loop_canvas(source, circle, edition, gaps=gaps)
        controls = together([self.steps.loop_controls(score, circle) for score in self.scores])
        job, mel = self.steps.filled(
            canvas,
            self.plan,
            self.seeds,
            self.sampling,
            controls,
            self.on_step,
            as_before=True,
            circle=circle,
        )
        made = decode_loop(
            self.codec,
            mel,
            circle,
            iterations=job.iterations,
            generators=job.generators,
            edition=edition,
            on_step=job.on_phase,
            kept=Kept(canvas.line, canvas.kept),
        )
        made = at_level_of(made.cpu(), canvas.line.cpu(), self.regions, loop=True)
        return made[..., : samples + tail_samples] / canvas.gain
