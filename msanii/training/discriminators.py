"""Discriminators for training a vocoder: networks that learn to tell synthesised waveforms from real ones.

`PeriodDiscriminator` compares every p-th sample with its neighbours (HiFi-GAN, arXiv 2010.05646).
`SpectrogramDiscriminator` sees the real and imaginary parts of an STFT in frequency bands (Descript Audio
Codec, arXiv 2306.06546).

Letters: N sequences, L samples, J frames, K bins. A discriminator returns the activations of each of its
layers; the last are the logits, near 1 for a waveform that it takes for real and near 0 otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

Layers = list[Tensor]
LEAK = 0.1


class PeriodDiscriminator(nn.Module):
    """Discriminates waveforms (N, L) folded into rows of `period` samples."""

    def __init__(self, period: int, width: int) -> None:
        super().__init__()
        self.period = period
        widths = [1, width, 2 * width, 4 * width, 8 * width, 8 * width]
        self.layers = nn.ModuleList(
            _conv(before, after, (5, 1), (3 if place < 4 else 1, 1))
            for place, (before, after) in enumerate(itertools.pairwise(widths))
        )
        self.logits = _conv(widths[-1], 1, (3, 1))

    def forward(self, waveform: Tensor) -> Layers:
        padded = F.pad(waveform[:, None], (0, -waveform.shape[1] % self.period), mode="reflect")
        folded = padded.reshape(len(padded), 1, -1, self.period)  # (N, 1, L / period, period)
        return _through(folded, self.layers, self.logits)


class SpectrogramDiscriminator(nn.Module):
    """Discriminates waveforms (N, L) by their complex STFT of `size`; each band has its own layers."""

    def __init__(self, size: int, width: int, band_edges: Sequence[float]) -> None:
        super().__init__()
        self.size = size
        bins = size // 2 + 1
        edges = [0, *(round(edge * bins) for edge in band_edges), bins]
        self.bands = [end - start for start, end in itertools.pairwise(edges)]
        shapes = [((3, 9), (1, 1)), ((3, 9), (1, 2)), ((3, 9), (1, 2)), ((3, 9), (1, 2)), ((3, 3), (1, 1))]
        self.layers = nn.ModuleList(
            nn.ModuleList(
                _conv(width if place else 2, width, kernel, stride)
                for place, (kernel, stride) in enumerate(shapes)
            )
            for _ in self.bands
        )
        self.logits = _conv(width, 1, (3, 3))

    def forward(self, waveform: Tensor) -> Layers:
        window = torch.hann_window(self.size, device=waveform.device)
        frames = waveform.unfold(1, self.size, self.size // 4) * window
        parts = torch.view_as_real(torch.fft.rfft(frames)).permute(0, 3, 1, 2)  # (N, 2, J, K)
        seen, ends = [], []
        for band, layers in zip(torch.split(parts, self.bands, dim=3), self.layers, strict=True):
            features = _through(band, cast(nn.ModuleList, layers))
            seen += features
            ends.append(features[-1])
        return [*seen, self.logits(torch.cat(ends, dim=3))]


class Discriminators(nn.Module):
    """All discriminators of one training."""

    def __init__(
        self, *, periods: Sequence[int], sizes: Sequence[int], band_edges: Sequence[float], width: int
    ) -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(
            [*(PeriodDiscriminator(period, width) for period in periods)]
            + [SpectrogramDiscriminator(size, width, band_edges) for size in sizes]
        )

    def forward(self, waveform: Tensor) -> list[Layers]:
        """Return each discriminator's layers for waveforms (N, L)."""
        return [discriminator(waveform) for discriminator in self.discriminators]


def discriminator_loss(real: list[Layers], fake: list[Layers]) -> Tensor:
    """Least-squares loss of the discriminators, whose targets are 1 for real and 0 for fake waveforms."""
    errors = [
        (1 - true_layers[-1]).square().mean() + fake_layers[-1].square().mean()
        for true_layers, fake_layers in zip(real, fake, strict=True)
    ]
    return torch.stack(errors).mean()


def generator_loss(fake: list[Layers]) -> Tensor:
    """Least-squares loss of the vocoder: the discriminators should take its waveforms for real."""
    return torch.stack([(1 - layers[-1]).square().mean() for layers in fake]).mean()


def feature_matching_loss(real: list[Layers], fake: list[Layers]) -> Tensor:
    """Mean absolute difference of the discriminators' layers, relative to the size of each layer."""
    distances = [
        (ours - theirs.detach()).abs().mean() / theirs.detach().abs().mean().clamp(min=1e-3)
        for true_layers, fake_layers in zip(real, fake, strict=True)
        for theirs, ours in zip(true_layers[:-1], fake_layers[:-1], strict=True)
    ]
    return torch.stack(distances).mean()


def _conv(before: int, after: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Module:
    padding = (kernel[0] // 2, kernel[1] // 2)
    conv: nn.Module = weight_norm(nn.Conv2d(before, after, kernel, stride, padding))
    return conv


def _through(x: Tensor, layers: Iterable[nn.Module], logits: nn.Module | None = None) -> Layers:
    seen = []
    for layer in layers:
        x = F.leaky_relu(layer(x), LEAK)
        seen.append(x)
    return seen if logits is None else [*seen, logits(x)]
