"""Losses against values computed by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from msanii.training.losses import (
    UNetWithUncertainty,
    diffusion_loss,
    log_magnitude_distance,
    spectral_convergence,
    uncertain_loss,
)


def test_spectral_convergence_is_equation_1() -> None:
    target = torch.tensor([[[3.0, 0.0], [0.0, 4.0]]])
    predicted = torch.tensor([[[3.0, 0.0], [0.0, 1.0]]])
    assert spectral_convergence(predicted, target).item() == pytest.approx(3 / 5)


def test_log_magnitude_distance_is_a_mean_of_log_ratios() -> None:
    target, predicted = torch.full((1, 2, 2), 2.0), torch.full((1, 2, 2), 1.0)
    assert log_magnitude_distance(predicted, target).item() == pytest.approx(math.log(2), rel=1e-4)


def test_diffusion_loss_by_kind() -> None:
    predicted, target = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.zeros(2, 2)
    assert diffusion_loss(predicted, target, "l1").tolist() == [1.0, 0.5]
    assert diffusion_loss(predicted, target, "mse").tolist() == [2.0, 0.5]


def test_an_uncertain_loss_learns_each_timesteps_loss() -> None:
    class Silent(nn.Module):
        def forward(self, x: Tensor, *_: object) -> Tensor:
            return torch.zeros_like(x)

    module = UNetWithUncertainty(Silent(), timesteps=1000)
    timestep = torch.arange(0, 1000, 10)
    losses = 0.5 + timestep / 1000  # what such a network loses at each timestep
    assert uncertain_loss(losses, module(torch.zeros(100), timestep)[1]).item() == pytest.approx(
        losses.mean()
    )
    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        torch.autograd.backward(uncertain_loss(losses, module(torch.zeros(100), timestep)[1]))
        optimizer.step()
    expected = module(torch.zeros(100), timestep)[1].exp()
    torch.testing.assert_close(expected, losses, rtol=0.05, atol=0.0)
