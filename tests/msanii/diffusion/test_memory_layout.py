"""Channels last in memory: the same prediction, in the layout that every layer keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from msanii.diffusion.blocks import Block, InstanceNorm, LinearAttention, MiddleBlock, is_channels_last
from msanii.diffusion.unet import UNet
from msanii.errors import MsaniiError
from msanii.memory_layout import CHANNELS_LAST, CONTIGUOUS, MemoryLayout, parse_layout
from tests.msanii.networks import seeded_unet, tiny_unet_config


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("joint", [1, 2])
@pytest.mark.parametrize("frames", [8, 64, 2048])
@torch.inference_mode()
def test_both_layouts_predict_the_same(joint: int, frames: int) -> None:
    unet = seeded_unet(replace(tiny_unet_config(), joint_channels=joint))
    x, timestep = noise(2, 2, unet.config.d_freq, frames), torch.tensor([3, 700])
    controls = noise(2, unet.config.n_controls, frames, seed=1)
    usual = unet.under(controls)(x, timestep)
    unet.layout = CHANNELS_LAST
    torch.testing.assert_close(unet.under(controls)(x, timestep), usual, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_every_block_keeps_the_layout() -> None:
    unet = seeded_unet(tiny_unet_config())
    kept: list[bool] = []
    for module in unet.modules():
        if isinstance(module, Block | MiddleBlock | LinearAttention):
            module.register_forward_hook(lambda _module, _inputs, made: kept.append(is_channels_last(made)))
    for layout in (CONTIGUOUS, CHANNELS_LAST):
        kept.clear()
        unet.layout = layout
        unet(noise(1, 2, unet.config.d_freq, 64), torch.tensor([5]))
        assert len(kept) > 8
        assert set(kept) == {layout is CHANNELS_LAST}


@pytest.mark.parametrize("frames", [20, 1024, 3000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_norm_is_that_of_each_feature(frames: int, dtype: torch.dtype) -> None:
    x = (noise(2, 5, 2, frames) * 3 + 1).to(dtype)
    expected = torch.nn.functional.instance_norm(x.double())
    found = InstanceNorm()(last(x))
    assert found.dtype == dtype
    error = (found.double() - expected).abs().max()
    assert error < (1e-5 if dtype == torch.float32 else 0.05)


@pytest.mark.parametrize("channels", [1, 2])
def test_attention_by_rows_is_attention(channels: int) -> None:
    attention = LinearAttention(16, 4)
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(3)
        for parameter in attention.parameters():
            parameter.normal_(std=0.3)
        x = noise(2, 16, channels, 50)
        torch.testing.assert_close(attention(last(x)), attention(x), rtol=1e-4, atol=1e-5)


def test_a_layout_may_be_for_long_music_alone() -> None:
    layout = MemoryLayout(100)
    assert not is_channels_last(layout.applied(noise(1, 4, 2, 99)))
    assert is_channels_last(layout.applied(noise(1, 4, 2, 100)))


@pytest.mark.parametrize("layout", [CONTIGUOUS, CHANNELS_LAST, MemoryLayout(2048)])
def test_a_layouts_name_is_read_back(layout: MemoryLayout) -> None:
    assert parse_layout(str(layout)) == layout


@pytest.mark.parametrize("text", ["", "rows", "channels_last from 0 frames", "channels_last from -1 frames"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(MsaniiError, match="expected contiguous, channels_last"):
        parse_layout(text)


def test_networks_are_contiguous_unless_told() -> None:
    assert UNet.layout == CONTIGUOUS
