"""The U-Net: the paper's size, untrained controls without effect, norms, attention and joint channels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from msanii.config import UNetConfig
from msanii.diffusion.blocks import InstanceNorm, LinearAttention
from msanii.diffusion.unet import UNet
from msanii.errors import ControlError
from tests.msanii.networks import seeded_unet, tiny_unet_config


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_the_papers_network_has_49_878_016_parameters() -> None:
    with torch.device("meta"):
        unet = UNet(UNetConfig())
    assert sum(parameter.numel() for parameter in unet.parameters()) == 49_878_016


def test_every_published_key_and_shape_is_there() -> None:
    layout = json.loads((Path(__file__).parents[1] / "published_layout.json").read_text())
    with torch.device("meta"):
        unet = UNet(UNetConfig())
    assert {name: list(tensor.shape) for name, tensor in unet.state_dict().items()} == layout[
        "unet_state_dict"
    ]


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_any_channel_count_keeps_the_shape(channels: int) -> None:
    unet = seeded_unet(tiny_unet_config(()))
    x = noise(2, channels, 128, 12)
    assert unet(x, torch.tensor([3, 900])).shape == x.shape


def test_untrained_controls_change_no_bit() -> None:
    config = tiny_unet_config()
    unet, plain = seeded_unet(config), UNet(tiny_unet_config(())).eval()
    plain.load_state_dict({k: v for k, v in unet.state_dict().items() if not k.startswith("control_fn.")})
    x, timestep = noise(1, 2, 128, 8), torch.tensor([500])
    expected = plain(x, timestep)
    assert torch.equal(unet(x, timestep), expected)
    assert torch.equal(unet(x, timestep, noise(1, config.n_controls, 8)), expected)


def test_trained_controls_are_added_to_the_embedded_input() -> None:
    """One row with the same value in every frame is as if the bias of the input layer were another."""
    config, row, value, direction = tiny_unet_config(), 5, 0.7, noise(16)
    unet, biased = seeded_unet(config), seeded_unet(config)
    controls = torch.zeros(1, config.n_controls, 8)
    controls[:, row] = value
    assert unet.control_fn is not None
    with torch.no_grad():
        nn.init.zeros_(unet.control_fn.mix.weight)[0, row] = 1.0
        assert unet.control_fn.mix.bias is not None
        nn.init.zeros_(unet.control_fn.mix.bias)
        unet.control_fn.out.weight[:, 0, 1] = direction
        cast(Tensor, biased.input_fn[1].bias).add_(F.gelu(torch.tensor(value)) * direction)
    x, timestep = noise(1, 2, 128, 8), torch.tensor([500])
    controlled = unet(x, timestep, controls)
    torch.testing.assert_close(controlled, biased(x, timestep))
    assert (controlled - unet(x, timestep)).abs().mean() > 0.01


def test_controls_that_the_model_lacks_are_a_clear_error() -> None:
    with pytest.raises(ControlError, match="trained without any"):
        seeded_unet(tiny_unet_config(()))(noise(1, 2, 128, 8), torch.tensor([0]), noise(1, 5, 8))
    with pytest.raises(ControlError, match="got 5 rows, this model has 263"):
        seeded_unet(tiny_unet_config())(noise(1, 2, 128, 8), torch.tensor([0]), noise(1, 5, 8))


def test_items_of_a_batch_are_independent() -> None:
    unet = seeded_unet(tiny_unet_config(()))
    x, timestep = noise(2, 2, 128, 8), torch.tensor([10, 700])
    alone = torch.cat([unet(x[i : i + 1], timestep[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(unet(x, timestep), alone, rtol=1e-4, atol=1e-5)


def test_instance_norm_is_the_formula_in_float32() -> None:
    x = noise(2, 5, 2, 30) * 3 + 1
    mean, variance = x.mean(dim=(2, 3), keepdim=True), x.var(dim=(2, 3), correction=0, keepdim=True)
    torch.testing.assert_close(InstanceNorm()(x), (x - mean) / (variance + 1e-5).sqrt(), rtol=1e-5, atol=1e-5)


def test_instance_norm_sums_bfloat16_in_float32() -> None:
    x = (noise(1, 3, 1, 5000) + 10).bfloat16()
    found, exact = InstanceNorm()(x), F.instance_norm(x.double())
    assert found.dtype == torch.bfloat16
    # bfloat16 has 8 bits, 0.03 of a mean of 10; sums in it would stop growing near 2,560.
    assert (found.double() - exact).abs().max() < 0.06


def test_instance_norm_takes_a_single_frame() -> None:
    assert InstanceNorm()(noise(2, 5, 1, 1)).abs().max() < 1e-3


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_binding_controls_and_context_gives_the_same_output(channels: int) -> None:
    unet = seeded_unet(joint())
    for layer in (unet.control_fn, unet.context_fn):
        assert layer is not None
        for index, weight in enumerate(layer.parameters()):
            nn.init.normal_(weight, std=0.1, generator=torch.Generator().manual_seed(index))
    x, timestep = noise(2, channels, 128, 8), torch.tensor([10, 700])
    controls, context = noise(2, unet.config.n_controls, 8, seed=1), noise(2, channels, 129, 8, seed=2)
    assert torch.equal(unet.under(controls, context)(x, timestep), unet(x, timestep, controls, context))
    # One context for every variation.
    both = unet(x, timestep, controls, context[:1].expand(2, -1, -1, -1))
    torch.testing.assert_close(unet.under(controls, context[:1])(x, timestep), both)
    assert not torch.allclose(both, unet(x, timestep, controls))


def test_attention_is_the_papers_formula_channel_by_channel() -> None:
    attention = LinearAttention(8, 2)
    project = attention.in_fn[1]
    x = noise(1, 8, 2, 6)
    expected = torch.empty_like(x)
    for channel in range(2):
        # Statistics of the norm span both channels; the attention itself does not.
        normed = F.instance_norm(x)
        q, k, v = project(normed)[:, :, channel].chunk(3, dim=1)
        heads = []
        for head in range(2):
            rows = slice(head * 4, head * 4 + 4)
            query = q[0, rows].softmax(dim=0) / 2.0  # 1 / sqrt(4), over features
            key = k[0, rows].softmax(dim=1)  # over time
            context = (v[0, rows] / 6) @ key.T  # values divided by the length
            heads.append(context @ query)
        expected[0, :, channel] = torch.cat(heads)
    expected = attention.out_fn(expected) + x
    torch.testing.assert_close(attention(x), expected, rtol=1e-4, atol=1e-5)


def joint() -> UNetConfig:
    return replace(tiny_unet_config(), joint_channels=2, context=True, shortcut=True)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_joint_channels_keep_the_shape(channels: int) -> None:
    config = joint()
    x, controls = noise(2, channels, 128, 12), noise(2, config.n_controls, 12)
    predicted = seeded_unet(config)(x, torch.tensor([3, 900]), controls, noise(2, channels, 129, 12))
    assert predicted.shape == x.shape


def test_joint_channels_interact_in_pairs_only() -> None:
    unet = seeded_unet(joint())
    x, timestep = noise(1, 4, 128, 8), torch.tensor([500])
    moved = x.clone()
    moved[:, 1] += 1
    before, after = unet(x, timestep), unet(moved, timestep)
    assert not torch.allclose(before[:, 0], after[:, 0])
    torch.testing.assert_close(before[:, 2:], after[:, 2:])


def test_untrained_context_and_shortcut_change_no_bit() -> None:
    unet = seeded_unet(joint())
    x, timestep = noise(1, 2, 128, 8), torch.tensor([500])
    assert torch.equal(unet(x, timestep), unet(x, timestep, None, noise(1, 2, 129, 8)))
    nn.init.ones_(unet.get_parameter("shortcut_fn.fn.bias"))
    fresh = seeded_unet(joint())
    torch.testing.assert_close(unet(x, timestep), fresh(x, timestep) + x)


def test_trained_context_changes_the_output() -> None:
    unet = seeded_unet(joint())
    nn.init.normal_(unet.get_parameter("context_fn.fn.1.weight"), generator=torch.Generator().manual_seed(1))
    x, timestep, context = noise(1, 2, 128, 8), torch.tensor([500]), torch.zeros(1, 2, 129, 8)
    context[:, :, -1] = 1
    assert not torch.allclose(unet(x, timestep), unet(x, timestep, None, context))
    with pytest.raises(ControlError, match="trained without"):
        seeded_unet(tiny_unet_config())(x, timestep, None, context)
