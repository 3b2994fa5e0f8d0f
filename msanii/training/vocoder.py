"""Training of both vocoders: the paper's (mel to magnitude) and the one-pass vocoder (mel to waveform).

Shapes: B batch, C channels, M mels, F linear bins, T frames, L samples.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from rich.progress import Progress
from torch import Tensor, nn

from msanii.checkpoint.folder import load_model
from msanii.config import OnePassConfig, VocoderConfig
from msanii.data.dataset import AudioDataset
from msanii.errors import ConfigError
from msanii.signal.split_complex import SplitComplex
from msanii.training.adversarial import AdversarialLoss
from msanii.training.config import TrainingConfig, load_training_config
from msanii.training.loop import fit
from msanii.training.losses import vocoder_loss
from msanii.training.low_band import LowBandTask
from msanii.training.one_pass_config import MelNoiseConfig, OnePassTraining
from msanii.training.roundtrip_mels import RoundtripDataset
from msanii.training.stereo_width import StereoWidthTask
from msanii.training.unet import ScaledTask, require_task, write_preview
from msanii.training.vocoder_batches import compared_pair, training_batch
from msanii.training.waveform_losses import Mel, Weights, motion_loss, waveform_loss
from msanii.training.waveform_task import WaveformTask
from msanii.vocoder.network import OnePassVocoder


class VocoderTask(ScaledTask):
    """Predicts magnitude from mels of real audio (paper section 4.2.2)."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config)
        self.module: nn.Module = self.vocoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.dataset = AudioDataset(data, samples=config.samples, seed=config.seed)

    def loss(
        self,
        module: nn.Module,
        batch: Tensor,
        generator: torch.Generator,  # noqa: ARG002 (Task)
    ) -> tuple[Tensor, dict[str, float]]:
        """Spectral convergence and log-magnitude distance on waveforms (B, C, L)."""
        with torch.autocast(batch.device.type, enabled=False):
            target = self.transforms.magnitude(batch)
            features = self.features(target)
        return vocoder_loss(module(features), target)

    def features(self, magnitude: Tensor) -> Tensor:
        """The vocoder's input (B, C, M, T)."""
        log_mel = self.transforms.mel_of(magnitude)
        return log_mel if self.config.model.vocoder.features == "log_mel" else self.transforms.scale(log_mel)

    @torch.no_grad()
    def preview(self, folder: Path, step: int) -> None:
        """Decode the first clip with averaged weights and Griffin-Lim; write a WAV and its spectrogram."""
        clip = self.dataset[0][None].to(next(self.module.parameters()).device)
        training = self.transforms.training
        self.transforms.eval()  # a preview must not update the running statistics
        magnitude = self.vocoder(self.features(self.transforms.magnitude(clip)))
        self.transforms.train(training)
        generator = torch.Generator().manual_seed(self.config.seed)
        write_preview(folder / f"vocoder_{step:07d}", magnitude[0], self.config, generator)

    def save(self, folder: Path) -> None:
        self.save_parts(folder, ("vocoder",))


class OnePassWithMotion(nn.Module):
    """A one-pass vocoder that also returns its predicted phase motion, for the loss."""

    def __init__(self, vocoder: OnePassVocoder) -> None:
        super().__init__()
        self.vocoder = vocoder

    def forward(self, log_mel: Tensor) -> tuple[Tensor, SplitComplex]:
        """Return waveform (B, C, L) and motion (B * C, J, carried bins) of a mel (B, C, M, T)."""
        predictions = self.vocoder.predict(log_mel)
        return self.vocoder.waveform(predictions, log_mel.shape[1]), predictions[0].motion


