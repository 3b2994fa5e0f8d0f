"""Samplers: the five verbs as pure functions on scaled mels. diffusers' schedulers step; the loops are here.

Letters: B batch (variations), C audio channels, M mels, T frames, K control rows. Every random draw comes
from a CPU generator per variation, so that a seed gives the same result on every device and in any batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import torch
from torch import Tensor

from msanii.choices import RepaintName, Scheduler
from msanii.config import ScheduleConfig
from msanii.diffusion.guidance import Denoise, timesteps_like
from msanii.diffusion.schedule import NoiseSchedule, make_scheduler, require_strength
from msanii.diffusion.schedulers import DPMSolverMultistepScheduler, RePaintScheduler
from msanii.errors import MsaniiError

OnStep = Callable[[float], None]
Generators = Sequence[torch.Generator]
Step = Callable[[Tensor, int, Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """The sampler: the model's noise schedule, the scheduler, and the number of steps from pure noise."""

    schedule: ScheduleConfig
    scheduler: Scheduler
    steps: int

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= self.schedule.num_train_timesteps:
            raise MsaniiError(
                f"steps: got {self.steps}, expected 1 to {self.schedule.num_train_timesteps}; "
                "10 to 20 do for dpmsolver++"
            )


@dataclass(frozen=True, slots=True)
class RePaintPlan:
    """RePaint's schedule: its steps, and the length and number of its jumps back (RePaint, figure 9)."""

    steps: int
    jump: int
    resamples: int

    def calls(self, schedule: ScheduleConfig) -> int:
        """The number of network calls."""
        scheduler = _repaint_scheduler(schedule, self)
        return sum(falling for _, falling in _walk(scheduler.timesteps.tolist()))


REPAINT_PLANS: Mapping[RepaintName, RePaintPlan] = {
    "draft": RePaintPlan(20, 2, 5),
    "normal": RePaintPlan(50, 5, 3),
    "paper": RePaintPlan(200, 10, 10),
}


def starting_noise(generators: Generators, shape: Sequence[int], device: torch.device) -> Tensor:
    """Gaussian noise (B, *shape), one generator per variation, drawn on the CPU."""
    return torch.stack([torch.randn(*shape, generator=generator) for generator in generators]).to(device)


def timesteps_for(solver: Solver, share: float | None = None) -> list[int]:
    """The falling timesteps at which the network is called.

    Without a share: over the whole schedule, spaced as in diffusers. With one, 0 < share <= 1: from exactly
    that share of the schedule (0.6 of 1000 starts at 600, 1.0 at 999), in that share of the steps. Raises
    MsaniiError for a share out of range.
    """
    total = solver.schedule.num_train_timesteps
    if share is None and solver.scheduler == "ddim":
        scheduler: Any = make_scheduler(solver.schedule)
        scheduler.set_timesteps(solver.steps)
        return cast(list[int], scheduler.timesteps.tolist())
    if share is None:
        share = 1.0
    require_strength(share)
    start = min(max(round(share * total), 1), total - 1)
    # Rounded first: 200 * 0.55 is 110.00000000000001, which must not add a step.
    count = min(max(math.ceil(round(solver.steps * share, 6)), 1), start)
    return [round(start * (count - index) / count) for index in range(count)]


def generate(denoise: Denoise, solver: Solver, noise: Tensor, on_step: OnStep | None = None) -> Tensor:
    """Generate a scaled mel from noise (B, C, M, T), of the same shape."""
    return _solve(denoise, solver, noise, timesteps_for(solver), on_step)


def vary(
    denoise: Denoise,
    solver: Solver,
    mel: Tensor,
    noise: Tensor,
    share: float,
    on_step: OnStep | None = None,
) -> Tensor:
    """Noise a scaled mel (B or 1, C, M, T) to a share of the schedule and denoise it again: (B, C, M, T)."""
    timesteps = timesteps_for(solver, share)
    noised = _noised(solver.schedule, mel, noise, timesteps[0])
    return _solve(denoise, solver, noised, timesteps, on_step)


def interpolate(
    denoise: Denoise,
    solver: Solver,
    mels: tuple[Tensor, Tensor],
    ratio: float,
    noise: Tensor,
    share: float,
    on_step: OnStep | None = None,
) -> Tensor:
    """Noise two scaled mels (B or 1, C, M, T) alike, mix, denoise; ratio 0 is the first, 1 the second.

    Raises MsaniiError for a ratio or share out of range.
    """
    if not 0 <= ratio <= 1:
        raise MsaniiError(f"ratio: got {ratio}, expected 0 (all the first) to 1 (all the second)")
    timesteps = timesteps_for(solver, share)
    first, second = (_noised(solver.schedule, mel.to(noise), noise, timesteps[0]) for mel in mels)
    return _solve(denoise, solver, torch.lerp(first, second, ratio), timesteps, on_step)


