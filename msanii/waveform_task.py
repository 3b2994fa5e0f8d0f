"""What the trainings of a one-pass vocoder and of each of its parts share."""

from __future__ import annotations

from pathlib import Path

import torch

from msanii.dataset import AudioDataset
from msanii.errors import ConfigError
from msanii.mel_noise import ReturnedDataset
from msanii.one_pass import OnePassVocoder
from msanii.one_pass_config import OnePassTraining
from msanii.training import ScaledTask
from msanii.training_config import TrainingConfig
from msanii.vocoder_batches import preview_waveform


class WaveformTask(ScaledTask):
    """Clips of audio, or such as `ReturnedDataset` has them; the whole vocoder is heard and saved."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config)
        if not isinstance(self.vocoder, OnePassVocoder):
            raise ConfigError("model.vocoder.kind: expected one_pass")
        self.one_pass: OnePassVocoder = self.vocoder
        self.settings = config.one_pass or OnePassTraining()
        self.data = data
        self.dataset: AudioDataset | ReturnedDataset = AudioDataset(
            data, samples=config.samples, seed=config.seed
        )

    def to(self, device: torch.device) -> None:
        super().to(device)
        self.vocoder.to(device)

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """A stretch of a song through the averaged vocoder, with all its parts."""
        preview_waveform(self, self.data, folder, step)

    def save(self, folder: Path) -> None:
        self.save_parts(folder, ("vocoder",))
