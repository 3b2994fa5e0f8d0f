"""Building blocks of the one-pass vocoder, with features last so that matrix products need no transposition.

Letters: N sequences (batch times channels), T frames, W features, K bins. `circular` joins the last frame to
the first.
"""

from __future__ import annotations

import math

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional as F

from msanii.config import TransformsConfig
from msanii.signal.split_complex import SplitComplex, stack

# Rough mean and standard deviation of log-mels of music, to normalise the first layer's input.
TYPICAL_LOG_MEL, SPREAD_LOG_MEL = -3.0, 3.0


class FrameConv(nn.Module):
    """Depthwise convolution over time, (N, T, W) -> (N, T, W), as shifted multiply-adds.

    On a CPU the backward pass of a depthwise `Conv1d` in bfloat16 runs on a single core and takes minutes.
    """

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(kernel, width) / math.sqrt(kernel))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor, *, circular: bool) -> Tensor:
        padded = pad_frames(x, self.weight.shape[0] // 2, circular=circular)
        y = self.bias.expand_as(x)
        for shift, weight in enumerate(self.weight):
            y = torch.addcmul(y, padded[:, shift : shift + x.shape[1]], weight)
        return y


class ConvNeXtBlock(nn.Module):
    """Residual block: depthwise convolution over time, then two layers over features (arXiv 2201.03545)."""

    def __init__(self, width: int, hidden_factor: int, kernel: int, scale: float) -> None:
        super().__init__()
        self.conv = FrameConv(width, kernel)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width * hidden_factor)
        self.down = nn.Linear(width * hidden_factor, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: Tensor, *, circular: bool) -> Tensor:
        y = self.norm(self.conv(x, circular=circular))
        y = self.down(F.gelu(self.up(y)))
        return torch.addcmul(x, y.to(x.dtype), self.scale)


class FrameSplit(nn.Module):
    """Upsample time: each frame and the next give `factor` frames, (N, T, W) -> (N, T * factor, W)."""

    def __init__(self, width: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.linear = nn.Linear(2 * width, factor * width)

    def forward(self, x: Tensor, *, circular: bool) -> Tensor:
        following = torch.roll(x, -1, dims=1) if circular else F.pad(x[:, 1:], (0, 0, 0, 1))
        split: Tensor = self.linear(torch.cat((x, following), dim=-1))
        return split.reshape(x.shape[0], -1, x.shape[2]).to(x.dtype)  # (N, T * factor, W)


class ChannelMix(nn.Module):
    """Add a projection of the channels' mean to each channel, (B, C, T, W); for any number of channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        mean: Tensor = self.linear(x.mean(dim=1, keepdim=True))
        return x + mean


def loudness_weights(level: Tensor, channels: int) -> Tensor:
    """Weights (B, C, T, K) of each clip's channels, summing to 1, from log magnitudes (N, T, K)."""
    return level.reshape(-1, channels, *level.shape[1:]).softmax(dim=1)


def channel_mean(values: Tensor, shares: Tensor) -> Tensor:
    """Replace each channel of (N, T, K) by its clip's weighted channel mean; weights are (B, C, T, K)."""
    mean = (values.reshape(*shares.shape[:2], *values.shape[1:]) * shares).sum(dim=1, keepdim=True)
    return mean.expand(-1, shares.shape[1], -1, -1).flatten(0, 1)


def normal_log_mel(log_mel: Tensor) -> Tensor:
    """Normalise log-mels for a first layer."""
    return (log_mel - TYPICAL_LOG_MEL) / SPREAD_LOG_MEL


def mel_to_linear(bins: int, transforms: TransformsConfig) -> tuple[Tensor, Tensor]:
    """Weight (K, M) and bias (K,) of a linear map from log-mel to log magnitude in K = `bins` bins."""
    bank = torchaudio.functional.melscale_fbanks(
        bins, 0.0, transforms.sample_rate / 2, transforms.n_mels, transforms.sample_rate
    )  # (K, M)
    shares = bank / bank.sum(dim=1, keepdim=True).clamp(min=1e-3)
    return shares, -(shares @ bank.sum(dim=0).clamp(min=1e-3).log())


def pad_frames(x: Tensor, reach: int, *, circular: bool) -> Tensor:
    """Pad (N, T, W) with `reach` frames on both sides: zeros, or frames from the other end if `circular`."""
    if not circular:
        return F.pad(x, (0, 0, reach, reach))
    around = torch.arange(-reach, x.shape[1] + reach, device=x.device) % x.shape[1]
    return x[:, around]


def recurrence(
    turn: SplitComplex, entry: SplitComplex, before: SplitComplex | None = None
) -> tuple[SplitComplex, SplitComplex]:
    """z[t] = turn[t] * z[t - 1] + entry[t] over axis 1 of (N, T, K), starting from `before` (N, K) or zero.

    Returns z (N, T, K) and its last frame (N, K). Works on blocks of about sqrt(T) frames in parallel and
    then joins them, so that it takes 2 sqrt(T) steps instead of T.
    """
    count, frames, bins = turn.real.shape
    size = max(1, math.isqrt(frames))
    groups = -(-frames // size)

    def blocks(values: Tensor, filler: float = 0.0) -> Tensor:
        return F.pad(values, (0, 0, 0, groups * size - frames), value=filler).view(count, groups, size, bins)

    turned, entered = SplitComplex(blocks(turn.real, 1.0), blocks(turn.imag)), entry.map(blocks)
    states, products = [_at(entered, 2, 0)], [_at(turned, 2, 0)]
    for step in range(1, size):
        one = _at(turned, 2, step)
        states.append(one.times(states[-1]).plus(_at(entered, 2, step)))
        products.append(one.times(products[-1]))
    carry = before or SplitComplex(*entry.real.new_zeros(2, count, bins))
    carries = []
    for block in range(groups):
        carries.append(carry)
        carry = _at(products[-1], 1, block).times(carry).plus(_at(states[-1], 1, block))
    carried = stack(carries, dim=1).map(lambda part: part.unsqueeze(2))  # (N, blocks, 1, K)
    values = stack(products, dim=2).times(carried).plus(stack(states, dim=2))
    return values.map(lambda part: part.reshape(count, groups * size, bins)[:, :frames]), carry


def _at(values: SplitComplex, dim: int, index: int) -> SplitComplex:
    return values.map(lambda part: part.select(dim, index))
