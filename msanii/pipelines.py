"""One method for each verb, from score and source to waveform: encode, sample, decode.

Letters: B batch (one variation for each seed), C audio channels, L samples, M mels, T frames, K control rows.
All audio is float32 at the model's sample rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from msanii import sampling as verbs
from msanii.checkpoint import LoadedModel, load_model
from msanii.codec import Canvas, Codec, at_level, level
from msanii.config import ModelConfig
from msanii.controls import control_tensor
from msanii.devices import Placement, choose_placement
from msanii.errors import CheckpointError
from msanii.finishing import End
from msanii.griffin_lim import Kept
from msanii.prepared import Prepared, Repaint, Sampling, prepare, repaint_plan
from msanii.sampling import OnStep, Side
from msanii.score import Score
from msanii.splicing import insert

__all__ = ["End", "Pipeline", "Repaint", "Sampling", "Side"]

# How long the last chord may ring past the end.
RING_SECONDS = 4.0
# What in- and outpainting hear on each side of what is new: as much as the networks were trained on at once.
CONTEXT_SECONDS = 12.0


class Pipeline:
    """A resident model. Verbs take one seed for each variation and render them as one batch (B, C, L).

    In every verb `on_step(fraction)` is called after each network call and each Griffin-Lim iteration, and
    may raise to cancel; `sampling` None means the model's own defaults; `score` None means no controls.
    Errors are MsaniiErrors: a bad value, AudioError (source), ControlError (the model lacks what is asked).
    """

    def __init__(self, model: LoadedModel, placement: Placement) -> None:
        if "unet" not in model.config.trained:
            raise CheckpointError("model: its U-Net was never trained; train it, or choose another model")
        self.config: ModelConfig = model.config
        self.fingerprint = model.fingerprint
        self.rate = model.config.transforms.sample_rate
        self._placement = placement
        self._codec = Codec(model, placement)
        self._unet = placement.place(model.unet)

    @classmethod
    def load(
        cls, folder: Path | str | None = None, *, device: str | None = None, dtype: str | None = None
    ) -> Pipeline:
        """Read a model folder (None: the default model) onto a device: auto, cpu, cuda or mps.

        `dtype` is auto, float32 or bfloat16. Raises CheckpointError, and MsaniiError for a device.
        """
        return cls(load_model(folder), choose_placement(device, dtype))

    @property
    def device_name(self) -> str:
        """`cpu`, `cuda` or `mps`."""
        return self._placement.device_name

    @property
    def dtype_name(self) -> str:
        """`float32` or `bfloat16`."""
        return self._placement.dtype_name

    @property
    def threads(self) -> int:
        """How many threads PyTorch computes with."""
        return torch.get_num_threads()

    @torch.inference_mode()
    def generate(
        self,
        score: Score,
        *,
        seeds: Sequence[int],
        sampling: Sampling | None = None,
        channels: int = 2,
        end: End = "cut",
        on_step: OnStep | None = None,
    ) -> Tensor:
        """New music, (B, C, L): exactly the score's length, and with `end="ring"` 4 more seconds of decay."""
        ring = end == "ring"
        samples = score.samples(self.rate) + (round(RING_SECONDS * self.rate) if ring else 0)
        frames = self._codec.frames_for(samples)
        controls = self._controls(score, frames, ring_from_seconds=score.seconds if ring else None)
        job = self._job(seeds, sampling, controls, on_step)
        noise = self._noise(job, channels, frames)
        with self._placement.autocast():
            mel = verbs.generate(job.denoise, job.solver, noise, job.on_sampling)
        return self._decode(mel, job, generators=job.generators)[..., :samples]

    @torch.inference_mode()
    def vary(
        self,
        source: Tensor,
        score: Score | None = None,
        *,
        seeds: Sequence[int],
        strength: float,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """The source (C, L) made anew at its own level, (B, C, L); `strength` from 0 (keep) to 1 (forget)."""
        source = self._codec.check_source("source", source)
        canvas = self._codec.canvas(source)
        controls = self._controls(score, canvas.frames)
        job = self._job(seeds, sampling, controls, on_step)
        noise = self._noise(job, source.shape[0], canvas.frames)
        mel = self._codec.encode(canvas.line)
        with self._placement.autocast():
            mel = verbs.vary(job.denoise, job.solver, mel, noise, strength, job.on_sampling)
        varied = self._decode(mel, job, phase=self._codec.phase(canvas.line))[..., : source.shape[1]]
        return at_level(varied, level(source))

    @torch.inference_mode()
    def interpolate(
        self,
        source: Tensor,
        other: Tensor,
        ratio: float,
        score: Score | None = None,
        *,
        seeds: Sequence[int],
        strength: float,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """What lies between two sources (C, L), as long as the shorter: ratio 0 is the first, 1 the other."""
        first, second = self._codec.check_pair(source, other)
        canvases = [self._codec.canvas(waveform) for waveform in (first, second)]
        controls = self._controls(score, canvases[0].frames)
        job = self._job(seeds, sampling, controls, on_step)
        noise = self._noise(job, first.shape[0], canvases[0].frames)
        mels = self._codec.encode(canvases[0].line), self._codec.encode(canvases[1].line)
        with self._placement.autocast():
            mel = verbs.interpolate(job.denoise, job.solver, mels, ratio, noise, strength, job.on_sampling)
        phase = self._codec.phase(torch.lerp(canvases[0].line, canvases[1].line, ratio))
        between = self._decode(mel, job, phase=phase)[..., : first.shape[1]]
        return at_level(between, torch.lerp(level(first), level(second), ratio))

    @torch.inference_mode()
    def inpaint(
        self,
        source: Tensor,
        from_seconds: float | None,
        to_seconds: float | None,
        score: Score | None = None,
        *,
        seeds: Sequence[int],
        repaint: Repaint = "draft",
        repaint_steps: int | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """The source (C, L) with new music between two times (None: its start, its end), (B, C, L).

        The rest comes back sample for sample; the score counts from the source's start. RePaint steps, by
        the plan `repaint` in `repaint_steps` (None: its own); of `sampling`, guidance and iterations count.
        """
        source = self._codec.check_source("source", source)
        start, end = self._codec.check_region(source, from_seconds, to_seconds)
        reach = round(CONTEXT_SECONDS * self.rate)
        first, last = max(0, start - reach), min(source.shape[1], end + reach)
        canvas = self._codec.canvas(source[:, first:last], gap=slice(start - first, end - first))
        job = self._job(seeds, sampling, self._controls(score, canvas.frames, first), on_step)
        mel, known = self._codec.encode(canvas.line), self._codec.whole_frames(canvas.kept)
        plan, schedule = repaint_plan(repaint, repaint_steps), self.config.schedule
        with self._placement.autocast():
            mel = verbs.inpaint(job.denoise, schedule, plan, mel, known, job.generators, job.on_sampling)
        return self._spliced(canvas, mel, job, source, first=first, start=start, end=end)

    @torch.inference_mode()
    def outpaint(
        self,
        source: Tensor,
        seconds: float,
        side: Side = "after",
        score: Score | None = None,
        *,
        seeds: Sequence[int],
        repaint: Repaint = "draft",
        repaint_steps: int | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """`seconds` of new music before or after the source (C, M), and the source itself, (B, C, M + new).

        The source comes back sample for sample; the score counts from the first new sample. RePaint walks
        as in `inpaint`.
        """
        source = self._codec.check_source("source", source)
        added, before = self._codec.check_added(seconds, side), side == "before"
        reach = min(round(CONTEXT_SECONDS * self.rate), source.shape[1])
        context = source[:, :reach] if before else source[:, -reach:]
        canvas = self._codec.canvas(context, added=added, before=before)
        begin = -canvas.content.start if before else -reach
        job = self._job(seeds, sampling, self._controls(score, canvas.frames, begin), on_step)
        known = self._codec.whole_frames(canvas.kept)
        mel = self._codec.encode(canvas.line)[..., known]
        new_frames, plan, schedule = (
            canvas.frames - mel.shape[-1],
            repaint_plan(repaint, repaint_steps),
            self.config.schedule,
        )
        with self._placement.autocast():
            mel = verbs.outpaint(
                job.denoise, schedule, plan, mel, new_frames, side, job.generators, job.on_sampling
            )
        if before:
            return self._spliced(canvas, mel, job, source, first=0, start=0, end=added, offset=added)
        length = source.shape[1]
        return self._spliced(canvas, mel, job, source, first=length - reach, start=length, end=length + added)

    def _noise(self, job: Prepared, channels: int, frames: int) -> Tensor:
        shape = (channels, self.config.transforms.n_mels, frames)
        return verbs.starting_noise(job.generators, shape, self._placement.device)

    def _job(
        self,
        seeds: Sequence[int],
        sampling: Sampling | None,
        controls: Tensor | None,
        on_step: OnStep | None,
    ) -> Prepared:
        return prepare(
            self._unet, self.config, seeds=seeds, sampling=sampling, controls=controls, on_step=on_step
        )

    def _controls(
        self,
        score: Score | None,
        frames: int,
        first_sample: int = 0,
        *,
        ring_from_seconds: float | None = None,
    ) -> Tensor | None:
        """(K, T) from `first_sample` of the score on; None for a model without controls."""
        groups, transforms = self.config.unet.controls, self.config.transforms
        if score is None:
            return torch.zeros(self.config.unet.n_controls, frames) if groups else None
        controls = control_tensor(
            score,
            groups,
            frames,
            hop=transforms.hop_length,
            rate=self.rate,
            start_seconds=first_sample / self.rate,
            ring_from_seconds=ring_from_seconds,
        )
        return controls if groups else None

    def _decode(self, mel: Tensor, job: Prepared, **start: Any) -> Tensor:
        waveform = self._codec.decode(mel, iterations=job.iterations, on_step=job.on_phase, **start)
        return waveform.cpu()

    def _spliced(
        self, canvas: Canvas, mel: Tensor, job: Prepared, source: Tensor, *, first: int, **place: int
    ) -> Tensor:
        """Decode around what the canvas keeps, and put that into the source: (B, C, L)."""
        kept = Kept(canvas.line, canvas.kept)
        new = self._decode(mel, job, generators=job.generators, kept=kept)[..., canvas.content] / canvas.gain
        old = source.cpu().numpy()
        done = [insert(one, old, first=first, rate=self.rate, **place) for one in new.numpy()]
        return torch.from_numpy(np.stack(done))