def inpaint(
    denoise: Denoise,
    schedule: ScheduleConfig,
    plan: RePaintPlan,
    mel: Tensor,
    kept: Tensor,
    generators: Generators,
    on_step: OnStep | None = None,
) -> Tensor:
    """RePaint: generate the frames where `kept`, broadcast to (B, C, M, T), is 0; keep those of `mel`.

    `mel` (1, C, M, T) is scaled; there is one generator for each of the B variations.
    """
    scheduler = _repaint_scheduler(schedule, plan)
    tables = NoiseSchedule(schedule)
    calls, done = plan.calls(schedule), 0
    mel, kept = mel.float(), kept.to(mel.device).float()
    x = starting_noise(generators, mel.shape[1:], mel.device)
    for timestep, falling in _walk(scheduler.timesteps.tolist()):
        if not falling:
            x = _back_to_noise(scheduler, x, timestep, generators)
            continue
        epsilon = tables.epsilon(denoise(x, timestep).float(), x, timesteps_like(timestep, x))
        x = scheduler.step(
            epsilon, timestep, x, mel.expand_as(x), kept, generator=list(generators)
        ).prev_sample
        done += 1
        if on_step is not None:
            on_step(done / calls)
    return x


def _solve(
    denoise: Denoise, solver: Solver, x: Tensor, timesteps: Sequence[int], on_step: OnStep | None
) -> Tensor:
    step = _ddim_step(solver, timesteps) if solver.scheduler == "ddim" else _dpm_step(solver, timesteps)
    for index, timestep in enumerate(timesteps):
        x = step(denoise(x, timestep).float(), index, x)
        if on_step is not None:
            on_step((index + 1) / len(timesteps))
    return x


def _ddim_step(solver: Solver, timesteps: Sequence[int]) -> Step:
    scheduler: Any = make_scheduler(solver.schedule)
    total = solver.schedule.num_train_timesteps
    gaps = [here - after for here, after in zip(timesteps, [*timesteps[1:], -1], strict=True)]

    def step(prediction: Tensor, index: int, x: Tensor) -> Tensor:
        # diffusers steps to timestep - total // num_inference_steps; this value makes that our next timestep.
        scheduler.num_inference_steps = Fraction(total, gaps[index])
        return cast(Tensor, scheduler.step(prediction, timesteps[index], x).prev_sample)

    return step


def _dpm_step(solver: Solver, timesteps: Sequence[int]) -> Step:
    config = solver.schedule
    # This scheduler cannot clip its estimate of the clean mel, so we pass it the clipped estimate.
    scheduler: Any = DPMSolverMultistepScheduler(  # type: ignore[no-untyped-call]
        num_train_timesteps=config.num_train_timesteps,
        beta_schedule=config.beta_schedule,
        prediction_type="sample",
        rescale_betas_zero_snr=config.rescale_betas_zero_snr,
    )
    scheduler.set_timesteps(timesteps=list(timesteps))
    tables = NoiseSchedule(config)

    def step(prediction: Tensor, index: int, x: Tensor) -> Tensor:
        clean = tables.clean(prediction, x, timesteps_like(timesteps[index], x))
        return cast(Tensor, scheduler.step(clean, timesteps[index], x).prev_sample)

    return step


def _noised(schedule: ScheduleConfig, mel: Tensor, noise: Tensor, timestep: int) -> Tensor:
    return NoiseSchedule(schedule).add_noise(mel.to(noise), noise, timesteps_like(timestep, noise))


def _repaint_scheduler(schedule: ScheduleConfig, plan: RePaintPlan) -> Any:
    scheduler: Any = RePaintScheduler(  # type: ignore[no-untyped-call]
        num_train_timesteps=schedule.num_train_timesteps,
        beta_schedule=schedule.beta_schedule,
        clip_sample=schedule.clip_sample,
    )
    scheduler.set_timesteps(plan.steps, plan.jump, plan.resamples)
    return scheduler


def _walk(timesteps: Sequence[int]) -> Iterator[tuple[int, bool]]:
    """Yield (timestep, True) to denoise from a timestep, and (timestep, False) to noise back up to it."""
    last = 1 << 62
    for timestep in timesteps:
        yield (timestep, True) if timestep < last else (last, False)
        last = timestep


def _back_to_noise(scheduler: Any, x: Tensor, timestep: int, generators: Generators) -> Tensor:
    """Noise `x` from the step below up to `timestep`, in one draw.

    diffusers' undo_step draws once per training step and uses the betas of the gap above, so that with few
    steps the result has more noise than the network is told.
    """
    below = timestep - scheduler.config.num_train_timesteps // scheduler.num_inference_steps
    alphas_cumprod = scheduler.alphas_cumprod
    kept = alphas_cumprod[timestep] / (alphas_cumprod[below] if below >= 0 else scheduler.final_alpha_cumprod)
    noise = starting_noise(generators, x.shape[1:], x.device)
    return cast(Tensor, kept**0.5 * x + (1 - kept) ** 0.5 * noise)
