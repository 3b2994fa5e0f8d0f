"""Losses against values computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from msanii.training.losses import diffusion_loss, log_magnitude_distance, spectral_convergence


def test_spectral_convergence_is_equation_1() -> None:
    target = torch.tensor([[[3.0, 0.0], [0.0, 4.0]]])
    predicted = torch.tensor([[[3.0, 0.0], [0.0, 1.0]]])
    assert spectral_convergence(predicted, target).item() == pytest.approx(3 / 5)


def test_log_magnitude_distance_is_a_mean_of_log_ratios() -> None:
    target, predicted = torch.full((1, 2, 2), 2.0), torch.full((1, 2, 2), 1.0)
    assert log_magnitude_distance(predicted, target).item() == pytest.approx(math.log(2), rel=1e-4)


def test_diffusion_loss_by_kind() -> None:
    predicted, target = torch.tensor([2.0, 0.0]), torch.zeros(2)
    assert diffusion_loss(predicted, target, "l1").item() == 1.0
    assert diffusion_loss(predicted, target, "mse").item() == 2.0
