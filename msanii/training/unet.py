"""Training of the U-Net, and what all trainings share: scalers, previews, settings.

Shapes: B batch, C channels, M mels, F linear bins, T frames, K controls, L samples.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import soundfile
import torch
from torch import Tensor, nn

from msanii.checkpoint.build import build_vocoder
from msanii.checkpoint.folder import find_model, load_model, save_model
from msanii.config import Part
from msanii.controls.dropout import MOSTLY_NOTES
from msanii.data.dataset import MelDataset
from msanii.diffusion.guidance import guided
from msanii.diffusion.sampling import Solver, generate, starting_noise
from msanii.diffusion.schedule import NoiseSchedule
from msanii.diffusion.unet import UNet
from msanii.errors import ConfigError
from msanii.signal.griffin_lim import griffin_lim
from msanii.signal.spectrogram_picture import write_spectrogram
from msanii.signal.transforms import Transforms
from msanii.training.config import TrainingConfig, load_training_config
from msanii.training.loop import fit
from msanii.training.losses import UNetWithUncertainty, diffusion_loss, uncertain_loss
from msanii.training.validation import Validation
from msanii.training.warm_start import grow_unet

MONO_SHARE = 0.05
PREVIEW_STEPS, PREVIEW_GUIDANCE, PREVIEW_ITERATIONS = 20, 2.0, 32


class ScaledTask:
    """Base of all tasks: the three parts of a model, and feature scalers that are fitted or running."""

    start: str | None = None

    def __init__(self, config: TrainingConfig) -> None:
        torch.manual_seed(config.seed)  # the only use of the global generator: initial weights
        self.config = config
        self.transforms = Transforms(config.model.transforms)
        self.unet = UNet(config.model.unet)
        self.vocoder = build_vocoder(config.model)
        self.transforms.train(config.scaling == "running")

    def to(self, device: torch.device) -> None:
        self.transforms.to(device)

    def state_dict(self) -> dict[str, Any]:
        return self.transforms.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.transforms.load_state_dict(state)

    def save_parts(self, folder: Path, trained: tuple[Part, ...]) -> None:
        """Write a model folder whose configuration lists the trained parts."""
        vocoder = self.vocoder.config
        model = dataclasses.replace(self.config.model, trained=trained, vocoder=vocoder)
        save_model(folder, model, unet=self.unet, vocoder=self.vocoder, transforms=self.transforms)


class UNetTask(ScaledTask):
    """Denoising with control dropout (paper section 2.2.3); the configuration chooses the loss."""

    def __init__(
        self, config: TrainingConfig, data: Path, vocoder: Path | None = None, start: Path | None = None
    ) -> None:
        super().__init__(config)
        self.trained: tuple[Part, ...] = ("unet",)
        if start is not None:
            self._start_from(start)
        if vocoder is not None:
            self._take_vocoder(vocoder)
        self.unet.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module: nn.Module = self.unet
        if config.timesteps == "uncertain":
            self.module = UNetWithUncertainty(self.unet, config.model.schedule.num_train_timesteps)
        self.dataset = MelDataset(
            data,
            frames=config.frames,
            groups=config.model.unet.controls,
            seed=config.seed,
            dropout=MOSTLY_NOTES if config.shows == "mostly_notes" else None,
            skip_silence=config.skip_silence,
        )
        self.schedule = NoiseSchedule(config.model.schedule)
        self.validation = Validation.of(data, config)
        if not bool(self.transforms.standard_scaler.fitted) and config.scaling == "fitted":
            fit_scalers(self.transforms, self.dataset, config.fit_clips)

    def _start_from(self, folder: Path) -> None:
        """Begin with the weights, the scalers and the trained vocoder of a model folder."""
        given = load_model(find_model(folder))
        grow_unet(self.unet, given, self.config.model, folder)
        self.transforms = given.transforms.train(self.config.scaling == "running")
        self.start = given.fingerprint
        if "vocoder" in given.config.trained:
            self.vocoder = given.vocoder
            self.trained = ("unet", "vocoder")

    def _take_vocoder(self, folder: Path) -> None:
        """Take over a trained vocoder, and its scalers too if it reads scaled mels."""
        given, wanted = load_model(folder), self.config.model
        if "vocoder" not in given.config.trained:
            raise ConfigError(f"vocoder: the one in {folder} is not trained; give the folder of its training")
        if (given.config.vocoder, given.config.transforms) != (wanted.vocoder, wanted.transforms):
            raise ConfigError(f"vocoder: the one in {folder} has other settings than this training's model")
        self.vocoder = given.vocoder
        self.trained = ("unet", "vocoder")
        if wanted.vocoder.features == "scaled":
            self.transforms = given.transforms

    def loss(
        self, module: nn.Module, batch: dict[str, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float | Tensor]]:
        """Return the loss of predicting v or noise, at timesteps spread over the batch; some clips are mono.

        Draws are made on the CPU, but for a GPU's noise, which it makes a hundred times as fast.
        """
        config, count = self.config.model, len(batch["mel"])
        mel = self.transforms.scale(batch["mel"])
        noise = _noise_like(mel, generator)
        spread = (torch.rand((), generator=generator) + torch.arange(count) / count) % 1.0
        # On the CPU, where the schedule is: indexing it with a GPU's numbers would wait for the GPU.
        timestep = (spread * config.schedule.num_train_timesteps).long()
        if config.unet.joint_channels > 1:
            mono = (torch.rand(count, generator=generator) < MONO_SHARE)[:, None, None, None].to(mel.device)
            noise = torch.where(mono, noise[:, :1], noise)
            mel = torch.where(mono, mel.mean(dim=1, keepdim=True), mel)
        target = self.schedule.target(mel, noise, timestep)
        controls = batch["controls"] if config.unet.controls else None
        context = as_context(mel, batch["kept"]) if config.unet.context else None
        noised = self.schedule.add_noise(mel, noise, timestep)
        predicted = module(noised, timestep.to(mel.device), controls, context)
        scalars: dict[str, float | Tensor] = {"frames": mel.shape[-1]} if self.config.crops else {}
        if self.config.timesteps == "alike":
            return diffusion_loss(predicted, target, self.config.loss).mean(), scalars
        predicted, log_expected = predicted
        losses = diffusion_loss(predicted, target, self.config.loss)
        return uncertain_loss(losses, log_expected), {**scalars, "plain_loss": losses.mean()}

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """Sample the first clip's controls with the averaged weights, and write a WAV and its spectrogram.

        With test songs beside the training data, also add a line of `validation.jsonl`.
        """
        if self.validation is not None:
            self.validation.add_line(folder, step, self.unet, self.transforms)
        clip = self.dataset[0]
        mel, device = clip["mel"][None], next(self.module.parameters()).device
        generator = torch.Generator().manual_seed(self.config.seed)
        noise = starting_noise([generator], mel.shape[1:], device)
        solver = Solver(schedule=self.config.model.schedule, scheduler="dpmsolver++", steps=PREVIEW_STEPS)
        controls = clip["controls"][None].to(device) if self.config.model.unet.controls else None
        denoise = guided(self.unet.under, controls, PREVIEW_GUIDANCE if controls is not None else 1.0)
        scaled = generate(denoise, solver, noise)
        magnitude = self.transforms.mel_to_linear(self.transforms.unscale(scaled))
        write_preview(folder / f"unet_{step:07d}", magnitude[0], self.config, generator)

    def save(self, folder: Path) -> None:
        self.save_parts(folder, self.trained)


def _noise_like(mel: Tensor, generator: torch.Generator) -> Tensor:
    if mel.is_cuda:
        seed = int(torch.randint(2**62, (), generator=generator))
        generator = torch.Generator(mel.device).manual_seed(seed)
    return torch.randn(mel.shape, generator=generator, device=generator.device)


def as_context(mel: Tensor, kept: Tensor) -> Tensor:
    """The U-Net's context (B, C, M + 1, T): a scaled mel (B, C, M, T) where `kept` (B, T), and the mask."""
    mask = kept[:, None, None, :].to(mel)
    return torch.cat((mel * mask, mask.expand(-1, mel.shape[1], -1, -1)), dim=2)


