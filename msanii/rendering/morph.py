"""Endless music between two loops: both play from the same bar on, and each bar is interpolated between them.

Letters: C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.choices import Edition
from msanii.diffusion.guidance import Denoise
from msanii.diffusion.infill import LevelConstraint
from msanii.diffusion.sampling import Generators, OnStep, Solver, interpolate, starting_noise
from msanii.diffusion.schedule import NoiseSchedule
from msanii.errors import MsaniiError
from msanii.rendering.codec import Codec

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Morph:
    """Two loops, each (C, L) at the model's rate and as long as its beats are in the tempo of the bars.

    `position` is 0 for all the first and 1 for all the second; `strength`, above 0 to 1, is how far the music
    may go from what lies between.
    """

    first: Audio
    second: Audio
    position: float
    strength: float

    def __post_init__(self) -> None:
        if not 0 <= self.position <= 1:
            raise MsaniiError(f"position: got {self.position}, expected 0 (all the first) to 1 (the second)")
        if not 0 < self.strength <= 1:
            raise MsaniiError(f"strength: got {self.strength}, expected above 0 to 1")


def looped(loop: Audio, start: int, samples: int) -> Audio:
    """Return `samples` of a loop (C, L) that repeats for ever, from its sample `start` on, even below 0."""
    indices = np.arange(start, start + samples) % loop.shape[1]
    return np.ascontiguousarray(loop[:, indices])


def mels_between(
    codec: Codec, morph: Morph, start: int, samples: int, channels: int, edition: Edition
) -> tuple[Tensor, Tensor]:
    """Return the scaled mels (1, C, M, T) of both loops from `start` on, with one gain for each loop."""
    mels = []
    for name, loop in (("first", morph.first), ("second", morph.second)):
        whole = codec.check_source(name, loop)
        gain = codec.canvas(whole, edition=edition).gain
        window = looped(loop, start, samples) * np.float32(gain)
        line = torch.from_numpy(window).to(whole.device)
        if len(line) not in (1, channels):
            line = line.mean(dim=0, keepdim=True)
        mels.append(codec.encode(line.expand(channels, -1)))
    return mels[0], mels[1]


def morphed(
    denoise: Denoise,
    solver: Solver,
    mels: tuple[Tensor, Tensor],
    morph: Morph,
    share: float,
    mel: Tensor,
    kept: Tensor,
    generators: Generators,
    codec: Codec,
    on_step: OnStep | None = None,
) -> Tensor:
    """Interpolate the frames where `kept` (T,) is false; keep those of `mel` (1, C, M, T): (B, C, M, T).

    Their level is that of what lies between both loops, so that no error of a bar reaches the next one.
    """
    noise = starting_noise(generators, mel.shape[1:], mel.device)
    between = torch.lerp(mels[0].to(mel), mels[1].to(mel), morph.position)
    known = kept.to(mel.device)
    wanted = torch.where(known, mel, between)
    level = LevelConstraint(mel=wanted, kept=known, groups=[(~known, ~known)], level=codec.mel_level)
    held = level.apply(denoise, NoiseSchedule(solver.schedule))
    pair = (torch.where(known, mel, mels[0].to(mel)), torch.where(known, mel, mels[1].to(mel)))
    made = interpolate(held, solver, pair, morph.position, noise, share, on_step)
    return torch.where(known, mel, made)
