"""Training of a one-pass vocoder's low band alone.

The losses run at a reduced sample rate whose spectrum ends just above the band, with windows and hops
shortened by the same factor. Shapes: B batch, C channels, L samples, D decimation factor.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from msanii.errors import ConfigError
from msanii.training.config import TrainingConfig
from msanii.training.one_pass_config import OnePassTraining
from msanii.training.vocoder_batches import compared_pair, training_batch
from msanii.training.waveform_losses import Weights, motion_loss, waveform_loss
from msanii.training.waveform_task import WaveformTask
from msanii.vocoder.low_band import LowBand


class LowBandTask(WaveformTask):
    """Predicts the lowest octaves from mels of real audio; multi-scale spectral losses and phase losses."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config, data)
        if self.one_pass.low is None:
            raise ConfigError("model.vocoder.low: expected settings, where one_pass.trains is low")
        self.low: LowBand = self.one_pass.low
        self.module: nn.Module = self.low
        full = self.one_pass.syntheses[-1]
        self.factor = _factor(full.n_fft, self.low.config.bins)
        self.synthesis = replace(full, n_fft=full.n_fft // self.factor, hop=full.hop // self.factor)
        places = torch.arange(config.samples // self.factor // 2 + 1) * (full.n_fft / config.samples)
        self.share = torch.tensor([self.low.config.share_at(place) for place in places.tolist()])
        _check(config, self.settings, self.factor)

    def loss(
        self, module: nn.Module, batch: Tensor | dict[str, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of waveforms (B, C, L), or of a batch of `RoundtripDataset`."""
        settings = self.settings
        with torch.autocast(self.share.device.type, enabled=False):
            given = training_batch(batch, self.transforms, settings, generator)
        head, envelope = module(given.log_mel)
        with torch.autocast(self.share.device.type, enabled=False):
            prediction = self.low.read(head, envelope)
            sound, motion_of = self._lowered(given.target)
            predicted = self.synthesis.waveform(prediction).reshape(sound.shape)
            ours, theirs, sizes = compared_pair(predicted, replace(given, target=sound), settings, generator)
            weights = Weights(settings.convergence, settings.log_magnitude, 0.0, settings.phase)
            loss, parts = waveform_loss(ours, theirs, [size // self.factor for size in sizes], weights)
            parts["motion"] = motion_loss(
                prediction.motion, motion_of.flatten(0, 1), n_fft=self.synthesis.n_fft, hop=self.synthesis.hop
            )
            loss = loss + settings.motion * parts["motion"]
        return loss, {name: float(part.detach()) for name, part in parts.items()}

    def _lowered(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, L / D) twice: filtered to the low band, and unfiltered.

        Their samples are D times as large, so that their spectra match those of the waveform.
        """
        count = waveform.shape[-1] // self.factor
        spectrum = torch.fft.rfft(waveform)[..., : count // 2 + 1]
        return torch.fft.irfft(spectrum * self.share, n=count), torch.fft.irfft(spectrum, n=count)

    def to(self, device: torch.device) -> None:
        super().to(device)
        self.share = self.share.to(device)


def _factor(n_fft: int, bins: int) -> int:
    """The largest power of two by which windows can be shortened and still hold the bins."""
    factor = 1
    while n_fft % (4 * factor) == 0 and bins <= n_fft // (4 * factor):
        factor *= 2
    return factor


def _check(config: TrainingConfig, settings: OnePassTraining, factor: int) -> None:
    hop = config.model.transforms.hop_length
    if config.samples % hop:
        raise ConfigError(f"training.samples: got {config.samples}, expected a multiple of the hop, {hop}")
    if max(settings.sizes) > config.samples or min(settings.sizes) < 16 * factor:
        raise ConfigError(
            f"one_pass.sizes: got {settings.sizes}, expected {16 * factor} (for this low band) to "
            f"{config.samples} (the clip length)"
        )
    if settings.adversary is not None:
        raise ConfigError("one_pass.adversary: the low band is trained without discriminators; leave it out")
