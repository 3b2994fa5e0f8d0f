"""The U-Net's loss on fixed clips of songs that it is not trained on, so that trainings compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch.utils.data import default_collate

from msanii.controls.dropout import ControlDropout
from msanii.data.dataset import MelDataset
from msanii.data.shards import SHARD_SUFFIX
from msanii.diffusion.schedule import NoiseSchedule
from msanii.diffusion.unet import UNet
from msanii.signal.transforms import Transforms
from msanii.training.config import TrainingConfig
from msanii.training.losses import diffusion_loss

_SEED = 909
_CLIPS, _BATCH, _PARTS = 32, 4, 4


def add_line(folder: Path, line: Mapping[str, object]) -> None:
    """Append a line to `validation.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "validation.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


class Validation:
    """Clips of test songs with all their controls and no context, fixed noise and timesteps."""

    def __init__(self, songs: Path, config: TrainingConfig) -> None:
        groups = config.model.unet.controls
        everything = ControlDropout(nothing=0, partly=0, shown={group.name: 1 for group in groups})
        self.dataset = MelDataset(
            songs, frames=config.frames, groups=groups, seed=_SEED, dropout=everything, skip_silence=True
        )
        self.config = config
        self.schedule = NoiseSchedule(config.model.schedule)

    @classmethod
    def of(cls, data: Path, config: TrainingConfig) -> Validation | None:
        """That of the songs in `data/test`; None if there are none."""
        songs = data / "test"
        return cls(songs, config) if any(songs.glob(f"*{SHARD_SUFFIX}")) else None

    @torch.no_grad()
    def losses(self, unet: UNet, transforms: Transforms) -> list[float]:
        """The mean squared error in each quarter of the schedule, from the least noise on."""
        device = next(unet.parameters()).device
        model, losses = self.config.model, []
        for first in range(0, _CLIPS, _BATCH):
            indices = range(first, first + _BATCH)
            batch = default_collate([self.dataset[index] for index in indices])
            mel = transforms.scale(batch["mel"].to(device))
            noise = torch.stack([_noise(index, mel.shape[1:]) for index in indices]).to(device)
            places = (torch.tensor(indices) + 0.5) / _CLIPS
            timestep = (places * model.schedule.num_train_timesteps).long()
            predicted = unet(
                self.schedule.add_noise(mel, noise, timestep),
                timestep.to(device),
                batch["controls"].to(device) if model.unet.controls else None,
            )
            losses += diffusion_loss(predicted, self.schedule.target(mel, noise, timestep), "mse").tolist()
        return torch.tensor(losses).reshape(_PARTS, -1).mean(dim=1).tolist()

    def add_line(self, folder: Path, step: int, unet: UNet, transforms: Transforms) -> None:
        """Add a line of `validation.jsonl`: the mean of the losses, and each quarter's."""
        training = transforms.training
        transforms.eval()  # a look must not update the running statistics
        quarters = self.losses(unet, transforms)
        transforms.train(training)
        add_line(folder, {"step": step, "mse": sum(quarters) / len(quarters), "quarters": quarters})


def _noise(index: int, shape: torch.Size) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(_SEED + index))
