"""Waveform to scaled mel and back; the scalers follow Algorithm 1."""

from __future__ import annotations

import pytest
import torch
import torchaudio
from torch import Tensor

from msanii.config import TransformsConfig
from msanii.errors import AudioError
from msanii.signal.transforms import Transforms

CONFIG = TransformsConfig()


def music(samples: int, seed: int = 0) -> Tensor:
    time = torch.arange(samples) / CONFIG.sample_rate
    tone = torch.sin(2 * torch.pi * 440 * time) * 0.2
    return tone + 0.01 * torch.randn((2, samples), generator=torch.Generator().manual_seed(seed))


def test_log_mel_is_torchaudios_with_htk_and_no_norm() -> None:
    waveform = music(44_100)
    mel = torchaudio.transforms.MelSpectrogram(
        44_100, n_fft=2048, hop_length=1024, n_mels=128, power=1.0, mel_scale="htk", norm=None
    )(waveform)
    ours = Transforms(CONFIG).log_mel(waveform)
    assert ours.shape == (2, 128, CONFIG.frames(44_100))
    torch.testing.assert_close(ours, torch.log(mel + 1e-5))


def test_scaling_reaches_both_ends_and_goes_back() -> None:
    transforms = Transforms(CONFIG).train()
    mel = transforms.log_mel(music(44_100))
    scaled = transforms.scale(mel)
    assert (scaled.min().item(), scaled.max().item()) == pytest.approx((-1.0, 1.0))
    transforms.eval()
    torch.testing.assert_close(transforms.unscale(transforms.scale(mel)), mel, rtol=1e-4, atol=1e-4)


def test_running_statistics_move_by_a_decaying_momentum() -> None:
    scaler = Transforms(CONFIG).standard_scaler.train()
    first, second = torch.randn(50), torch.randn(50) * 2 + 3
    scaler(first)
    torch.testing.assert_close(scaler.running_mean, first.mean())
    scaler(second)
    momentum = 1e-3 * 0.99  # Algorithm 1: the momentum decays before it is used
    torch.testing.assert_close(scaler.running_mean, (1 - momentum) * first.mean() + momentum * second.mean())
    torch.testing.assert_close(scaler.momentum, torch.tensor(momentum))


def test_evaluation_uses_and_leaves_the_running_statistics() -> None:
    transforms = Transforms(CONFIG).train()
    transforms.scale(transforms.log_mel(music(44_100)))
    transforms.eval()
    before = {name: value.clone() for name, value in transforms.state_dict().items()}
    transforms.scale(transforms.log_mel(music(44_100, seed=5) * 0.1))
    assert all(torch.equal(value, before[name]) for name, value in transforms.state_dict().items())


def test_outside_the_learned_range_is_clipped() -> None:
    transforms = Transforms(CONFIG).train()
    transforms.scale(transforms.log_mel(music(44_100)))
    transforms.eval()
    assert transforms.scale(torch.tensor([[-100.0, 100.0]])).tolist() == [[-1.0, 1.0]]


def test_silence_has_a_finite_scale() -> None:
    transforms = Transforms(CONFIG).train()
    assert torch.isfinite(transforms.scale(transforms.log_mel(torch.zeros(2, 44_100)))).all()


def test_the_pseudo_inverse_keeps_the_mel() -> None:
    transforms = Transforms(CONFIG)
    mel = transforms.log_mel(music(44_100))
    again = transforms.mel_of(transforms.mel_to_linear(mel))
    assert (again - mel).abs().mean() < 0.3


def test_too_short_audio_says_how_much_is_needed() -> None:
    with pytest.raises(AudioError, match=r"got 100 samples, expected at least 1025"):
        Transforms(CONFIG).log_mel(torch.zeros(2, 100))


def test_the_bands_that_hear_nothing_from_a_frequency_on_are_counted() -> None:
    transforms = Transforms(CONFIG)
    # The lowest band hears one bin alone, at 21.5 Hz; the second that and the next, at 43 Hz.
    assert [transforms.bands_below(hertz) for hertz in (20.0, 30.0, 50.0)] == [0, 1, 2]
