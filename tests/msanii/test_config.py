"""Configurations: strict, and the same after a trip through plain data."""

from __future__ import annotations

import json

import pytest
import torch

from msanii.config import DEFAULT_CONTROLS, ControlGroup, ModelConfig, TransformsConfig, UNetConfig
from msanii.errors import ConfigError


def test_a_configuration_survives_json() -> None:
    config = ModelConfig(unet=UNetConfig(controls=DEFAULT_CONTROLS))
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown hop; known are .*hop_length"):
        TransformsConfig.from_dict({"hop": 512})


@pytest.mark.parametrize("value", ["1024", None, 1.5, True, [1024]])
def test_a_value_of_the_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"hop_length"):
        TransformsConfig.from_dict({"hop_length": value})


@pytest.mark.parametrize(
    ("section", "value", "message"),
    [
        ("transforms", {"hop_length": 1000}, "hop_length: got 1000"),
        ("transforms", {"feature_range": [1, 1]}, "feature_range"),
        ("unet", {"d_timestep": 2}, "d_timestep: got 2"),
        ("unet", {"d_timestep": 17}, "d_timestep: got 17"),
    ],
)
def test_numbers_that_no_network_can_run_with_are_refused(
    section: str, value: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        ModelConfig.from_dict({section: value})


def test_levels_must_agree() -> None:
    with pytest.raises(ConfigError, match=r"unet\.dilations: got 2 levels, expected 7"):
        UNetConfig(dilations=(1, 1))


def test_mels_must_agree_between_the_parts() -> None:
    with pytest.raises(ConfigError, match="same number"):
        ModelConfig(transforms=TransformsConfig(n_mels=64))


def test_a_newer_format_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="install the msanii-bridge that wrote the model"):
        ModelConfig(format_version=99)


def test_control_rows_are_features_and_one_flag_for_each_group() -> None:
    assert UNetConfig().n_controls == 0
    groups = (ControlGroup(name="beat", width=15), ControlGroup(name="feel", width=8))
    assert UNetConfig(controls=groups).n_controls == 16 + 9


def test_frames_divide_by_two_for_each_level_that_halves_them() -> None:
    assert UNetConfig().frame_multiple == 64, "as in the paper"
    levels = (True, False, True, False, False, True, False)
    assert UNetConfig(has_resampling=levels).frame_multiple == 8


@pytest.mark.parametrize("samples", [2_048, 3_071, 3_072, 44_100])
def test_frames_are_those_of_the_transform(samples: int) -> None:
    config = TransformsConfig()
    window = torch.hann_window(config.n_fft)
    wave = torch.zeros(samples)
    spectrum = torch.stft(wave, config.n_fft, config.hop_length, window=window, return_complex=True)
    assert config.frames(samples) == spectrum.shape[-1]