def fit_scalers(transforms: Transforms, dataset: MelDataset, clips: int) -> None:
    """Fit to the first clips exactly: mean and variance, then the range of the standardised mel."""
    values = torch.stack([dataset[index]["mel"] for index in range(clips)])
    scaler, minmax = transforms.standard_scaler, transforms.minmax_scaler
    scaler.assign(scaler.measure(values))
    minmax.assign(minmax.measure(scaler(values)))


def write_preview(stem: Path, magnitude: Tensor, config: TrainingConfig, generator: torch.Generator) -> None:
    """Write a WAV and a PNG of magnitude (C, F, T) under `stem`."""
    transforms = config.model.transforms
    waveform = griffin_lim(
        magnitude[None].float().cpu(),
        n_fft=transforms.n_fft,
        hop=transforms.hop_length,
        iterations=PREVIEW_ITERATIONS,
        generators=[generator],
    )[0]
    write_waveform(stem, waveform, transforms.sample_rate)


def write_waveform(stem: Path, waveform: Tensor, rate: int) -> None:
    """Write a WAV and a PNG of waveform (C, L) under `stem`."""
    audio = (waveform / waveform.abs().max().clamp(min=1.0)).numpy()
    stem.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(stem.with_suffix(".wav"), audio.T, rate, subtype="PCM_16")
    write_spectrogram(stem.with_suffix(".png"), audio, rate)


def train_unet(
    config_path: Path,
    data: Path,
    out: Path,
    *,
    vocoder: Path | None = None,
    start: Path | None = None,
    **overrides: Any,
) -> None:
    """Train the U-Net of `config_path` on shards in `data`, resuming the run in `out`, into `out/model`.

    A new run begins with the model folder `start`: its U-Net, which may have fewer controls, its scalers and
    its vocoder. The result takes over the vocoder of the model folder `vocoder`. Overrides replace settings
    by name (`steps`, `minutes`, `batch_size`, ...). Raises MsaniiError for bad settings or data.
    """
    config = load_training_config(config_path, **overrides)
    require_task(config, "unet", config_path)
    fit(UNetTask(config, data, vocoder, start), config, out)


def require_task(config: TrainingConfig, task: str, path: Path) -> None:
    """Raise ConfigError if the settings are for training another network."""
    if config.task != task:
        raise ConfigError(f"{path.name}: is for `msanii train {config.task}`, not `msanii train {task}`")
