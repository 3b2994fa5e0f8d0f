"""Base of the trainings of a one-pass vocoder and of its parts."""

from __future__ import annotations

from pathlib import Path

import torch

from msanii.data.dataset import AudioDataset
from msanii.errors import ConfigError
from msanii.training.config import TrainingConfig
from msanii.training.one_pass_config import OnePassTraining
from msanii.training.roundtrip_mels import RoundtripDataset
from msanii.training.unet import ScaledTask
from msanii.training.vocoder_batches import preview_waveform
from msanii.vocoder.network import OnePassVocoder


class WaveformTask(ScaledTask):
    """Trains on clips of audio or on a `RoundtripDataset`; previews and saves the whole vocoder."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config)
        if not isinstance(self.vocoder, OnePassVocoder):
            raise ConfigError("model.vocoder.kind: expected one_pass")
        self.one_pass: OnePassVocoder = self.vocoder
        self.settings = config.one_pass or OnePassTraining()
        self.data = data
        self.dataset: AudioDataset | RoundtripDataset = AudioDataset(
            data, samples=config.samples, seed=config.seed
        )

    def to(self, device: torch.device) -> None:
        super().to(device)
        self.vocoder.to(device)

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """Put an excerpt of a song through the whole vocoder with the averaged weights, and write it."""
        preview_waveform(self, self.data, folder, step)

    def save(self, folder: Path) -> None:
        self.save_parts(folder, ("vocoder",))
