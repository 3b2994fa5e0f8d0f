"""Training of a one-pass vocoder's stereo width alone, on the phase differences of real stereo audio.

Shapes: B batch, C channels, L samples, T mel frames, S bins with a phase offset.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from msanii.errors import ConfigError, DataError
from msanii.training.config import TrainingConfig
from msanii.training.vocoder_batches import training_batch
from msanii.training.waveform_task import WaveformTask
from msanii.vocoder.stereo_width import side_loss


class StereoWidthTask(WaveformTask):
    """Predicts from mels of real audio the share of each bin's energy that is in the side channel."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config, data)
        if self.one_pass.sides is None:
            raise ConfigError("model.vocoder.sides: expected settings, where one_pass.trains is sides")
        self.module: nn.Module = self.one_pass.sides
        if self.settings.adversary is not None:
            raise ConfigError(
                "one_pass.adversary: stereo width is trained without discriminators; leave it out"
            )
        least = max(synthesis.n_fft for synthesis in self.one_pass.syntheses)
        if config.samples < least:
            raise ConfigError(f"training.samples: got {config.samples}, expected at least {least}")

    def loss(
        self, module: nn.Module, batch: Tensor | dict[str, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of stereo waveforms (B, 2, L), or of a batch of `RoundtripDataset`."""
        device_type = next(module.parameters()).device.type
        with torch.autocast(device_type, enabled=False):
            given = training_batch(batch, self.transforms, self.settings, generator)
        if given.target.shape[1] != 2:
            raise DataError(f"{self.data}: holds a mono song; training stereo width needs stereo songs alone")
        odds = module(given.log_mel)
        with torch.autocast(device_type, enabled=False):
            parts = torch.split(odds, self.one_pass.offset_bins, dim=-1)
            named = dict(zip(("rest", "low"), parts, strict=False))
            hertz, losses = self.one_pass.bin_hz, {}
            for place, (name, part) in enumerate(named.items()):
                spectrum = self._spectrum(given.target, place, part.shape[2])
                losses[name] = side_loss(part, spectrum, hertz[place])
        total = torch.stack(list(losses.values())).sum()
        return total, {name: float(loss.detach()) for name, loss in losses.items()}

    def _spectrum(self, waveform: Tensor, place: int, bins: int) -> Tensor:
        """The spectrum (B, C, T, S) in the STFT of one synthesis, at the mel's frames."""
        synthesis, factor = self.one_pass.syntheses[place], self.one_pass.frames_per_mel[place]
        spectrum = synthesis.analyse(waveform.flatten(0, 1))[:, ::factor, :bins]
        return spectrum.reshape(*waveform.shape[:2], *spectrum.shape[1:])
