"""Waveform to scaled log-mel and back (paper section 4.2.1 and Appendix A, Algorithm 1).

Shapes: C audio channels, L samples, M mels, F linear bins, T frames; leading axes are free.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import cast

import torch
import torchaudio
from torch import Tensor, nn

from msanii.config import TransformsConfig
from msanii.errors import AudioError

LOG_FLOOR = 1e-5


class RunningScaler(nn.Module, ABC):
    """Two running statistics with a momentum that decays at every training step."""

    momentum: Tensor
    fitted: Tensor

    def __init__(self, names: tuple[str, str], config: TransformsConfig) -> None:
        super().__init__()
        self.names = names
        self.momentum_decay = config.momentum_decay
        self.register_buffer("momentum", torch.tensor(config.momentum))
        for name, start in zip(names, (0.0, 1.0), strict=True):
            self.register_buffer(name, torch.tensor(start))
        self.register_buffer("fitted", torch.tensor(False))

    def statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The batch's statistics in training, which also updates the running ones; else the running ones."""
        if not self.training:
            return self.running
        batch = self.measure(x)
        self._update(batch)
        return batch

    @torch.no_grad()
    def assign(self, statistics: tuple[Tensor, Tensor]) -> None:
        """Set the running statistics, in the form that `measure` returns."""
        for name, value in zip(self.names, statistics, strict=True):
            getattr(self, name).copy_(value)
        self.fitted.fill_(True)

    @property
    def running(self) -> tuple[Tensor, Tensor]:
        first, second = (getattr(self, name) for name in self.names)
        return first, second

    @abstractmethod
    def measure(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The two statistics of a batch."""

    @torch.no_grad()
    def _update(self, batch: tuple[Tensor, Tensor]) -> None:
        if not self.fitted:
            self.assign(batch)
            return
        self.momentum.mul_(self.momentum_decay)
        for name, value in zip(self.names, batch, strict=True):
            getattr(self, name).lerp_(value, self.momentum)


class StandardScaler(RunningScaler):
    """Algorithm 1: zero mean, unit variance."""

    def __init__(self, config: TransformsConfig) -> None:
        super().__init__(("running_mean", "running_var"), config)
        self.eps = config.eps

    def measure(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.mean(), x.var(correction=0)

    def forward(self, x: Tensor) -> Tensor:
        mean, variance = self.statistics(x)
        return (x - mean) / torch.sqrt(variance + self.eps)

    def inverse(self, x: Tensor) -> Tensor:
        mean, variance = self.running
        return x * torch.sqrt(variance + self.eps) + mean


class MinMaxScaler(RunningScaler):
    """Appendix A.2: to `feature_range`, clipped."""

    def __init__(self, config: TransformsConfig) -> None:
        super().__init__(("running_min", "running_max"), config)
        self.low, self.high = config.feature_range
        self.clip = config.clip

    def measure(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.min(), x.max()

    def forward(self, x: Tensor) -> Tensor:
        minimum, maximum = self.statistics(x)
        # A constant signal (digital silence) has no range; any width maps it to the low end.
        width = torch.where(maximum > minimum, maximum - minimum, torch.ones_like(maximum))
        x = (x - minimum) / width * (self.high - self.low) + self.low
        return x.clamp(self.low, self.high) if self.clip else x

    def inverse(self, x: Tensor) -> Tensor:
        minimum, maximum = self.running
        x = x.clamp(self.low, self.high) if self.clip else x
        return (x - self.low) / (self.high - self.low) * (maximum - minimum) + minimum


class InverseMelScale(nn.Module):
    """The mel bank's pseudo-inverse; negative magnitudes become 0."""

    fb: Tensor

    def __init__(self, mel_bank: Tensor) -> None:
        super().__init__()
        self.register_buffer("fb", torch.linalg.pinv(mel_bank))  # (M, F)

    def forward(self, mel: Tensor) -> Tensor:
        return (self.fb.T @ mel).clamp(min=0.0)


class Transforms(nn.Module):
    """Waveform to scaled log-mel, and back. Buffers have the names of the published checkpoint."""

    def __init__(self, config: TransformsConfig) -> None:
        super().__init__()
        self.config = config
        self.spectrogram = torchaudio.transforms.Spectrogram(
            n_fft=config.n_fft, hop_length=config.hop_length, power=1.0
        )
        self.mel_scale = torchaudio.transforms.MelScale(
            n_mels=config.n_mels, sample_rate=config.sample_rate, n_stft=config.n_fft // 2 + 1
        )
        self.inverse_mel_scale = InverseMelScale(cast(Tensor, self.mel_scale.fb))
        self.standard_scaler = StandardScaler(config)
        self.minmax_scaler = MinMaxScaler(config)

    @property
    def shortest_samples(self) -> int:
        """The shortest waveform that a centred STFT can pad by reflection, in samples."""
        return self.config.n_fft // 2 + 1

    def magnitude(self, waveform: Tensor) -> Tensor:
        """(..., L) to magnitude (..., F, T), T = L // hop + 1. Raises AudioError when L is too short."""
        if waveform.shape[-1] < self.shortest_samples:
            raise AudioError(
                f"audio: got {waveform.shape[-1]} samples, expected at least {self.shortest_samples} "
                f"({self.shortest_samples / self.config.sample_rate:.3f} s); give a longer piece"
            )
        return cast(Tensor, self.spectrogram(waveform))

    def log_mel(self, waveform: Tensor) -> Tensor:
        """(..., L) to unscaled log(mel + 1e-5), (..., M, T). Raises AudioError when L is too short."""
        return self.mel_of(self.magnitude(waveform))

    def mel_of(self, magnitude: Tensor) -> Tensor:
        """Linear magnitude (..., F, T) to unscaled log-mel (..., M, T)."""
        return torch.log(self.mel_scale(magnitude) + LOG_FLOOR)

    def bands_below(self, hertz: float) -> int:
        """The number of lowest mel bands that have no weight in any bin from `hertz` on."""
        first = math.ceil(hertz * self.config.n_fft / self.config.sample_rate)
        above = cast(Tensor, self.mel_scale.fb)[first:].amax(dim=0) > 0  # (M,)
        return int(above.int().argmax())

    def scale(self, log_mel: Tensor) -> Tensor:
        """Unscaled log-mel to the U-Net's input, in `feature_range`."""
        return cast(Tensor, self.minmax_scaler(self.standard_scaler(log_mel)))

    def unscale(self, scaled: Tensor) -> Tensor:
        """The inverse of `scale` under the running statistics (clipped values stay clipped)."""
        return self.standard_scaler.inverse(self.minmax_scaler.inverse(scaled))

    def mel_to_linear(self, log_mel: Tensor) -> Tensor:
        """Unscaled log-mel (..., M, T) to magnitude (..., F, T) by the pseudo-inverse, without a network."""
        return cast(Tensor, self.inverse_mel_scale(torch.exp(log_mel)))
