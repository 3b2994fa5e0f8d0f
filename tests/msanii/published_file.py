"""A tiny file of the published checkpoint's layout."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch

from msanii.checkpoint.published import WINDOW, WINDOW_COPIES
from msanii.config import TransformsConfig, UNetConfig, VocoderConfig
from msanii.diffusion.unet import UNet
from msanii.signal.transforms import Transforms
from msanii.vocoder.magnitude import Vocoder

UNET = UNetConfig(
    d_base=16,
    d_hidden_factor=1,
    d_multipliers=(1, 1),
    d_timestep=16,
    dilations=(1, 1),
    n_heads=2,
    has_attention=(False, True),
    has_resampling=(True, False),
    n_block_layers=(1, 1),
)
VOCODER = VocoderConfig(d_model=16, d_hidden_factor=1, features="scaled")
# Word for word what the published file holds.
SCHEDULER = {
    "num_train_timesteps": 1000,
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "beta_schedule": "squaredcos_cap_v2",
    "trained_betas": None,
    "clip_sample": True,
    "set_alpha_to_one": True,
    "steps_offset": 0,
    "prediction_type": "epsilon",
    "thresholding": False,
    "dynamic_thresholding_ratio": 0.995,
    "clip_sample_range": 1.0,
    "sample_max_value": 1.0,
    "timestep_spacing": "leading",
    "rescale_betas_zero_snr": False,
    "_use_default_values": ["trained_betas", "beta_end"],
}


def make_published() -> dict[str, Any]:
    """A checkpoint of the published layout; its matrices differ from ours in their last bits."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        unet, vocoder, transforms = UNet(UNET), Vocoder(VOCODER), Transforms(TransformsConfig())
        state = transforms.state_dict()
        state["inverse_mel_scale.fb"] = state["inverse_mel_scale.fb"] * (1 + 1e-6)
        state["standard_scaler.running_mean"] = torch.tensor(-1.27)
        state["standard_scaler.running_var"] = torch.tensor(7.8)
        state["minmax_scaler.running_min"] = torch.tensor(-3.7)
        state["minmax_scaler.running_max"] = torch.tensor(3.1)
    return {
        "transforms_config": {
            "sample_rate": 44100,
            "n_fft": 2048,
            "win_length": None,
            "hop_length": None,
            "n_mels": 128,
            "feature_range": (-1.0, 1.0),
            "momentum": 0.001,
            "momentum_decay": 0.99,
            "eps": 1e-05,
            "clip": True,
            "num_griffin_lim_iters": 100,
            "griffin_lim_momentum": 0.99,
        },
        "vocoder_config": {"n_fft": 2048, "n_mels": 128, "d_model": 16, "d_hidden_factor": 1},
        "unet_config": {key: value for key, value in UNET.to_dict().items() if key != "controls"},
        "scheduler_config": dict(SCHEDULER),
        "transforms_state_dict": OrderedDict(state) | {key: state[WINDOW].clone() for key in WINDOW_COPIES},
        "vocoder_state_dict": vocoder.state_dict(),
        "unet_state_dict": unet.state_dict(),
    }


def write(path: Path, values: object) -> Path:
    torch.save(values, path)
    return path
