"""Batches of a one-pass vocoder's training: random gains, mels, and mid/side comparison.

All draws are made on the CPU, so that every device gives the same. Shapes: B batch, C channels, M mels, T mel
frames, L samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from msanii.data.dataset import AudioDataset
from msanii.signal.transforms import Transforms
from msanii.training.one_pass_config import OnePassTraining
from msanii.training.roundtrip_mels import with_gain
from msanii.training.unet import ScaledTask, write_waveform

PREVIEW_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Audio (B, C, L), the target, and the unscaled log-mel (B, C, M, T), the vocoder's input.

    `allows_mid_side` (B,) is true for clips that may be compared as mid and side.
    """

    target: Tensor
    log_mel: Tensor
    allows_mid_side: Tensor


def training_batch(
    batch: Tensor | dict[str, Tensor],
    transforms: Transforms,
    settings: OnePassTraining,
    generator: torch.Generator,
) -> TrainingBatch:
    """Make a batch from waveforms (B, C, L), or from items of `RoundtripDataset`."""
    waveform = batch if isinstance(batch, Tensor) else batch["audio"]
    gain = _gains(len(waveform), settings.gain_db, generator).to(waveform.device)
    target = waveform * gain
    log_mel = transforms.log_mel(target)
    allows_mid_side = torch.ones(len(waveform), dtype=torch.bool)
    if not isinstance(batch, Tensor):
        roundtrip = with_gain(batch["log_mel"], gain[..., None])
        log_mel = torch.where(batch["is_roundtrip"][:, None, None, None], roundtrip, log_mel)
        # A round trip adds noise to the side channel of nearly mono sounds, and it would dominate the loss.
        allows_mid_side = ~batch["is_roundtrip"].cpu()
    return TrainingBatch(target, log_mel, allows_mid_side)


def compared_pair(
    predicted: Tensor, batch: TrainingBatch, settings: OnePassTraining, generator: torch.Generator
) -> tuple[Tensor, Tensor, list[int]]:
    """Prediction and target (B * C, L, detached) as they are compared, and the STFT sizes of this step."""
    pair = _mid_side(
        torch.stack((predicted, batch.target)), settings.mid_side, batch.allows_mid_side, generator
    )
    order = torch.randperm(len(settings.sizes), generator=generator)[: settings.sizes_per_step]
    sizes = [settings.sizes[index] for index in order.tolist()]
    return pair[0].flatten(0, 1), pair[1].flatten(0, 1).detach(), sizes


@torch.no_grad()
def preview_waveform(task: ScaledTask, data: Path, folder: Path, step: int) -> None:
    """Put an excerpt of a training song through the task's vocoder, and write a WAV and its spectrogram."""
    config = task.config
    rate = config.model.transforms.sample_rate
    longer = AudioDataset(data, samples=round(PREVIEW_SECONDS * rate), seed=config.seed)
    clip = longer[0][None].to(next(task.vocoder.parameters()).device)
    waveform: Tensor = task.vocoder(task.transforms.log_mel(clip))
    write_waveform(folder / f"vocoder_{step:07d}", waveform[0].float().cpu(), rate)


def _gains(count: int, most_db: float, generator: torch.Generator) -> Tensor:
    """Random gains (B, 1, 1), one per clip, as factors."""
    gain_db = (2 * torch.rand(count, 1, 1, generator=generator) - 1) * most_db
    gains: Tensor = 10 ** (gain_db / 20)
    return gains


def _mid_side(pair: Tensor, share: float, allows_mid_side: Tensor, generator: torch.Generator) -> Tensor:
    """(2, B, C, L), as mid and side for a random `share` of the stereo clips that allow it."""
    chosen = (torch.rand(pair.shape[1], generator=generator) < share) & allows_mid_side
    if pair.shape[2] != 2:
        return pair
    turned = torch.stack((pair[:, :, 0] + pair[:, :, 1], pair[:, :, 0] - pair[:, :, 1]), dim=2) / 2**0.5
    return torch.where(chosen.to(pair.device)[:, None, None], turned, pair)
