"""Stereo width of a one-pass vocoder: the share of each bin's energy that is in the side channel.

A mel has the level of each channel but not their correlation. With separately predicted phases the channels
drift apart; with shared phases the side channel is almost empty. Here both channels share their phases, plus
an offset of opposite sign whose angle a small network predicts from the mel. Mid and side then have the right
energy overall, and a steady tone stays steady (inter-channel coherence of parametric stereo, ISO/IEC
14496-3).

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames and K bins of an STFT, S bins with a
phase offset, W features.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from msanii.config import SidesConfig
from msanii.signal.split_complex import SplitComplex, cis
from msanii.vocoder.blocks import ConvNeXtBlock, channel_mean, loudness_weights, normal_log_mel, pad_frames
from msanii.vocoder.synthesis import Prediction

# A smaller difference of log-mels means nothing: they are float16 on disk.
LEAST_DIFFERENCE = 1 / 30
# An untrained network puts an eighth of the energy into the side channel.
FIRST_LOG_ODDS = -2.0
# The leading channel changes at this frequency and at every octave above. Around these the offset is small,
# so that no partial is split. With one channel leading throughout, the sound would seem to come from it.
FIRST_CHANGE_HZ, CHANGE_SLOPE = 400.0, 2.2
# Share of a clip's energy; less in the side channel is inaudible.
LEAST_SIDE = 1e-4
# Share of a bin's energy; shares of exactly 0 and 1 have no gradient.
LEAST_SHARE = 1e-6


class StereoWidth(nn.Module):
    """Log-mel (B, 2, M, T) to the log odds (B, T, S) that a bin's energy is in the side channel."""

    def __init__(self, config: SidesConfig, mels: int, bins: int) -> None:
        super().__init__()
        self.config = config
        width = config.d_model
        self.embed = nn.Linear(2 * mels * config.kernel, width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config.d_hidden_factor, config.kernel, 1 / max(1, config.blocks))
            for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, bins)
        if not self.head.weight.is_meta:  # a network that is to be loaded has no memory yet
            nn.init.constant_(self.head.bias, FIRST_LOG_ODDS)

    @property
    def reach(self) -> int:
        """The number of mel frames on either side that influence a frame's output."""
        return self.config.kernel // 2 * (1 + self.config.blocks) + self.config.smoothing

    def forward(self, log_mel: Tensor, *, circular: bool = False) -> Tensor:
        """Return log odds (B, T, S), which do not depend on the order of the channels."""
        x = log_mel.transpose(2, 3)  # (B, 2, T, M)
        apart = torch.log1p((x[:, 0] - x[:, 1]).abs() / LEAST_DIFFERENCE)
        y = torch.cat((normal_log_mel(x.mean(dim=1)), apart), dim=-1)
        y = pad_frames(y, self.config.kernel // 2, circular=circular)
        y = self.embed(y.unfold(1, self.config.kernel, 1).flatten(2)).float()
        for block in self.blocks:
            y = block(y, circular=circular)
        odds: Tensor = self.head(_smoothed(self.norm(y), self.config.smoothing, circular=circular))
        return odds


def _smoothed(x: Tensor, reach: int, *, circular: bool) -> Tensor:
    """Average (B, T, W) over up to `reach` frames on each side: a changing angle would bend the pitch."""
    window = torch.hann_window(2 * reach + 3, periodic=False, device=x.device)[1:-1]

    def summed(values: Tensor) -> Tensor:
        padded = pad_frames(values, reach, circular=circular)
        return (padded.unfold(1, 2 * reach + 1, 1) * window).sum(dim=-1)

    values = x.float()
    return (summed(values) / summed(torch.ones_like(values[:1, :, :1]))).to(x.dtype)


def leading_channel(bins: int, bin_hz: float) -> Tensor:
    """(bins,) from -1 to 1: the sign is the leading channel of each bin, the size its share of the angle."""
    hertz = torch.arange(bins).clamp(min=1) * bin_hz
    octave = torch.log2(hertz / FIRST_CHANGE_HZ).clamp(min=-0.5)
    return (CHANGE_SLOPE * torch.sin(torch.pi * octave)).clamp(-1, 1)


def phase_offsets(odds: Tensor, bin_hz: float) -> SplitComplex:
    """Phase offsets (N, J, S) of the lowest S bins of B * 2 channels, as phasors, from log odds (B, J, S)."""
    angle = _angle(odds, bin_hz)
    return cis(torch.stack((angle, -angle), dim=1).flatten(0, 1))


def _angle(odds: Tensor, bin_hz: float) -> Tensor:
    """(B, J, S), half the angle between the channels."""
    share = torch.sigmoid(odds.float()).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
    return torch.asin(share.sqrt()) * leading_channel(odds.shape[2], bin_hz).to(odds.device)


def share_phases(prediction: Prediction, bins: int) -> Prediction:
    """Give both channels of B * 2 sequences the same phases in the lowest `bins` bins, by loudness."""
    shares = loudness_weights(prediction.log_magnitude[..., :bins], 2)

    def together(values: Tensor) -> Tensor:
        lowest = channel_mean(values[..., :bins], shares[..., : values.shape[2]])
        return torch.cat((lowest, values[..., bins:]), dim=-1)

    return replace(prediction, entry=prediction.entry.map(together), motion=prediction.motion.map(together))


def side_loss(odds: Tensor, spectrum: Tensor, bin_hz: float) -> Tensor:
    """Loss of log odds (B, T, S) given the true spectra (B, 2, T, S).

    The cross entropy with the side channel's share of each bin's energy as its phase difference gives it,
    weighted by energy, plus the difference of the whole clip's log side energy, in which bins where the lead
    changes count as they will sound.
    """
    left, right = spectrum.unbind(dim=1)
    product = left.abs() * right.abs()
    together = left.real * right.real + left.imag * right.imag
    wanted = ((1 - together / product.clamp(min=1e-12)) / 2).clamp(0, 1)
    weight = product / product.sum(dim=(1, 2), keepdim=True).clamp(min=1e-9)
    surprise = F.binary_cross_entropy_with_logits(odds.float(), wanted, reduction="none")
    energy = left.abs().square() + right.abs().square()
    made, real = energy - 2 * product * torch.cos(2 * _angle(odds, bin_hz)), energy - 2 * together
    least = LEAST_SIDE * energy.sum(dim=(1, 2)) + 1e-9
    levels = [(side.sum(dim=(1, 2)).clamp(min=0) + least).log() for side in (made, real)]
    distance = (levels[0] - levels[1]).abs().mean()
    return 4 * (weight * surprise).sum(dim=(1, 2)).mean() + distance
