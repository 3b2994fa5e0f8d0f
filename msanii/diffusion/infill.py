"""New mel beside mel that is kept: what in- and outpainting and continuing share.

Letters: B batch (one variation each), C audio channels, M mels, T frames, K control rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from msanii.diffusion.denoiser import Network, Predict
from msanii.diffusion.guidance import Denoise, timesteps_like
from msanii.diffusion.sampling import Generators, OnStep, Solver, generate, starting_noise
from msanii.diffusion.schedule import NoiseSchedule


def with_context(network: Any, mel: Tensor, kept: Tensor) -> Network:
    """The network with its context filled in: a scaled mel (1, C, M, T), and (T,) true where it is kept."""
    mask = kept.to(mel).expand(1, mel.shape[1], 1, mel.shape[-1])
    context = torch.cat((mel * mask, mask), dim=2)  # (1, C, M + 1, T)
    return lambda controls: cast(Predict, network.under(controls, context))


@dataclass(frozen=True, kw_only=True)
class LevelConstraint:
    """What new mel is held to while it is made: the kept mel (1, C, M, T), and its level.

    `kept` and `new` (T,) are true for frames that are kept, and for those that are asked for; frames that
    only fill the network's multiple are neither. `level` gives a mel's (B, 1, 1, 1) in the mel's own units.
    """

    mel: Tensor
    kept: Tensor
    new: Tensor
    level: Callable[[Tensor], Tensor]

    def apply(self, denoise: Denoise, schedule: NoiseSchedule) -> Denoise:
        """The same network, with what is known of the clean mel put into what it predicts.

        It hears its context too faintly: what it says of the kept frames, which it has before it, is up to
        7 dB off, and what it made beside them 4 to 10 dB too quiet. So the kept frames are put right at every
        step, and the new ones moved to their level, as far as the noise is gone.
        """
        if not self.kept.any() or not self.new.any():
            return denoise
        mel, kept, new = (one.to(self.mel.device) for one in (self.mel.float(), self.kept, self.new))
        wanted = self.level(mel[..., kept])

        def hold(x: Tensor, timestep: int) -> Tensor:
            here = timesteps_like(timestep, x)
            clean = schedule.clean(denoise(x, timestep).float(), x, here)
            alpha, _ = schedule.at(here, x)
            moved = clean + alpha**2 * (wanted - self.level(clean[..., new]))
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
    """New frames where `kept` (T,) is false, by a network that sees the rest (`with_context`): (B, C, M, T).

    What is new is `held` to the rest; None leaves it to the network, as edition 1 of the rules did.
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
    """New frames where `kept` (T,) is false, by a network that sees no context: (B, C, M, T).

    RePaint (arXiv 2201.09865, algorithm 1) without its jumps back: one network call a step. The walk is
    ancestral: what it draws anew at every step is what fits the new to the old. Its joins were not measured
    against those of a walk without draws, nor against the jumps that it leaves out.
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
