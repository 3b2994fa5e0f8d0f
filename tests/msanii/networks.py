"""Small networks that run the real path in tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from msanii.checkpoint.folder import load_model, save_model
from msanii.config import DEFAULT_CONTROLS, ControlGroup, OnePassConfig, UNetConfig
from msanii.diffusion.unet import UNet
from msanii.vocoder.network import OnePassVocoder


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


def save_one_pass_model(folder: Path, source: Path) -> Path:
    """The model of another folder with a one-pass vocoder of random weights."""
    model = load_model(source)
    vocoder = OnePassConfig(d_model=16, d_hidden_factor=1, mel_blocks=1, blocks=1)
    config = replace(model.config, vocoder=vocoder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = OnePassVocoder(vocoder, config.transforms)
    save_model(folder, config, model.unet, network, model.transforms)
    return folder
