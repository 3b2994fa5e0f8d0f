"""The training of how wide a one-pass vocoder's stereo is, by itself: the sound's own phases are the lesson.

Shapes: B batch, C channels, L samples, T mel frames, S bins that lean.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from msanii.dataset import AudioDataset
from msanii.errors import ConfigError
from msanii.mel_noise import ReturnedDataset
from msanii.one_pass import OnePassVocoder
from msanii.one_pass_config import OnePassTraining
from msanii.sides import Sides, side_loss
from msanii.training import ScaledTask
from msanii.training_config import TrainingConfig
from msanii.vocoder_batches import lesson, preview_waveform


class SidesTask(ScaledTask):
    """What share of each bin's energy is in the difference of both channels, from the mels of real audio."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config)
        if not isinstance(self.vocoder, OnePassVocoder) or self.vocoder.sides is None:
            raise ConfigError("model.vocoder.sides: expected settings, where one_pass.trains is sides")
        self.one_pass = self.vocoder
        self.sides: Sides = self.vocoder.sides
        self.module: nn.Module = self.sides
        self.settings = config.one_pass or OnePassTraining()
        if self.settings.adversary is not None:
            raise ConfigError("one_pass.adversary: nobody judges how wide a sound is; leave it out")
        self.data = data
        self.dataset: AudioDataset | ReturnedDataset = AudioDataset(
            data, samples=config.samples, seed=config.seed
        )

    def loss(
        self, module: nn.Module, batch: Tensor | dict[str, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """On stereo waveforms (B, 2, L), or such as `ReturnedDataset` has them."""
        device_type = next(module.parameters()).device.type
        with torch.autocast(device_type, enabled=False):
            given = lesson(batch, self.transforms, self.settings, generator)
        odds = module(given.log_mel)
        with torch.autocast(device_type, enabled=False):
            parts = torch.split(odds, self.one_pass.leaning, dim=-1)
            named = dict(zip(("rest", "low"), parts, strict=False))
            losses = {
                name: side_loss(part, self._spectrum(given.target, place, part.shape[2]))
                for place, (name, part) in enumerate(named.items())
            }
        total = torch.stack(list(losses.values())).sum()
        return total, {name: float(loss.detach()) for name, loss in losses.items()}

    def _spectrum(self, waveform: Tensor, place: int, bins: int) -> Tensor:
        """That of one synthesis, at the frames of the mel, (B, C, T, S)."""
        synthesis, factor = self.one_pass.syntheses[place], self.one_pass.frames_per_mel[place]
        spectrum = synthesis.analysed(waveform.flatten(0, 1))[:, ::factor, :bins]
        return spectrum.reshape(*waveform.shape[:2], *spectrum.shape[1:])

    def to(self, device: torch.device) -> None:
        super().to(device)
        self.vocoder.to(device)  # previews are of the whole

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """A stretch of a song through the whole vocoder."""
        preview_waveform(self, self.data, folder, step)

    def save(self, folder: Path) -> None:
        self.save_parts(folder, ("vocoder",))
