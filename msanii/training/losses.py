"""Losses of the U-Net and of the paper's vocoder.

Shapes: B batch, C channels, M mels, F linear bins, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

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
    """`l1` as in the published code, or `mse` as in equation 17."""
    difference = predicted.float() - target.float()
    return difference.abs().mean() if kind == "l1" else difference.square().mean()
