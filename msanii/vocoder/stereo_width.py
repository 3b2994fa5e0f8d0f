"""How wide a one-pass vocoder's stereo is: what of each bin's energy is in the difference of both channels.

A mel tells how loud each channel is, not how alike they are. Where their phases are found one by one they
drift apart or, in step, leave nothing in the difference. Here both channels move alike, and phase_offset apart by an
angle that a small network reads from the mel: sum and difference have the energy they should have, all in
all, and a steady tone stays steady (the inter-channel coherence of parametric stereo, ISO/IEC 14496-3).

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames and K bins of an STFT, S bins that
phase_offset, W features.
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

# Log-mels that differ by this are as good as alike: they are float16 on disk.
LEAST_DIFFERENCE = 1 / 30
# A new network takes the difference to have this share of the energy, in log odds: an eighth.
FIRST_LOG_ODDS = -2.0
# Which channel leads changes at this frequency and every octave above; around it both are in step, so
# that no partial is torn. Were it one channel throughout, the sound would be heard on its side.
FIRST_CHANGE_HZ, CHANGE_SLOPE = 400.0, 2.2
# Of the energy: what is less in the difference, nobody tells from none.
LEAST_SIDE = 1e-4
# Of a bin's: an angle of none or all has no gradient.
LEAST_SHARE = 1e-6


class StereoWidth(nn.Module):
    """Log-mel (B, 2, M, T) to the log odds (B, T, S) of each bin's energy being in the difference."""

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
        """How many mel frames before and after a frame have a part in its answer."""
        return self.config.kernel // 2 * (1 + self.config.blocks) + self.config.smoothing

    def forward(self, log_mel: Tensor, *, circular: bool = False) -> Tensor:
        """(B, T, S), the same for channels in either order."""
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
    """(B, T, W) averaged over up to `reach` frames on each side: an angle that moves bends the pitch."""
    window = torch.hann_window(2 * reach + 3, periodic=False, device=x.device)[1:-1]

    def summed(line: Tensor) -> Tensor:
        padded = pad_frames(line, reach, circular=circular)
        return (padded.unfold(1, 2 * reach + 1, 1) * window).sum(dim=-1)

    line = x.float()
    return (summed(line) / summed(torch.ones_like(line[:1, :, :1]))).to(x.dtype)


def leading_channel(bins: int, bin_hz: float) -> Tensor:
    """(bins,) from -1 to 1: which channel leads in each bin, and how much of the angle is leant there."""
    hertz = torch.arange(bins).clamp(min=1) * bin_hz
    octave = torch.log2(hertz / FIRST_CHANGE_HZ).clamp(min=-0.5)
    return (CHANGE_SLOPE * torch.sin(torch.pi * octave)).clamp(-1, 1)


def phase_offsets(odds: Tensor, bin_hz: float) -> SplitComplex:
    """How far the lowest S bins of B * 2 channels turn from where both are, (N, J, S), for odds (B, J, S)."""
    angle = _angle(odds, bin_hz)
    return cis(torch.stack((angle, -angle), dim=1).flatten(0, 1))


def _angle(odds: Tensor, bin_hz: float) -> Tensor:
    """(B, J, S), half of what the channels are apart."""
    share = torch.sigmoid(odds.float()).clamp(LEAST_SHARE, 1 - LEAST_SHARE)
    return torch.asin(share.sqrt()) * leading_channel(odds.shape[2], bin_hz).to(odds.device)


def share_phases(prediction: Prediction, bins: int) -> Prediction:
    """The prediction of B * 2 channels, its lowest bins moving alike in both: the louder has more to say."""
    shares = loudness_weights(prediction.log_magnitude[..., :bins], 2)

    def together(line: Tensor) -> Tensor:
        lowest = channel_mean(line[..., :bins], shares[..., : line.shape[2]])
        return torch.cat((lowest, line[..., bins:]), dim=-1)

    return replace(prediction, entry=prediction.entry.map(together), motion=prediction.motion.map(together))


def side_loss(odds: Tensor, spectrum: Tensor, bin_hz: float) -> Tensor:
    """How unlikely the odds (B, T, S) make what true spectra (B, 2, T, S) have in their difference.

    Cross entropy with the share that the phases of each bin put there, weighed by its energy, and the
    distance of the logarithms of the whole clip's, as it will sound where the lead changes.
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