class OnePassTask(WaveformTask):
    """Predicts waveforms from mels of real audio; multi-scale spectral losses, maybe discriminators."""

    def __init__(self, config: TrainingConfig, data: Path) -> None:
        super().__init__(config, data)
        for part in (self.one_pass.low, self.one_pass.sides):
            if part is not None:
                part.requires_grad_(False)
        self.module: nn.Module = OnePassWithMotion(self.one_pass)
        _check_clip(config, self.settings)
        mel = config.model.transforms
        self.mel = Mel(n_fft=mel.n_fft, n_mels=mel.n_mels, rate=mel.sample_rate)
        adversary = self.settings.adversary
        self.adversary = None if adversary is None else AdversarialLoss(adversary)

    def loss(
        self, module: nn.Module, batch: Tensor | dict[str, Tensor], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of waveforms (B, C, L), or of a batch of `RoundtripDataset`."""
        settings, device_type = self.settings, next(module.parameters()).device.type
        with torch.autocast(device_type, enabled=False):
            given = training_batch(batch, self.transforms, settings, generator)
        predicted, motion = module(given.log_mel)
        with torch.autocast(device_type, enabled=False):
            ours, theirs, sizes = compared_pair(predicted, given, settings, generator)
            loss, parts = waveform_loss(ours, theirs, sizes, _weights(settings), mel=self.mel)
            if motion.real.shape[2] and settings.motion:
                size, hop = self.one_pass.config.n_fft, self.one_pass.hop
                parts["motion"] = motion_loss(motion, given.target.flatten(0, 1), n_fft=size, hop=hop)
                loss = loss + settings.motion * parts["motion"]
            if self.adversary is not None:
                adversarial, scalars = self.adversary.loss(ours, theirs)
                loss, parts = loss + adversarial, {**parts, **scalars}
        return loss, {name: float(part.detach()) for name, part in parts.items()}

    def to(self, device: torch.device) -> None:
        super().to(device)
        if self.adversary is not None:
            self.adversary.to(device)

    def state_dict(self) -> dict[str, Any]:
        adversary = {} if self.adversary is None else self.adversary.state_dict()
        return {"transforms": super().state_dict(), "adversary": adversary}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state["transforms"])
        if self.adversary is not None:
            self.adversary.load_state_dict(state["adversary"])


_PARTS = ("low", "sides")
AnyTask = VocoderTask | OnePassTask | LowBandTask | StereoWidthTask


def train_vocoder(
    config_path: Path,
    data: Path,
    out: Path,
    *,
    start: Path | None = None,
    unet: Path | None = None,
    **overrides: Any,
) -> None:
    """Train the vocoder of `config_path` on audio in `data`, resuming the run in `out`, into `out/model`.

    A new run starts from the vocoder of the model folder `start`; parts that `one_pass.trains` leaves fixed
    come from there at every call. `unet` names the model folder whose U-Net makes the round-trip mels before
    the first step, if the settings ask for them. Raises MsaniiError for bad settings or data.
    """
    config = load_training_config(config_path, **overrides)
    require_task(config, "vocoder", config_path)
    noise = _mel_noise(config, unet)
    task = _task(config, data)
    if start is not None:
        _start_from(task, start)
    elif isinstance(task, WaveformTask):
        _check_parts(task, None, "a new vocoder")
    if noise is not None and unet is not None and not isinstance(task, VocoderTask):
        task.dataset = _roundtrip_dataset(noise, config, data, out, unet)
    fit(task, config, out)


def _task(config: TrainingConfig, data: Path) -> AnyTask:
    vocoder = config.model.vocoder
    if not isinstance(vocoder, OnePassConfig):
        return VocoderTask(config, data)
    match (config.one_pass or OnePassTraining()).trains:
        case "low":
            return LowBandTask(config, data)
        case "sides":
            return StereoWidthTask(config, data)
        case "rest":
            return OnePassTask(config, data)


def _mel_noise(config: TrainingConfig, unet: Path | None) -> MelNoiseConfig | None:
    """The settings of round-trip mels. Raises ConfigError for these without a U-Net, or the reverse."""
    if unet is not None and not isinstance(config.model.vocoder, OnePassConfig):
        raise ConfigError("unet: only a one_pass vocoder trains on round-trip mels; leave it out")
    noise = None if config.one_pass is None else config.one_pass.mel_noise
    if (noise is None) != (unet is None):
        raise ConfigError(
            "unet: one_pass.mel_noise and a model folder for its U-Net go together; give both or neither"
        )
    return noise


def _roundtrip_dataset(
    noise: MelNoiseConfig, config: TrainingConfig, data: Path, out: Path, unet: Path
) -> RoundtripDataset:
    """Clips with round-trip mels, which are kept in `out/returned`."""
    # With several processes, the main one computes the mels and the others read them.
    with PartialState().main_process_first(), Progress(transient=True) as progress:
        bar = progress.add_task("round-trip mels", total=1.0)
        return RoundtripDataset(
            data,
            out / "returned",
            unet,
            noise,
            config.model.transforms,
            samples=config.samples,
            seed=config.seed,
            on_step=lambda fraction: progress.update(bar, completed=fraction),
        )


def _start_from(task: AnyTask, folder: Path) -> None:
    given = load_model(folder)
    if "vocoder" not in given.config.trained:
        raise ConfigError(f"start: the vocoder in {folder} is not trained; give the folder of its training")
    wanted = task.config.model
    if isinstance(task, WaveformTask):
        _check_parts(task, given.config.vocoder, f"the vocoder in {folder}")
    if (_rest(given.config.vocoder), given.config.transforms) != (_rest(wanted.vocoder), wanted.transforms):
        raise ConfigError(f"start: the vocoder in {folder} has other settings than this training's model")
    own = task.vocoder.state_dict()
    added = {name: value for name, value in own.items() if name.split(".")[0] in _PARTS}
    task.vocoder.load_state_dict({**added, **given.vocoder.state_dict()})
    task.transforms.load_state_dict(given.transforms.state_dict())


def _check_parts(task: WaveformTask, given: VocoderConfig | OnePassConfig | None, where: str) -> None:
    """Raise ConfigError unless the start has exactly the parts that stay fixed."""
    trains = task.settings.trains
    if given is None and trains != "rest":
        raise ConfigError(f"start: one_pass.trains {trains} extends a trained vocoder; give its folder")
    for name in _PARTS:
        wanted, there = getattr(task.one_pass.config, name), getattr(given, name, None)
        if there is None and wanted is not None and name != trains:
            raise ConfigError(
                f"start: model.vocoder.{name} stays fixed, but {where} has none; train it first"
            )
        if there is not None and there != wanted:
            raise ConfigError(
                f"start: {where} has another model.vocoder.{name}; copy its values into the settings"
            )


def _rest(vocoder: VocoderConfig | OnePassConfig) -> VocoderConfig | OnePassConfig:
    """The configuration without the parts that are trained separately."""
    if isinstance(vocoder, OnePassConfig):
        return dataclasses.replace(vocoder, low=None, sides=None)
    return vocoder


def _check_clip(config: TrainingConfig, settings: OnePassTraining) -> None:
    hop = config.model.transforms.hop_length
    if config.samples % hop:
        raise ConfigError(f"training.samples: got {config.samples}, expected a multiple of the hop, {hop}")
    if max(settings.sizes) > config.samples:
        raise ConfigError(
            f"one_pass.sizes: got windows of {max(settings.sizes)} samples, clips have {config.samples}"
        )


def _weights(settings: OnePassTraining) -> Weights:
    return Weights(settings.convergence, settings.log_magnitude, settings.mel, settings.phase)
