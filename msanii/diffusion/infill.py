"""Infill: new mel frames next to kept ones, for inpainting, outpainting and continuation.

Letters: B batch (variations), C audio channels, M mels, T frames, K control rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from msanii.diffusion.denoiser import Network, Predict
from msanii.diffusion.guidance import Denoise, timesteps_like
from msanii.diffusion.sampling import Generators, OnStep, Solver, generate, starting_noise
from msanii.diffusion.schedule import NoiseSchedule


def with_context(network: Any, mel: Tensor, kept: Tensor) -> Network:
    """Bind a network's context: a scaled mel (1, C, M, T), and (T,) true for its kept frames."""
    mask = kept.to(mel).expand(1, mel.shape[1], 1, mel.shape[-1])
    context = torch.cat((mel * mask, mask), dim=2)  # (1, C, M + 1, T)
    return lambda controls: cast(Predict, network.under(controls, context))


@dataclass(frozen=True, kw_only=True)
class LevelConstraint:
    """Keeps new frames at a level of the mel (1, C, M, T) that was there, during sampling.

    `kept` (T,) is true for kept frames. Each of `groups` has requested frames (T,) and those whose level in
    `mel` they are held to; padding to the network's multiple is in none. `level` returns the level of a mel,
    (B, 1, 1, 1), in the mel's units.
    """

    mel: Tensor
    kept: Tensor
    groups: Sequence[tuple[Tensor, Tensor]]
    level: Callable[[Tensor], Tensor]

    def apply(self, denoise: Denoise, schedule: NoiseSchedule) -> Denoise:
        """Wrap a denoiser so that its predictions agree with the kept mel.

        The network follows its context too weakly: its prediction of the kept frames, which it is given, is
        up to 7 dB off, and the frames next to them came out 4 to 10 dB too quiet. So at every step the kept
        frames are replaced by the true ones, and the new frames are shifted to their level, in proportion to
        the signal.
        """
        device = self.mel.device
        mel, kept = self.mel.float(), self.kept.to(device)
        held = [
            (new.to(device), self.level(mel[..., like.to(device)]))
            for new, like in self.groups
            if new.any() and like.any()
        ]
        if not held or not kept.any():
            return denoise

        def hold(x: Tensor, timestep: int) -> Tensor:
            here = timesteps_like(timestep, x)
            clean = schedule.clean(denoise(x, timestep).float(), x, here)
            alpha, _ = schedule.at(here, x)
            shifts = [(new, wanted - self.level(clean[..., new])) for new, wanted in held]
            # A single group takes the padding along, as its frames go on there.
            shift = shifts[0][1] if len(shifts) == 1 else sum(new * by for new, by in shifts)
            moved = clean + alpha**2 * shift
            return schedule.prediction(torch.where(kept, mel, moved), x, here)

        return hold


def infill_with_context(
    denoise: Denoise,
    solver: Solver,
    mel: Tensor,
    kept: Tensor,
    generators: Generators,
    on_step: OnStep | None = None,
    constraint: LevelConstraint | None = None,
) -> Tensor:
    """Generate the frames where `kept` (T,) is false with a network that has `with_context`: (B, C, M, T).

    With a `constraint` the new frames are held to the level of the rest; edition 1 of the rules used None.
    """
    noise = starting_noise(generators, mel.shape[1:], mel.device)
    if constraint is not None:
        denoise = constraint.apply(denoise, NoiseSchedule(solver.schedule))
    made = generate(denoise, solver, noise, on_step)
    return torch.where(kept.to(mel.device), mel, made)


def infill(
    denoise: Denoise,
    solver: Solver,
    mel: Tensor,
    kept: Tensor,
    generators: Generators,
    on_step: OnStep | None = None,
) -> Tensor:
    """Generate the frames where `kept` (T,) is false with a network without context: (B, C, M, T).

    RePaint (arXiv 2201.09865, algorithm 1) without its jumps back: one network call per step. The sampler is
    ancestral: its fresh noise at every step fits the new frames to the old. Its joins were not compared with
    those of a deterministic sampler, nor with those of the jumps that it omits.
    """
    tables = NoiseSchedule(solver.schedule)
    last = solver.schedule.num_train_timesteps - 1
    timesteps = [round(last * (solver.steps - index) / solver.steps) for index in range(solver.steps)]
    mel, known = mel.float(), kept.to(mel.device)
    noise = starting_noise(generators, mel.shape[1:], mel.device)
    x = noise
    for index, timestep in enumerate(timesteps):
        here = torch.full((x.shape[0],), timestep, dtype=torch.long, device=x.device)
        x = torch.where(known, tables.add_noise(mel.expand_as(x), noise, here), x)
        clean = torch.where(known, mel, tables.clean(denoise(x, timestep).float(), x, here))
        if index + 1 < len(timesteps):
            drawn = starting_noise(generators, mel.shape[1:], mel.device)
            x = tables.add_noise(clean, drawn, torch.full_like(here, timesteps[index + 1]))
        else:
            x = clean
        if on_step is not None:
            on_step((index + 1) / len(timesteps))
    return x
