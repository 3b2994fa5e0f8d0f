"""What every verb needs before it samples: settings checked, one generator a variation, the guided network.

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

# The share of a render's time that goes into sampling, the rest being Griffin-Lim: for the progress shown.
SAMPLING_SHARE = 0.9
SEED_LIMIT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How carefully to render: network steps, who walks them, guidance (1: plain), Griffin-Lim iterations.

    `guidance_of` gives some control groups a guidance of their own, such as `chords 3, notes 1.5`, and
    `guidance_rule` projected keeps all of it from raising the level.
    `phase` auto leaves the phase to a vocoder that gives one, and to Griffin-Lim where it does not.
    `edition` names the rules of rendering.
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
    """A verb's tools. Each of `generators` serves one variation from its first draw to its last."""

    denoise: Denoise
    solver: Solver
    generators: list[torch.Generator]
    iterations: int | None
    on_step: OnStep | None
    edition: Edition

    def on_sampling(self, fraction: float) -> None:
        """Report a fraction of the sampling as one of the whole."""
        if self.on_step is not None:
            self.on_step(SAMPLING_SHARE * fraction)

    def on_phase(self, fraction: float) -> None:
        """Report a fraction of Griffin-Lim as one of the whole."""
        if self.on_step is not None:
            self.on_step(SAMPLING_SHARE + (1 - SAMPLING_SHARE) * fraction)


def edition_of(sampling: Sampling | None) -> Edition:
    """By which rules is rendered, None by the model's own sampling."""
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
    """Tools for one variation a seed, under controls (K, T) or none; `new` (T,) are the frames to be made.

    Raises MsaniiError for bad values.
    """
    chosen = sampling or own_sampling(config)
    # Without any control shown, both branches of the guidance would be the same call.
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
    """Whether the model's vocoder makes the waveform itself, phase and all."""
    return isinstance(config.vocoder, OnePassConfig) and "vocoder" in config.trained


def own_sampling(config: ModelConfig) -> Sampling:
    """How the model is sampled when nobody says otherwise."""
    own = config.sampling
    return Sampling(
        steps=own.steps,
        scheduler=own.scheduler,
        guidance=own.guidance,
        guidance_rule=own.guidance_rule,
        iterations=own.iterations,
    )


def repaint_plan(name: RepaintName, steps: int | None = None) -> RePaintPlan:
    """The plan of that name, in `steps` of its own if given. Raises MsaniiError for an unknown one."""
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
