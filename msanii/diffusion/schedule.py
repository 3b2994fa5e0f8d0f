"""Noise schedule and prediction targets, from diffusers' tables.

Shapes: B batch, C channels, M mels, T frames.
"""

from __future__ import annotations

import math

from torch import Tensor

from msanii.choices import Edition
from msanii.config import ScheduleConfig
from msanii.diffusion.schedulers import DDIMScheduler
from msanii.errors import MsaniiError

# The log signal-to-noise ratio, in nats, from which a variation gets half as far from its source as from pure
# noise, and the scale of its logistic curve. Fitted to log-spectral distances of keys, drums and mixes.
_HALF_CHANGED_LOG_SNR, _LOG_SNR_SCALE = -2.25, 2.25


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


def start_share(config: ScheduleConfig, strength: float, edition: Edition) -> float:
    """The share of the schedule from which a variation of `strength`, above 0 and up to 1, starts.

    From edition 4 on a variation's distance from its source grows evenly with its strength: the log
    signal-to-noise ratio at the start falls as the logit of the strength rises. Before, the share was the
    strength, nine tenths of which changed little. Raises MsaniiError for a strength out of range.
    """
    require_strength(strength)
    if edition < 4 or strength == 1:
        return strength
    wanted = _HALF_CHANGED_LOG_SNR - _LOG_SNR_SCALE * math.log(strength / (1 - strength))
    schedule = NoiseSchedule(config)
    log_snr = 2 * (schedule.alpha.double() / schedule.sigma.double()).log()  # (timesteps,), falling
    return max(int((log_snr - wanted).abs().argmin()), 1) / len(log_snr)


def require_strength(strength: float) -> None:
    """Raise MsaniiError unless `strength` lies above 0 and up to 1."""
    if not 0 < strength <= 1:
        raise MsaniiError(
            f"strength: got {strength}, expected above 0 and up to 1; small keeps the source, 1 forgets it"
        )
