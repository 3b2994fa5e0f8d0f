"""The paper's vocoder: size, shapes and positive magnitudes."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from msanii.config import VocoderConfig
from msanii.vocoder.magnitude import Vocoder


def test_it_has_1_412_097_parameters_under_the_published_names() -> None:
    vocoder = Vocoder(VocoderConfig())
    assert sum(parameter.numel() for parameter in vocoder.parameters()) == 1_412_097
    layout = json.loads((Path(__file__).parents[1] / "published_layout.json").read_text())
    assert {name: list(tensor.shape) for name, tensor in vocoder.state_dict().items()} == layout[
        "vocoder_state_dict"
    ]


def test_magnitude_is_positive_and_float32_under_bfloat16() -> None:
    vocoder = Vocoder(VocoderConfig(d_model=16, d_hidden_factor=1))
    mel = torch.randn((1, 3, 128, 7), generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        magnitude = vocoder(mel)
    assert magnitude.shape == (1, 3, 1025, 7)
    assert magnitude.dtype == torch.float32
    assert bool((magnitude > 0).all())
