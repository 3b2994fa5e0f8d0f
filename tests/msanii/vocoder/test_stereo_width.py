"""Stereo width of a one-pass vocoder: energy of the side channel, and steady tones."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from msanii.config import LowBandConfig, OnePassConfig, SidesConfig, TransformsConfig
from msanii.errors import ConfigError
from msanii.signal.split_complex import cis
from msanii.vocoder.network import OnePassVocoder
from msanii.vocoder.stereo_width import StereoWidth, leading_channel, phase_offsets, share_phases, side_loss
from msanii.vocoder.synthesis import KnownPhase, Prediction, Synthesis

RATE, SYNTHESIS = 44_100, Synthesis(2048, 512)
BIN_HZ = RATE / 2048
CONFIG = SidesConfig(bins=40, d_model=16, d_hidden_factor=1, blocks=1)


def tones(hertz: float, frames: int, levels: tuple[float, float] = (0.0, 0.0)) -> Prediction:
    """Two channels of a tone with unrelated phases."""
    bins, step = 1025, 2 * math.pi * 512 / 2048
    moves = 2 * math.pi * hertz * 512 / RATE - step * torch.arange(bins)
    near = (torch.arange(bins) - hertz / BIN_HZ).abs() < 1.5
    rows = torch.stack([torch.where(near, level, -30.0) for level in levels])
    level = rows[:, None].expand(2, frames, bins)
    random = torch.Generator().manual_seed(2)
    entry = cis(6.3 * torch.rand(2, frames, bins, generator=random))
    motion = cis(moves.expand(2, frames, bins)).scaled(torch.tensor(1e3))
    return Prediction(level, entry, motion)


def with_width(prediction: Prediction, odds: Tensor) -> Prediction:
    """The prediction of a vocoder with stereo width."""
    return replace(share_phases(prediction, odds.shape[2]), phase_offset=phase_offsets(odds, BIN_HZ))


def energies(prediction: Prediction) -> tuple[float, float]:
    """Energies of mid and side."""
    left, right = SYNTHESIS.waveform(prediction)[:, 4096:-4096]
    return float((left + right).square().sum()), float((left - right).square().sum())


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5])
@pytest.mark.parametrize("hertz", [261.63, 550.0, 1130.0])
def test_the_side_channel_has_the_predicted_share(share: float, hertz: float) -> None:
    odds = torch.logit(torch.tensor(share)).expand(1, 65, 232)
    middle, side = energies(with_width(tones(hertz, 65), odds))
    assert side / (middle + side) == pytest.approx(share, rel=0.1)


def test_shared_phases_align_the_channels() -> None:
    together = energies(with_width(tones(261.63, 65), torch.full((1, 65, 232), -20.0)))
    apart = energies(tones(261.63, 65))
    assert together[1] < 1e-4 * together[0]
    assert apart[1] > 0.1 * apart[0]


def test_a_phase_offset_changes_neither_pitch_nor_level() -> None:
    odds = torch.logit(torch.tensor(0.4)).expand(1, 129, 232)
    lines = SYNTHESIS.waveform(with_width(tones(550.0, 129, (0.0, -1.0)), odds))[:, 8192:-8192]
    levels = lines.square().mean(dim=1).sqrt()
    assert float(levels[0] / levels[1]) == pytest.approx(math.e, rel=0.02)
    for line in lines:
        spectrum = torch.fft.rfft(line * torch.hann_window(len(line)), n=1 << 20).abs()
        assert abs(1200 * math.log2(float(spectrum.argmax()) * RATE / (1 << 20) / 550.0)) < 1


def test_on_a_loop_both_channels_start_at_the_same_frame() -> None:
    """Separately, each would start at its own loudest onset, with the phases there."""
    tone = tones(261.63, 128)
    level, sure = tone.log_magnitude.clone(), torch.ones(2, 128, 512)
    for channel, bins, frame in ((0, slice(60, 64), 90), (1, slice(80, 84), 30)):
        level[channel, :, bins] = 2.0
        sure[:, frame, bins] = 0.0
    motion = tone.motion.map(lambda part: part[..., :512] * sure)
    loop = share_phases(replace(tone, log_magnitude=level, motion=motion), 40)
    loop = replace(loop, phase_offset=phase_offsets(torch.full((1, 128, 40), -12.0), BIN_HZ))
    spectrum = torch.fft.rfft(SYNTHESIS.loop(loop, 128 * 512))[:, : round(500 / RATE * 128 * 512)]
    side, middle = spectrum[0] - spectrum[1], spectrum[0] + spectrum[1]
    assert float(side.abs().square().sum()) < 1e-3 * float(middle.abs().square().sum())


def test_known_phases_get_no_offset() -> None:
    """Kept audio has its own phases, which the phase offset must not rotate."""
    sound = 0.1 * torch.randn(2, 40 * 512, generator=torch.Generator().manual_seed(0))
    spectrum = SYNTHESIS.analyse(sound)
    level = spectrum.abs().clamp(min=1e-9).log()
    still = cis(torch.zeros(spectrum.shape))
    guess = Prediction(level, still, still.map(lambda part: part[..., :512]))
    odds = torch.zeros(1, spectrum.shape[1], 232)
    known = KnownPhase(spectrum, torch.ones_like(level))
    made = SYNTHESIS.waveform(with_width(guess, odds), known)
    torch.testing.assert_close(made, sound, atol=1e-4, rtol=0)


def test_the_leading_channel_alternates_by_octave() -> None:
    lead = leading_channel(232, BIN_HZ)
    at = {hertz: float(lead[round(hertz / BIN_HZ)]) for hertz in (50, 200, 300, 565, 1130, 2260, 4500)}
    assert at == {50: -1, 200: -1, 300: -1, 565: 1, 1130: -1, 2260: 1, 4500: -1}
    assert float(lead.diff().abs().max()) < 0.8


def log_mel(batch: int = 1, channels: int = 2, frames: int = 40) -> Tensor:
    return torch.randn(batch, channels, 128, frames, generator=torch.Generator().manual_seed(1)) - 3


def test_odds_ignore_channel_order_and_wrap_on_a_circle() -> None:
    sides, x = StereoWidth(CONFIG, 128, 88).eval(), log_mel(2)
    with torch.inference_mode():
        odds, swapped = sides(x), sides(x.flip(1))
        around = sides(x, circular=True), sides(torch.roll(x, 17, -1), circular=True)
    assert odds.shape == (2, 40, 88)
    torch.testing.assert_close(odds, swapped)
    torch.testing.assert_close(torch.roll(around[0], 17, 1), around[1])


def test_only_stereo_has_phase_offsets() -> None:
    low = LowBandConfig(d_model=16, blocks=1)
    config = OnePassConfig(d_model=16, d_hidden_factor=1, mel_blocks=1, blocks=1, sides=CONFIG, low=low)
    vocoder = OnePassVocoder(config, TransformsConfig()).eval()
    with torch.inference_mode():
        assert all(one.phase_offset is None for one in vocoder.predict(log_mel(channels=1)))
        offsets = [one.phase_offset for one in vocoder.predict(log_mel())]
        assert [offset.real.shape for offset in offsets if offset is not None] == [(2, 79, 40), (2, 40, 48)]
        assert vocoder(log_mel(channels=3)).shape == (1, 3, 39 * 1024)


def test_side_loss_is_least_at_the_true_share() -> None:
    random = torch.Generator().manual_seed(0)
    left = torch.randn(1, 60, 8, generator=random, dtype=torch.complex64)
    share = torch.rand(1, 60, 8, generator=random).round()  # each bin alike or opposite
    spectrum = torch.stack((left, left * (1 - 2 * share)), dim=1)
    odds = torch.logit(share.clamp(0.01, 0.99))
    losses = [float(side_loss(odds * factor, spectrum, BIN_HZ)) for factor in (1, 0.3, 0, -1)]
    assert losses == sorted(losses)
    assert math.isfinite(float(side_loss(torch.zeros(1, 60, 8), torch.zeros_like(spectrum), BIN_HZ)))


def test_invalid_stereo_width_settings_are_refused() -> None:
    for changes, sentence in (
        ({"kernel": 4}, "odd"),
        ({"bins": 0}, "vocoder.sides.*bins"),
        ({"smoothing": -1}, "smoothing"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            SidesConfig(**changes)
    with pytest.raises(ConfigError, match="at most 1025"):
        OnePassConfig(sides=SidesConfig(bins=1026))
