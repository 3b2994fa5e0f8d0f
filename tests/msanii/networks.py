"""Small networks that run the real path in tests."""

from __future__ import annotations

import torch

from msanii.config import DEFAULT_CONTROLS, ControlGroup, UNetConfig
from msanii.unet import UNet


def tiny_unet_config(controls: tuple[ControlGroup, ...] = DEFAULT_CONTROLS) -> UNetConfig:
    """Three levels, 16 wide."""
    return UNetConfig(
        d_base=16,
        d_hidden_factor=2,
        d_multipliers=(1, 1, 2),
        d_timestep=16,
        dilations=(1, 2, 1),
        n_heads=4,
        has_attention=(False, True, True),
        has_resampling=(True, True, False),
        n_block_layers=(1, 2, 1),
        controls=controls,
    )


def seeded_unet(config: UNetConfig, seed: int = 1) -> UNet:
    """The same weights for the same seed, without touching the global generator."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return UNet(config).eval()
