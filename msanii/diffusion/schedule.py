"""Noise schedule and prediction targets, from diffusers' tables.

Shapes: B batch, C channels, M mels, T frames.
"""

from __future__ import annotations

from diffusers import DDIMScheduler
from torch import Tensor

from msanii.config import ScheduleConfig


def make_scheduler(config: ScheduleConfig) -> DDIMScheduler:
    """Return diffusers' DDIM scheduler for this schedule."""
    return DDIMScheduler(**config.to_dict())  # type: ignore[no-untyped-call]


class NoiseSchedule:
    """alpha and sigma at every training timestep: x_t = alpha x_0 + sigma noise (equation 6)."""

    def __init__(self, config: ScheduleConfig) -> None:
        alphas_cumprod: Tensor = make_scheduler(config).alphas_cumprod  # type: ignore[attr-defined]
        self.config = config
        self.alpha = alphas_cumprod.sqrt()  # (timesteps,)
        self.sigma = (1 - alphas_cumprod).sqrt()

    def at(self, timestep: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return alpha and sigma at timesteps (B,), shaped (B, 1, 1, 1) on the device of `like`."""
        index = timestep.to(self.alpha.device)
        alpha, sigma = (table[index].to(like)[:, None, None, None] for table in (self.alpha, self.sigma))
        return alpha, sigma

    def add_noise(self, mel: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Noise a mel to timesteps (B,)."""
        alpha, sigma = self.at(timestep, mel)
        return alpha * mel + sigma * noise

    def target(self, mel: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """The network's target: the noise, or v = alpha noise - sigma mel."""
        if self.config.prediction_type == "epsilon":
            return noise
        alpha, sigma = self.at(timestep, mel)
        return alpha * noise - sigma * mel

    def epsilon(self, prediction: Tensor, noised: Tensor, timestep: Tensor) -> Tensor:
        """Convert a prediction at `noised` (B, C, M, T) to the noise."""
        if self.config.prediction_type == "epsilon":
            return prediction
        alpha, sigma = self.at(timestep, noised)
        return alpha * prediction + sigma * noised

    def clean(self, prediction: Tensor, noised: Tensor, timestep: Tensor) -> Tensor:
        """Convert a prediction at `noised` (B, C, M, T) to the clean mel, clipped as configured."""
        alpha, sigma = self.at(timestep, noised)
        if self.config.prediction_type == "epsilon":
            clean = (noised - sigma * prediction) / alpha
        else:
            clean = alpha * noised - sigma * prediction
        limit = self.config.clip_sample_range
        return clean.clamp(-limit, limit) if self.config.clip_sample else clean

    def prediction(self, clean: Tensor, noised: Tensor, timestep: Tensor) -> Tensor:
        """Convert a clean mel at `noised` (B, C, M, T) to a prediction: the inverse of `clean`."""
        alpha, sigma = self.at(timestep, noised)
        if self.config.prediction_type == "epsilon":
            return (noised - alpha * clean) / sigma
        return (alpha * noised - clean) / sigma
