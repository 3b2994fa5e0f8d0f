"""Controls in blocks: every block is told them after its norm, at its own frames."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from msanii.config import UNetConfig
from msanii.diffusion.unet import UNet
from msanii.errors import ConfigError
from msanii.memory_layout import CHANNELS_LAST
from tests.msanii.networks import seeded_unet, tiny_unet_config


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def told(config: UNetConfig) -> UNet:
    """A network that was taught to listen to its controls in blocks, and to nothing else of them."""
    unet = seeded_unet(replace(config, controls_in_blocks=True))
    assert unet.block_controls is not None
    for index, parameter in enumerate(unet.block_controls.parameters()):
        nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(index))
    return unet


@torch.inference_mode()
def test_before_they_are_trained_they_change_no_bit() -> None:
    config = tiny_unet_config()
    plain, unet = seeded_unet(config), UNet(replace(config, controls_in_blocks=True)).eval()
    unet.load_state_dict({**unet.state_dict(), **plain.state_dict()})
    x, timestep, controls = noise(2, 2, 128, 8), torch.tensor([3, 900]), noise(2, config.n_controls, 8)
    assert torch.equal(unet(x, timestep, controls), plain(x, timestep, controls))


@torch.inference_mode()
def test_each_block_is_told_once() -> None:
    unet = told(tiny_unet_config())
    assert unet.block_controls is not None
    heard: list[tuple[int, ...]] = []
    for module in unet.modules():
        if type(module).__name__ in ("Block", "MiddleBlock"):
            module.register_forward_pre_hook(lambda _module, inputs: heard.append(tuple(inputs[2].shape)))
    unet(noise(1, 2, 128, 16), torch.tensor([3]), noise(1, unet.config.n_controls, 16))
    # Three levels of one, two and one block, their frames halved twice; in the middle; and back.
    assert [shape[-1] for shape in heard] == [16, 8, 8, 4, 4, 4, 8, 8, 16]
    assert len(unet.block_controls) == len(heard)


@torch.inference_mode()
def test_what_is_the_same_in_all_frames_is_heard_despite_the_norms() -> None:
    """A sound, or how loud all notes are: a norm over time takes such a level from what it is added to."""
    unet = told(tiny_unet_config())
    x, timestep = noise(1, 2, 128, 8), torch.tensor([500])
    soft, loud = (torch.full((1, unet.config.n_controls, 8), level) for level in (0.1, 0.9))
    assert (unet(x, timestep, soft) - unet(x, timestep, loud)).abs().mean() > 0.01


@pytest.mark.parametrize("channels", [1, 2, 3])
@torch.inference_mode()
def test_bound_controls_give_the_same_for_any_number_of_channels(channels: int) -> None:
    unet = told(replace(tiny_unet_config(), joint_channels=2))
    x, timestep = noise(2, channels, 128, 8), torch.tensor([10, 700])
    controls = noise(2, unet.config.n_controls, 8, seed=1)
    whole = unet(x, timestep, controls)
    assert torch.equal(unet.under(controls)(x, timestep), whole)
    alone = torch.cat([unet(x[i : i + 1], timestep[i : i + 1], controls[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(whole, alone, rtol=1e-4, atol=1e-4)
    unet.layout = CHANNELS_LAST
    torch.testing.assert_close(unet(x, timestep, controls), whole, rtol=1e-4, atol=1e-4)


def test_blocks_need_controls_to_be_told() -> None:
    with pytest.raises(ConfigError, match="controls_in_blocks: there are no controls"):
        UNetConfig(controls_in_blocks=True)
