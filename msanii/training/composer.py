"""Training of the composing network on songs on the grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from msanii.composer.melodic.config import WRITTEN_PARTS
from msanii.composer.melodic.form import forms_of
from msanii.composer.melodic.grid_song import GridSong, load_songs
from msanii.composer.melodic.network import ComposerNetwork, losses
from msanii.composer.melodic.weights import save_weights
from msanii.training.composer_windows import ComposerWindows
from msanii.training.config import ComposerTraining, load_run_config
from msanii.training.loop import fit
from msanii.training.validation import add_line

# Every so many songs, one is held out to validate with.
_HELD_OUT_EVERY = 40
_VALIDATION_BATCHES = 24
# Several hands transcribed the songs; before these, pianos are thicker, higher and less even in loudness.
_ALIKE_FROM = 700


class ComposerTask:
    """The cross entropy of what comes next, in nats a note."""

    start: str | None = None

    def __init__(self, config: ComposerTraining, data: Path) -> None:
        torch.manual_seed(config.seed)  # the only use of the global generator: initial weights
        self.config = config
        self.network = ComposerNetwork(config.network)
        self.module: nn.Module = self.network
        songs, signature = load_songs(data)
        trained = [song for song in songs if not is_held_out(song)]
        held_out = [song for song in songs if is_held_out(song)]
        alike = [song for song in trained if song.number >= _ALIKE_FROM] or trained
        self.forms = {part: forms_of(alike, part) for part in WRITTEN_PARTS}
        self.dataset = ComposerWindows(
            trained, signature, config.network, tokens=config.tokens, seed=config.seed
        )
        self.validation = ComposerWindows(
            held_out or trained, signature, config.network, tokens=config.tokens, seed=config.seed + 1
        )

    def loss(
        self, module: nn.Module, batch: dict[str, Tensor], _generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the sum of the fields' cross entropies, and each of them. Nothing is drawn."""
        one = {name: values[0] for name, values in batch.items()}  # the loader adds an axis
        found = losses(module(one), one["labels"])
        return torch.stack(list(found.values())).sum(), {name: loss.item() for name, loss in found.items()}

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """Add a line of `validation.jsonl`: the losses on songs that are held out."""
        device = next(self.network.parameters()).device
        totals: dict[str, float] = {}
        for index in range(_VALIDATION_BATCHES):
            batch = {name: values.to(device) for name, values in self.validation[index].items()}
            for name, loss in losses(self.network(batch), batch["labels"]).items():
                totals[name] = totals.get(name, 0.0) + loss.item() / _VALIDATION_BATCHES
        add_line(folder, {"step": step, **{name: round(total, 4) for name, total in totals.items()}})

    def save(self, folder: Path) -> None:
        """Write a composer's folder."""
        weights = {name: values.float().cpu().numpy() for name, values in self.network.state_dict().items()}
        save_weights(folder, self.config.network, weights, self.forms)

    def to(self, device: torch.device) -> None:
        """Nothing is outside the module."""

    def state_dict(self) -> dict[str, Any]:
        """Nothing outside the module changes."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to restore."""


def is_held_out(song: GridSong) -> bool:
    """Whether a song validates the training instead of taking part in it."""
    return song.number % _HELD_OUT_EVERY == 0


def train_composer(config_path: Path, data: Path, out: Path, **overrides: Any) -> None:
    """Train a composer by the settings of `config_path` on the songs in `data`, into `out/model`.

    A run in `out` is resumed. Overrides replace settings by name. Raises MsaniiError for bad settings or
    data.
    """
    config = load_run_config(config_path, ComposerTraining, **overrides)
    fit(ComposerTask(config, data), config, out)
