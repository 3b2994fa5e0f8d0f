"""The steps that verbs are built from: controls, job, noise, infilling, decoding, splicing.

Letters: B batch (one variation for each seed), C audio channels, L samples, M mels, T frames, K control rows,
R frames of a tail.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from msanii.config import ModelConfig
from msanii.controls.tensor import control_tensor
from msanii.devices import Placement
from msanii.diffusion import sampling as verbs
from msanii.diffusion.circle import Circle
from msanii.diffusion.denoiser import Network
from msanii.diffusion.infill import infill_with_context, with_context
from msanii.diffusion.sampling import OnStep
from msanii.music.score import Score
from msanii.rendering.codec import Canvas, Codec
from msanii.rendering.job import Prepared, Sampling, prepare
from msanii.rendering.level_holding import held_as_before, held_by, lost_gains, surrounding_gains
from msanii.rendering.looping import loop_controls
from msanii.signal.griffin_lim import Kept
from msanii.signal.splicing import insert


class PipelineSteps:
    """The steps of rendering with a resident model, shared by all verbs. Holds no state of a job."""

    def __init__(self, unet: Any, config: ModelConfig, codec: Codec, placement: Placement) -> None:
        self.unet = unet
        self._config = config
        self._codec = codec
        self._placement = placement
        self._rate = config.transforms.sample_rate

    def filled(
        self,
        canvas: Canvas,
        plan: verbs.RePaintPlan,
        seeds: Sequence[int],
        sampling: Sampling | None,
        controls: Tensor | None,
        on_step: OnStep | None,
        *,
        as_before: bool = False,
        circle: Circle | None = None,
    ) -> tuple[Prepared, Tensor]:
        """Prepare a job and fill the gaps in the canvas's mel (B, C, M, T), by context or RePaint.

        New frames have the level of kept ones, or with `as_before` that of what they replace. With a `circle`
        the canvas is a loop's, and the mel has its tail too, (B, C, M, T + R).
        """
        mel, known = self._codec.encode(canvas.line, circle), self._codec.whole_frames(canvas.kept, circle)
        new = ~known
        if circle is None:
            new = new & self._asked_frames(canvas).to(known.device)
        else:
            mel, known, new = (functional.pad(one, (0, circle.tail_frames)) for one in (mel, known, new))
        if self._config.unet.context:
            job = prepare(
                self._with_context(mel, known, circle),
                self._config,
                seeds=seeds,
                sampling=sampling,
                controls=controls,
                on_step=on_step,
                new=new,
            )
            held = (
                held_as_before(self._codec, mel, known, new)
                if as_before
                else held_by(self._codec, mel, known, new, job.edition)
            )
            with self._placement.autocast():
                made = infill_with_context(
                    job.denoise, job.solver, mel, known, job.generators, job.on_sampling, held
                )
            return job, made
        job = self.job(seeds, sampling, controls, on_step, circle)
        with self._placement.autocast():
            made = verbs.inpaint(
                job.denoise, self._config.schedule, plan, mel, known, job.generators, job.on_sampling
            )
        return job, made

    def _with_context(self, mel: Tensor, known: Tensor, circle: Circle | None) -> Network:
        if circle is None:
            return with_context(self.unet, mel, known)
        return circle.with_context(
            partial(with_context, self.unet), mel, known, self._config.unet.frame_multiple
        )

    def _asked_frames(self, canvas: Canvas) -> Tensor:
        """(T,): true for frames within the canvas's content, the range that was requested."""
        centres = torch.arange(canvas.frames) * self._config.transforms.hop_length
        asked: Tensor = (centres >= canvas.content.start) & (centres < canvas.content.stop)
        return asked

    def noise(self, job: Prepared, channels: int, frames: int) -> Tensor:
        """Draw the starting noise of every variation, (B, C, M, T)."""
        shape = (channels, self._config.transforms.n_mels, frames)
        return verbs.starting_noise(job.generators, shape, self._placement.device)

    def job(
        self,
        seeds: Sequence[int],
        sampling: Sampling | None,
        controls: Tensor | None,
        on_step: OnStep | None,
        circle: Circle | None = None,
    ) -> Prepared:
        """Prepare a job; with a `circle` the network wraps around it, for a loop."""
        multiple = self._config.unet.frame_multiple
        network = self.unet.under if circle is None else circle.around(self.unet.under, multiple)
        return prepare(
            network, self._config, seeds=seeds, sampling=sampling, controls=controls, on_step=on_step
        )

    def controls(
        self,
        score: Score | None,
        frames: int,
        first_sample: int = 0,
        *,
        ring_from_seconds: float | None = None,
    ) -> Tensor | None:
        """Return controls (K, T) from `first_sample` of the score on; None for a model without controls."""
        groups, transforms = self._config.unet.controls, self._config.transforms
        if score is None:
            return torch.zeros(self._config.unet.n_controls, frames) if groups else None
        controls = control_tensor(
            score,
            groups,
            frames,
            hop=transforms.hop_length,
            rate=self._rate,
            start_seconds=first_sample / self._rate,
            ring_from_seconds=ring_from_seconds,
        )
        return controls if groups else None

    def loop_controls(self, score: Score | None, circle: Circle) -> Tensor | None:
        """Return controls (K, T + R) on a circle and its tail; None for a model without controls."""
        groups = self._config.unet.controls
        if score is None:
            return self.controls(None, circle.line_frames)
        hop = self._config.transforms.hop_length
        controls = loop_controls(score, groups, circle, hop=hop, rate=self._rate)
        return controls if groups else None

    def decode(self, mel: Tensor, job: Prepared, **start: Any) -> Tensor:
        """Decode a sampled mel to audio (B, C, L) on the CPU; `start` is passed to `Codec.decode`."""
        waveform = self._codec.decode(
            mel, iterations=job.iterations, edition=job.edition, on_step=job.on_phase, **start
        )
        return waveform.cpu()

    def spliced(
        self, canvas: Canvas, mel: Tensor, job: Prepared, source: Tensor, *, first: int, **place: int
    ) -> Tensor:
        """Decode around the canvas's kept samples, and splice the result into the source: (B, C, L)."""
        kept = Kept(canvas.line, canvas.kept)
        made = self.decode(mel, job, generators=job.generators, kept=kept)
        if job.edition > 5:
            is_kept = canvas.kept.cpu()
            new = torch.zeros_like(is_kept)
            new[canvas.content] = ~is_kept[canvas.content]
            made = made * surrounding_gains(made, canvas.line.cpu(), is_kept, new)
        elif job.edition > 1:
            renewed = ~self._codec.whole_frames(canvas.kept)
            made = made * lost_gains(self._codec, mel, made, renewed, job.edition)
        new = made[..., canvas.content] / canvas.gain
        old = source.cpu().numpy()
        done = [insert(one, old, first=first, rate=self._rate, **place) for one in new.numpy()]
        return torch.from_numpy(np.stack(done))
