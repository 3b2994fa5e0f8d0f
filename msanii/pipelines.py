"""The model's Python API: one method per verb, from score and source to waveform (encode, sample, decode).

Letters: B batch (one variation for each seed), C audio channels, L samples, M mels, T frames, K control rows.
All audio is float32 at the model's sample rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.choices import End, RepaintName, Side
from msanii.config import ModelConfig
from msanii.devices import Placement, choose_placement
from msanii.diffusion import sampling as verbs
from msanii.diffusion.circle import Circle
from msanii.diffusion.sampling import OnStep
from msanii.diffusion.schedule import start_share
from msanii.errors import CheckpointError
from msanii.limits import DEFAULT_REPAINT, DEFAULT_SIDE
from msanii.memory_layout import CONTIGUOUS, parse_layout
from msanii.music.score import Score
from msanii.rendering.codec import Codec, at_level, level
from msanii.rendering.continuation import Continuation
from msanii.rendering.job import Prepared, Sampling, edition_of, repaint_plan
from msanii.rendering.looping import check_loop_end, decode_loop
from msanii.rendering.renewal import Regions, Renewal
from msanii.rendering.score_batch import one_length, together
from msanii.rendering.steps import PipelineSteps
from msanii.rendering.taught import TaughtUNets, groups_of, in_groups
from msanii.signal.mono import survive_mono

__all__ = ["Pipeline", "Sampling"]

# How long the last chord may ring past the end.
RING_SECONDS = 4.0
# In- and outpainting see this much on each side of the new audio: the networks' training length.
CONTEXT_SECONDS = 12.0


class Pipeline:
    """A resident model. Verbs take one seed for each variation and render them as one batch (B, C, L).

    In every verb `on_step(fraction)` is called after each network call and each Griffin-Lim iteration, and
    may raise to cancel; `sampling` None means the model's own defaults; `score` None means no controls.
    Errors are MsaniiErrors: a bad value, AudioError (source), ControlError (the model lacks a control).
    """

    def __init__(self, model: LoadedModel, placement: Placement) -> None:
        if "unet" not in model.config.trained:
            raise CheckpointError("model: its U-Net was never trained; train it, or choose another model")
        self.config: ModelConfig = model.config
        self.fingerprint = model.fingerprint
        self.rate = model.config.transforms.sample_rate
        self._placement = placement
        self._codec = Codec(model, placement)
        self._transforms = model.transforms
        unet = placement.place(model.unet)
        unet.layout = placement.layout
        self._taught = TaughtUNets(unet, self.config, self.fingerprint, placement)
        self._steps = PipelineSteps(unet, self.config, self._codec, placement)

    @classmethod
    def load(
        cls,
        folder: Path | str | None = None,
        *,
        device: str | None = None,
        dtype: str | None = None,
        layout: str = str(CONTIGUOUS),
    ) -> Pipeline:
        """Load a model folder (None: the default model) onto a device: auto, cpu, cuda or mps.

        `dtype` is auto, float32 or bfloat16, `layout` as `MemoryLayout` writes it. Raises CheckpointError,
        and MsaniiError for a bad device or layout.
        """
        return cls(load_model(folder), choose_placement(device, dtype, parse_layout(layout)))

    def add_taught_sound(self, sha256: str, path: Path) -> None:
        """Load the file of a taught sound, so that scores may name it by its hash.

        Raises CheckpointError for a file that was changed, is damaged, or was taught to another model.
        """
        self._taught.add(sha256, path)

    @property
    def knows_notes(self) -> bool:
        """Whether the model plays notes that it is given."""
        return any(group.name == "notes" for group in self.config.unet.controls)

    @property
    def placement(self) -> Placement:
        """The device and the type of its matrix products."""
        return self._placement

    @property
    def device_name(self) -> str:
        """`cpu`, `cuda` or `mps`."""
        return self._placement.device_name

    @property
    def dtype_name(self) -> str:
        """`float32` or `bfloat16`."""
        return self._placement.dtype_name

    @property
    def layout_name(self) -> str:
        """The memory layout, as `MemoryLayout` writes it."""
        return str(self._placement.layout)

    @property
    def threads(self) -> int:
        """The number of threads that PyTorch uses."""
        return torch.get_num_threads()

    @torch.inference_mode()
    def generate(
        self,
        score: Score | Sequence[Score],
        *,
        seeds: Sequence[int],
        sampling: Sampling | None = None,
        channels: int = 2,
        end: End = "cut",
        loop: bool = False,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Generate music, (B, C, L), of exactly the score's length; `end="ring"` adds 4 seconds of decay.

        Takes one score for all, or one of the same length for each seed. With `loop` the music is rendered on
        a circle, its end leading into its start; the decay then follows as a tail, for leaving the loop.
        """
        ring = end == "ring"
        scores = one_length(score, len(seeds), self.rate)
        if len(groups := groups_of(scores)) > 1:
            render = partial(self.generate, sampling=sampling, channels=channels, end=end, loop=loop)
            return in_groups(render, groups, scores, seeds, on_step)
        if loop:
            return self._generate_loop(scores, seeds, sampling, channels, end, on_step)
        samples = scores[0].samples(self.rate) + (round(RING_SECONDS * self.rate) if ring else 0)
        until = scores[0].seconds if ring else None
        job, mel = self._sampled(scores, samples, seeds, sampling, channels, until, on_step)
        made = self._steps.decode(mel, job, generators=job.generators)[..., :samples]
        return survive_mono(made) if job.edition >= 4 else made

    @torch.inference_mode()
    def generate_mel(
        self,
        score: Score | Sequence[Score],
        *,
        seeds: Sequence[int],
        sampling: Sampling | None = None,
        channels: int = 2,
    ) -> Tensor:
        """The unscaled log-mel (B, C, M, T) that `generate` would decode, to try with another vocoder."""
        scores = one_length(score, len(seeds), self.rate)
        samples = scores[0].samples(self.rate)
        _, mel = self._sampled(scores, samples, seeds, sampling, channels, None, None)
        return self._transforms.unscale(mel.float().to(self._placement.signal_device))

    def _sampled(
        self,
        scores: Sequence[Score],
        samples: int,
        seeds: Sequence[int],
        sampling: Sampling | None,
        channels: int,
        ring_from_seconds: float | None,
        on_step: OnStep | None,
    ) -> tuple[Prepared, Tensor]:
        """Prepare a job and sample a scaled mel (B, C, M, T) of at least `samples`."""
        frames = self._codec.frames_for(samples)
        steps = self._steps_for(scores[0])
        controls = together(
            [steps.controls(one, frames, ring_from_seconds=ring_from_seconds) for one in scores]
        )
        job = steps.job(seeds, sampling, controls, on_step)
        noise = self._steps.noise(job, channels, frames)
        with self._placement.autocast():
            return job, verbs.generate(job.denoise, job.solver, noise, job.on_sampling)

    def _generate_loop(
        self,
        scores: Sequence[Score],
        seeds: Sequence[int],
        sampling: Sampling | None,
        channels: int,
        end: End,
        on_step: OnStep | None,
    ) -> Tensor:
        check_loop_end(end)
        samples = scores[0].samples(self.rate)
        tail_samples = round(RING_SECONDS * self.rate) if end == "ring" else 0
        circle = Circle.of(samples, self.config.transforms.hop_length, tail_samples)
        controls = together([self._steps.loop_controls(one, circle) for one in scores])
        job = self._steps_for(scores[0]).job(seeds, sampling, controls, on_step, circle)
        noise = self._steps.noise(job, channels, circle.line_frames)
        with self._placement.autocast():
            mel = verbs.generate(job.denoise, job.solver, noise, job.on_sampling)
        made = decode_loop(
            self._codec,
            mel,
            circle,
            iterations=job.iterations,
            generators=job.generators,
            edition=job.edition,
            on_step=job.on_phase,
        )
        made = made[..., : samples + tail_samples].cpu()
        return survive_mono(made) if job.edition >= 4 else made

    @torch.inference_mode()
    def vary(
        self,
        source: Tensor,
        score: Score | None = None,
        *,
        seeds: Sequence[int],
        strength: float,
        loop: bool = False,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Vary the source (C, L) at its own level, (B, C, L); `strength` from 0 (keep it) to 1 (ignore it).

        With `loop` the source is treated as a loop, and the result has no seam either.
        """
        edition = edition_of(sampling)
        start = start_share(self.config.schedule, strength, edition)
        source = self._codec.audible_source("source", source, edition, circular=loop)
        circle = Circle.of(source.shape[1], self.config.transforms.hop_length) if loop else None
        canvas = (
            self._codec.loop_canvas(source, circle, edition)
            if circle
            else self._codec.canvas(source, edition=edition)
        )
        controls = (
            self._steps.loop_controls(score, circle) if circle else self._steps.controls(score, canvas.frames)
        )
        job = self._steps_for(score).job(seeds, sampling, controls, on_step, circle)
        noise = self._steps.noise(job, source.shape[0], canvas.frames)
        mel = self._codec.encode(canvas.line, circle)
        with self._placement.autocast():
            mel = verbs.vary(job.denoise, job.solver, mel, noise, start, job.on_sampling)
        made = self._steps.decode(mel, job, source=canvas.line, near=True, circle=circle)
        varied = made[..., : source.shape[1]]
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
        """Blend two sources (C, L), to the length of the shorter: ratio 0 is the first, 1 the other."""
        edition = edition_of(sampling)
        start = start_share(self.config.schedule, strength, edition)
        pair = self._codec.check_pair(source, other)
        first, second = (
            self._codec.audible_source(name, one, edition)
            for name, one in zip(("source", "source_b"), pair, strict=True)
        )
        canvases = [self._codec.canvas(waveform, edition=edition) for waveform in (first, second)]
        controls = self._steps.controls(score, canvases[0].frames)
        job = self._steps_for(score).job(seeds, sampling, controls, on_step)
        noise = self._steps.noise(job, first.shape[0], canvases[0].frames)
        mels = self._codec.encode(canvases[0].line), self._codec.encode(canvases[1].line)
        with self._placement.autocast():
            mel = verbs.interpolate(job.denoise, job.solver, mels, ratio, noise, start, job.on_sampling)
        both = torch.lerp(canvases[0].line, canvases[1].line, ratio)
        between = self._steps.decode(mel, job, source=both, near=True)[..., : first.shape[1]]
        return at_level(between, torch.lerp(level(first), level(second), ratio))

    @torch.inference_mode()
    def inpaint(
        self,
        source: Tensor,
        from_seconds: float | None,
        to_seconds: float | None,
        score: Score | Sequence[Score] | None = None,
        *,
        seeds: Sequence[int],
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Replace the source (C, L) between two times (None: its start, its end), (B, C, L).

        The rest comes back sample for sample; the score, one for all or one for each seed, starts at the
        source's start. A model with context
        samples as usual. Others use RePaint, by the plan `repaint` in `repaint_steps` (None: the plan's own);
        of `sampling`, guidance and iterations still apply then.
        """
        source = self._codec.check_source("source", source)
        start, end = self._codec.check_region(source, from_seconds, to_seconds)
        reach = round(CONTEXT_SECONDS * self.rate)
        first, last = max(0, start - reach), min(source.shape[1], end + reach)
        canvas = self._codec.canvas(
            source[:, first:last], gaps=[slice(start - first, end - first)], edition=edition_of(sampling)
        )
        controls = self._controls(score, seeds, canvas.frames, first)
        plan = repaint_plan(repaint, repaint_steps)
        job, mel = self._steps_for(score).filled(canvas, plan, seeds, sampling, controls, on_step)
        return self._steps.spliced(canvas, mel, job, source, first=first, start=start, end=end)

    @torch.inference_mode()
    def outpaint(
        self,
        source: Tensor,
        seconds: float,
        side: Side = DEFAULT_SIDE,
        score: Score | Sequence[Score] | None = None,
        *,
        seeds: Sequence[int],
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Add `seconds` of new music before or after the source (C, M), (B, C, M + new).

        The source comes back sample for sample; the score starts at the first new sample. Sampling is as in
        `inpaint`.
        """
        source = self._codec.check_source("source", source)
        added, before = self._codec.check_added(seconds, side), side == "before"
        reach = min(round(CONTEXT_SECONDS * self.rate), source.shape[1])
        context = source[:, :reach] if before else source[:, -reach:]
        canvas = self._codec.canvas(context, added=added, before=before, edition=edition_of(sampling))
        begin = -canvas.content.start if before else -reach
        controls = self._controls(score, seeds, canvas.frames, begin)
        plan = repaint_plan(repaint, repaint_steps)
        job, mel = self._steps_for(score).filled(canvas, plan, seeds, sampling, controls, on_step)
        if before:
            return self._steps.spliced(canvas, mel, job, source, first=0, start=0, end=added, offset=added)
        length = source.shape[1]
        return self._steps.spliced(
            canvas, mel, job, source, first=length - reach, start=length, end=length + added
        )

    @torch.inference_mode()
    def renew(
        self,
        source: Tensor,
        regions: Regions,
        score: Score | Sequence[Score],
        *,
        seeds: Sequence[int],
        end: End = "cut",
        loop: bool = False,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
        sampling: Sampling | None = None,
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Render regions of the source (C, L), given in samples, anew in one pass: (B, C, L).

        Only the regions count; the caller splices them into the source. With `loop` the source is a loop, and
        `end="ring"` adds the tail after it; a source that is no loop rings on after the score with that. The
        score, or each seed's own, starts at the source's start. Sampling is as in `inpaint`.
        """
        scores = one_length(score, len(seeds), self.rate)
        renewal = Renewal(
            steps=self._steps_for(scores[0]),
            codec=self._codec,
            regions=regions,
            scores=scores,
            seeds=seeds,
            plan=repaint_plan(repaint, repaint_steps),
            sampling=sampling,
            on_step=on_step,
        )
        source = self._codec.check_source("source", source)
        if loop:
            tail = round(RING_SECONDS * self.rate) if end == "ring" else 0
            return renewal.of_loop(source, tail_samples=tail)
        until = scores[0].seconds if end == "ring" else None
        reach = round(CONTEXT_SECONDS * self.rate)
        return renewal.of_line(source, reach=reach, ring_from_seconds=until)

    def _controls(
        self, score: Score | Sequence[Score] | None, seeds: Sequence[int], frames: int, first_sample: int
    ) -> Tensor | None:
        """Controls (K, T) of one score for all, or (B, K, T) of one for each seed."""
        scores = [None] if score is None else one_length(score, len(seeds), self.rate)
        return together([self._steps.controls(one, frames, first_sample) for one in scores])

    def continuation(self) -> Continuation:
        """Return a renderer of endless music, bar by bar, with this model."""
        return Continuation(self._taught.of, self.config, self._codec, self._placement)

    def _steps_for(self, score: Score | Sequence[Score] | None) -> PipelineSteps:
        """The steps with the U-Net that plays a score; several play the same sounds, or none is taught."""
        first = score if score is None or isinstance(score, Score) else next(iter(score), None)
        unet = self._taught.of(first)
        if unet is self._steps.unet:
            return self._steps
        return PipelineSteps(unet, self.config, self._codec, self._placement)
