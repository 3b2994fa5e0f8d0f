"""Training of the listener on stems of training songs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from msanii.data.listening.stems import EVENTS_SUFFIX
from msanii.errors import ConfigError
from msanii.fingerprints import fingerprint
from msanii.listening.network import ListenerNetwork
from msanii.listening.spectra import Spectra, levelled
from msanii.listening.weights import CONFIG_NAME, load_listener, save_listener
from msanii.training.config import ListenerTraining, load_run_config
from msanii.training.listening.clips import ListeningClips
from msanii.training.listening.losses import listening_losses, weighted_sum
from msanii.training.loop import fit
from msanii.training.validation import add_line

_VALIDATION_SEED = 909
_VALIDATION_CLIPS, _VALIDATION_BATCH = 48, 8


class ListenerTask:
    """All that is to be heard, at once."""

    start: str | None = None

    def __init__(self, config: ListenerTraining, data: Path, start: Path | None = None) -> None:
        torch.manual_seed(config.seed)  # the only use of the global generator: initial weights
        self.config = config
        self.network = ListenerNetwork(config.network)
        if start is not None:
            self._start_from(start)
        self.module: nn.Module = self.network
        self.spectra = Spectra(config.network)
        self.dataset = ListeningClips(data, config.network, frames=config.frames, seed=config.seed)
        test = data / "test"
        self.validation = (
            ListeningClips(test, config.network, frames=config.frames, seed=_VALIDATION_SEED)
            if any(test.glob(f"*{EVENTS_SUFFIX}"))
            else None
        )

    def _start_from(self, folder: Path) -> None:
        """Begin with the weights of a listener of the same sizes."""
        given = load_listener(folder)
        if given.config != self.config.network:
            raise ConfigError(
                f"start: the listener in `{folder}` has other sizes than the settings' `network`; change "
                f"them to what its {CONFIG_NAME} says"
            )
        self.network.load_state_dict(given.state_dict())
        self.start = fingerprint(folder, CONFIG_NAME)

    def loss(
        self, module: nn.Module, batch: dict[str, Tensor], _generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the weighted sum of all losses, and each of them. Nothing is drawn."""
        losses = listening_losses(module(*self._seen(batch)), batch)
        return weighted_sum(losses), {name: loss.detach() for name, loss in losses.items()}

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """Add a line of `validation.jsonl`: losses and shares that are right, on clips of test songs."""
        if self.validation is None:
            return
        device = next(self.network.parameters()).device
        totals: dict[str, float] = {}
        for first in range(0, _VALIDATION_CLIPS, _VALIDATION_BATCH):
            indices = range(first, min(first + _VALIDATION_BATCH, _VALIDATION_CLIPS))
            batch = default_collate([self.validation[index] for index in indices])
            batch = {name: values.to(device) for name, values in batch.items()}
            heard = self.module(*self._seen(batch))
            found = listening_losses(heard, batch) | _shares_right(heard, batch)
            for name, value in found.items():
                totals[name] = totals.get(name, 0.0) + value.item() * len(indices) / _VALIDATION_CLIPS
        add_line(folder, {"step": step, **{name: round(total, 4) for name, total in totals.items()}})

    def save(self, folder: Path) -> None:
        """Write a listener's folder."""
        save_listener(folder, self.network)

    def to(self, device: torch.device) -> None:
        """Move the spectra, which are outside the module, as they have no weights."""
        self.spectra.to(device)

    def _seen(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Both spectra of a batch, always in float32."""
        waveform = batch["waveform"]
        with torch.autocast(waveform.device.type, enabled=False):
            mel, pitch = self.spectra(levelled(waveform))
        return mel, pitch

    def state_dict(self) -> dict[str, Any]:
        """Nothing outside the module changes."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to restore."""


def _shares_right(heard: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Shares of slow frames with the right chord and bass; F-measures of frames with onset and beat."""
    found = {
        f"{name}_right": (heard[name].argmax(dim=-1) == wanted[name]).float().mean()
        for name in ("chord", "bass")
    }
    for name in ("onset", "beat"):
        said, true = heard[name] > 0, wanted[name] >= 1
        hits = (said & true).sum()
        found[f"{name}_frame_f"] = 2 * hits / (said.sum() + true.sum()).clamp(min=1)
    return found


def train_listener(
    config_path: Path, data: Path, out: Path, *, start: Path | None = None, **overrides: Any
) -> None:
    """Train a listener by the settings of `config_path` on the stems in `data`, into `out/model`.

    A new run begins with the weights of the listener in the folder `start`, if there is one; give it another
    seed, or it hears the same clips again. A run in `out` is resumed. Overrides replace settings by name.
    Raises MsaniiError for bad settings or data.
    """
    config = load_run_config(config_path, ListenerTraining, **overrides)
    fit(ListenerTask(config, data, start), config, out)
