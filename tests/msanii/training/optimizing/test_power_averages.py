"""Averages of weights: against brute force, and from the snapshots of a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.errors import ConfigError
from msanii.training.optimizing.averaged_model import write_averaged_model
from msanii.training.optimizing.power_averages import (
    PowerAverages,
    exponent,
    forget_after,
    profile,
    reconstruct,
)
from msanii.training.unet import train_unet

UPDATES = 400


def weights_at(update: int) -> Tensor:
    """Weights that wander and settle."""
    noise = torch.randn(50, generator=torch.Generator().manual_seed(update), dtype=torch.float64)
    return noise / math.sqrt(update) + torch.linspace(-1, 1, 50, dtype=torch.float64) * (1 + 5 / update)


def brute_force(sigma_rel: float, updates: int = UPDATES) -> Tensor:
    """The average by its definition."""
    power = exponent(sigma_rel) + 1
    total = torch.zeros(50, dtype=torch.float64)
    for update in range(1, updates + 1):
        share = (update**power - (update - 1) ** power) / updates**power
        total += share * weights_at(update)
    return total


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("averages")
    averages = PowerAverages([torch.zeros(50, dtype=torch.float64)], (0.05, 0.1))
    for update in range(1, UPDATES + 1):
        averages.update([weights_at(update)])
        if update % 20 == 0:
            averages.write(folder, update, ["weight"])
    return folder


@pytest.mark.parametrize("sigma_rel", [0.02, 0.05, 0.1, 0.25])
def test_a_profile_has_the_width_that_is_asked_for(sigma_rel: float) -> None:
    weights = profile(20_000, sigma_rel, 20_000)
    places = (np.arange(20_000) + 0.5) / 20_000
    mean = (weights * places).sum()
    assert weights.sum() == pytest.approx(1)
    assert ((weights * (places - mean) ** 2).sum()) ** 0.5 == pytest.approx(sigma_rel, rel=0.01)


@pytest.mark.parametrize("sigma_rel", [0.05, 0.1])
def test_the_averages_are_exact(sigma_rel: float) -> None:
    averages = PowerAverages([torch.zeros(50, dtype=torch.float64)], (sigma_rel,))
    for update in range(1, UPDATES + 1):
        averages.update([weights_at(update)])
    torch.testing.assert_close(averages.averages[0][0], brute_force(sigma_rel), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("sigma_rel", [0.05, 0.1])
def test_a_kept_length_is_reconstructed_to_the_precision_of_the_file(
    snapshots: Path, sigma_rel: float
) -> None:
    found = reconstruct(snapshots, sigma_rel)
    assert found.error < 1e-6
    torch.testing.assert_close(found.weights["weight"], brute_force(sigma_rel).float(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("sigma_rel", "error"), [(0.03, 0.25), (0.07, 0.05), (0.15, 0.05)])
def test_any_other_length_is_close_to_brute_force(snapshots: Path, sigma_rel: float, error: float) -> None:
    found = reconstruct(snapshots, sigma_rel)
    assert found.error < error
    wanted = brute_force(sigma_rel)
    ours = (found.weights["weight"] - wanted).norm()
    others = [(brute_force(other) - wanted).norm() for other in (0.05, 0.1)]
    assert ours < 0.6 * min(others), "nearer than the lengths that were kept"


def test_lengths_out_of_range_and_missing_snapshots_are_refused(snapshots: Path, tmp_path: Path) -> None:
    for sigma_rel in (0.0, 0.3, float("nan")):
        with pytest.raises(ConfigError, match=r"sigma-rel: got .* expected 0.01"):
            reconstruct(snapshots, sigma_rel)
    with pytest.raises(ConfigError, match="holds no snapshots"):
        reconstruct(tmp_path, 0.05)
    (tmp_path / "0000001_0.0500.safetensors").write_bytes(b"half")
    with pytest.raises(ConfigError, match="delete it and try again"):
        reconstruct(tmp_path, 0.05)


def test_a_resumed_run_forgets_what_it_will_repeat(tmp_path: Path) -> None:
    averages = PowerAverages([torch.zeros(2)], (0.05,))
    averages.update([torch.ones(2)])
    for step in (5, 10, 15):
        averages.write(tmp_path, step, ["weight"])
    forget_after(tmp_path, 10)
    assert [int(path.name[:7]) for path in sorted(tmp_path.iterdir())] == [5, 10]


def test_a_runs_model_is_its_shortest_average(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    averages = {"sigma_rel": [0.05, 0.1], "every": 1}
    config = configured("unet", averages=averages, timesteps="uncertain", saves=3)
    train_unet(config, data, tmp_path / "whole")
    assert len(list((tmp_path / "whole/averages").iterdir())) == 6
    error = write_averaged_model(tmp_path / "whole", tmp_path / "averaged", 0.05)
    assert error < 1e-6
    saved, averaged = (
        load_model(folder).unet.state_dict() for folder in (tmp_path / "whole/model", tmp_path / "averaged")
    )
    for name, value in saved.items():
        torch.testing.assert_close(averaged[name], value, rtol=1e-3, atol=1e-4)
    train_unet(config, data, tmp_path / "broken", steps=4)
    train_unet(config, data, tmp_path / "broken")
    broken = load_model(tmp_path / "broken/model").unet.state_dict()
    assert all(torch.equal(broken[name], value) for name, value in saved.items())
