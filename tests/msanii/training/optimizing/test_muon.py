"""Muon: orthogonal updates for matrices of any layout, and which parameters are its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from msanii.training.config import load_training_config
from msanii.training.optimizing.muon import Muon, orthogonal
from msanii.training.optimizing.optimizers import inner_matrices, make_optimizers
from tests.msanii.networks import seeded_unet, tiny_unet_config


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(3, 8, 20), (2, 20, 8), (1, 12, 12)])
def test_singular_values_come_near_one(shape: tuple[int, int, int]) -> None:
    matrices = random(*shape) * torch.tensor([1e-3, 1.0, 1e3])[: shape[0], None, None]
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    made = orthogonal(matrices, 5)
    values = torch.linalg.svdvals(made)
    # The smallest values of a square matrix need more iterations.
    assert values.max() < 1.3
    assert values.median() > 0.6
    # The same singular vectors: what is left over beside them is nothing.
    core = left.mT @ made @ right.mT
    assert (core - torch.diag_embed(core.diagonal(dim1=1, dim2=2))).abs().max() < 1e-3


@pytest.mark.parametrize("shape", [(2, 8, 20), (2, 20, 8)])
def test_blocks_are_made_orthogonal_by_themselves(shape: tuple[int, int, int]) -> None:
    matrices = random(*shape)
    side = 1 if shape[1] < shape[2] else 2
    halves = [orthogonal(half, 5) for half in matrices.chunk(2, dim=side)]
    torch.testing.assert_close(orthogonal(matrices, 5, blocks=2), torch.cat(halves, dim=side))
    uneven = orthogonal(matrices, 5, blocks=3)
    torch.testing.assert_close(uneven, orthogonal(matrices, 5))


def test_it_does_what_torchs_muon_does_to_a_matrix() -> None:
    ours, theirs = (nn.Parameter(random(16, 24)) for _ in range(2))
    one = Muon([ours], lr=0.01, momentum=0.9, weight_decay=0.1)
    other = torch.optim.Muon(
        [theirs], lr=0.01, momentum=0.9, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )
    for step in range(5):
        for parameter, optimizer in ((ours, one), (theirs, other)):
            parameter.grad = random(16, 24, seed=step)
            optimizer.step()
    # Theirs iterates in bfloat16.
    assert (ours - random(16, 24)).norm() > 0.1
    assert (ours - theirs).norm() < 0.05 * (ours - random(16, 24)).norm()


def test_a_kernels_layout_does_not_matter() -> None:
    plain = nn.Parameter(random(8, 6, 1, 3))
    last = nn.Parameter(random(8, 6, 1, 3).contiguous(memory_format=torch.channels_last))
    for parameter in (plain, last):
        optimizer = Muon([parameter], lr=0.1)
        for step in range(3):
            parameter.grad = random(8, 6, 1, 3, seed=step).contiguous(
                memory_format=torch.channels_last if parameter is last else torch.contiguous_format
            )
            optimizer.step()
    torch.testing.assert_close(plain, last)


def test_its_updates_are_as_large_as_adams() -> None:
    parameter = nn.Parameter(torch.zeros(64, 64, 1, 3))
    parameter.grad = random(64, 64, 1, 3) * 1e-4
    Muon([parameter], lr=1e-3).step()
    assert 1e-4 < parameter.square().mean().sqrt() < 3e-4


def test_it_trains_the_inner_matrices_and_adam_the_rest() -> None:
    unet = seeded_unet(tiny_unet_config())
    names = {id(parameter): name for name, parameter in unet.named_parameters()}
    inner = {names[id(parameter)] for parameter in inner_matrices(unet)}
    assert "encoder_blocks.0.residual_fn.in_fn.1.weight" in inner
    assert not any("bias" in name for name in inner)
    edges = {"input_fn.1.weight", "output_fn.0.weight", "control_fn.mix.weight"}
    assert edges <= set(names.values())
    assert not edges & inner
    assert not any("timestep" in name for name in inner)
    config = load_training_config(Path(__file__).parents[4] / "msanii/configs/performer_unet.yaml")
    groups = [group for one, _ in make_optimizers(config, unet, "no") for group in one.param_groups]
    trained = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(trained) == sorted(names), "each parameter exactly once"
