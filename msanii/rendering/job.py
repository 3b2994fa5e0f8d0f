"""Preparing a job for sampling: checked settings, a random generator per variation, the guided network.

Letters: K control rows, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import torch
from torch import Tensor

from msanii.choices import LATEST_EDITION, Edition, GuidanceRule, Phase, RepaintName, Scheduler
from msanii.config import ModelConfig, OnePassConfig
from msanii.diffusion.denoiser import Network
from msanii.diffusion.guidance import Denoise, Projection, group_scales, guided
from msanii.diffusion.sampling import REPAINT_PLANS, OnStep, RePaintPlan, Solver
from msanii.diffusion.schedule import NoiseSchedule
from msanii.errors import MsaniiError
from msanii.limits import GUIDANCE, ITERATIONS, Range

# For progress: the share of render time that sampling takes; the rest is Griffin-Lim.
SAMPLING_SHARE = 0.9
SEED_LIMIT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Sampling settings: network steps, sampler, guidance (1: plain) and Griffin-Lim iterations.

    `guidance_of` overrides the guidance of single control groups, as in `chords 3, notes 1.5`, and
    `guidance_rule` projected keeps guidance from raising the level.
    `phase` auto uses the vocoder's own phase if it has one, Griffin-Lim otherwise.
    `edition` is the version of the rendering rules.
    """

    steps: int
    scheduler: Scheduler
    guidance: float
    iterations: int
    phase: Phase = "auto"
    guidance_of: str = ""
    guidance_rule: GuidanceRule = "plain"
    edition: Edition = LATEST_EDITION

    def __post_init__(self) -> None:
        for name, choices in (("phase", Phase), ("scheduler", Scheduler), ("guidance_rule", GuidanceRule)):
            value, known = getattr(self, name), get_args(choices)
            if value not in known:
                raise MsaniiError(f"{name}: got {value!r}, expected {' or '.join(known)}")
        _require("guidance", self.guidance, GUIDANCE, "1 is plain, 2 follows chords")
        _require("iterations", self.iterations, ITERATIONS, "32 is a good number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A prepared job. Each of `generators` makes all random draws of one variation."""

    denoise: Denoise
    solver: Solver
    generators: list[torch.Generator]
    iterations: int | None
    on_step: OnStep | None
    edition: Edition

    def on_sampling(self, fraction: float) -> None:
        """Report progress of the sampling as progress of the job."""
        if self.on_step is not None:
            self.on_step(SAMPLING_SHARE * fraction)

    def on_phase(self, fraction: float) -> None:
        """Report progress of Griffin-Lim as progress of the job."""
        if self.on_step is not None:
            self.on_step(SAMPLING_SHARE + (1 - SAMPLING_SHARE) * fraction)


def edition_of(sampling: Sampling | None) -> Edition:
    """The edition of the settings; the latest for None, the model's own sampling."""
    return LATEST_EDITION if sampling is None else sampling.edition


def prepare(
    network: Network,
    config: ModelConfig,
    *,
    seeds: Sequence[int],
    sampling: Sampling | None,
    controls: Tensor | None,
    on_step: OnStep | None,
    new: Tensor | None = None,
) -> Prepared:
    """Prepare one variation per seed, under controls (K, T) or none; `new` (T,) marks the frames to fill.

    Raises MsaniiError for bad values.
    """
    chosen = sampling or own_sampling(config)
    # Without any active control, both branches of the guidance would be the same call.
    is_steered = controls is not None and bool(controls.any())
    scale = chosen.guidance if is_steered else 1.0
    own = group_scales(chosen.guidance_of, config.unet.controls)
    is_projected = chosen.guidance_rule == "projected"
    projection = Projection(NoiseSchedule(config.schedule), new) if is_projected else None
    return Prepared(
        denoise=guided(network, controls, scale, own if is_steered else (), projection),
        solver=Solver(schedule=config.schedule, scheduler=chosen.scheduler, steps=chosen.steps),
        generators=_generators(seeds),
        iterations=None if chosen.phase == "auto" and gives_phase(config) else chosen.iterations,
        on_step=on_step,
        edition=chosen.edition,
    )


def gives_phase(config: ModelConfig) -> bool:
    """Return whether the model's vocoder generates the waveform itself, including its phase."""
    return isinstance(config.vocoder, OnePassConfig) and "vocoder" in config.trained


def own_sampling(config: ModelConfig) -> Sampling:
    """Return the model's default sampling."""
    own = config.sampling
    return Sampling(
        steps=own.steps,
        scheduler=own.scheduler,
        guidance=own.guidance,
        guidance_rule=own.guidance_rule,
        iterations=own.iterations,
    )


def repaint_plan(name: RepaintName, steps: int | None = None) -> RePaintPlan:
    """Return the named RePaint plan, with `steps` if given. Raises MsaniiError for an unknown name."""
    if name not in REPAINT_PLANS:
        raise MsaniiError(f"repaint: got {name!r}, expected one of {', '.join(REPAINT_PLANS)}")
    plan = REPAINT_PLANS[name]
    return plan if steps is None else replace(plan, steps=steps)


def _require(name: str, value: float, within: Range, advice: str) -> None:
    # The comparison is written so that NaN fails it.
    if not within.low <= value <= within.high:
        raise MsaniiError(f"{name}: got {value}, expected {within.low:g} to {within.high:g}; {advice}")


def _generators(seeds: Sequence[int]) -> list[torch.Generator]:
    if not seeds:
        raise MsaniiError("seeds: got none, expected one for each variation")
    for seed in seeds:
        if not 0 <= seed < SEED_LIMIT:
            raise MsaniiError(f"seed: got {seed}, expected 0 to {SEED_LIMIT - 1}")
    return [torch.Generator("cpu").manual_seed(int(seed)) for seed in seeds]
