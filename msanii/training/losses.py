"""Losses of the U-Net and of the paper's vocoder.

Shapes: B batch, C channels, M mels, F linear bins, T frames.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LOG_FLOOR = 1e-5


def spectral_convergence(predicted: Tensor, target: Tensor) -> Tensor:
    """Frobenius norm of the error over that of the target, a mean over clips of (..., F, T) (equation 1)."""
    distance = torch.linalg.matrix_norm(target - predicted)
    share: Tensor = distance / torch.linalg.matrix_norm(target).clamp(min=LOG_FLOOR)
    return share.mean()


def log_magnitude_distance(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of log magnitudes (equation 2)."""
    return (torch.log(predicted + LOG_FLOOR) - torch.log(target + LOG_FLOOR)).abs().mean()


def vocoder_loss(predicted: Tensor, target: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Return the sum of both losses, and each by name for the log."""
    convergence = spectral_convergence(predicted, target)
    distance = log_magnitude_distance(predicted, target)
    parts = {"spectral_convergence": float(convergence.detach()), "log_magnitude": float(distance.detach())}
    return convergence + distance, parts


def diffusion_loss(predicted: Tensor, target: Tensor, kind: str) -> Tensor:
    """Each clip's loss (B,), `l1` as in the published code, or `mse` as in equation 17."""
    difference = (predicted.float() - target.float()).flatten(1)
    return (difference.abs() if kind == "l1" else difference.square()).mean(dim=1)


class UNetWithUncertainty(nn.Module):
    """A U-Net that also estimates its loss at a timestep, by which the loss is then divided.

    This gives every timestep the same weight (EDM2: Karras et al., arXiv 2312.02696). The estimate is a
    cosine series over the schedule.
    """

    terms = 32

    def __init__(self, unet: nn.Module, timesteps: int) -> None:
        super().__init__()
        self.unet = unet
        self.timesteps = timesteps
        self.uncertainty = nn.Linear(self.terms, 1, bias=False)
        nn.init.zeros_(self.uncertainty.weight)

    def forward(
        self, x: Tensor, timestep: Tensor, controls: Tensor | None = None, context: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the prediction, and the natural logarithm of its expected loss (B,)."""
        place = timestep.float()[:, None] * (math.pi / self.timesteps)
        series = torch.cos(place * torch.arange(self.terms, device=timestep.device))
        return self.unet(x, timestep, controls, context), self.uncertainty(series)[:, 0].float()


def uncertain_loss(losses: Tensor, log_expected: Tensor) -> Tensor:
    """The mean of each clip's loss over its expected one; the second term keeps the expectation honest."""
    return (losses / log_expected.exp() + log_expected).mean()
