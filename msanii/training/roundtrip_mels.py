"""Mels that went through a U-Net: real mels noised and denoised, paired with the audio that they came from.

A vocoder trained on them learns to tolerate the U-Net's errors. They are computed once, before the training,
in windows as long as the U-Net's training clips, with all known controls and the model's own sampling
settings. Letters: B batch, C channels, M mels, K controls, T frames of a window, L samples of a clip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from torch.utils.data import Dataset

from msanii.checkpoint.folder import LoadedModel, load_model
from msanii.config import TransformsConfig
from msanii.controls.tensor import events_to_controls
from msanii.data.dataset import (
    AudioDataset,
    ClipPositions,
    clip_generator,
    events_in,
    log_mel_from,
    read_excerpt,
    split_folder,
)
from msanii.data.shards import Song, audio_path_of, read_songs
from msanii.devices import Placement, choose_placement
from msanii.diffusion.sampling import starting_noise, vary
from msanii.errors import ConfigError, DataError
from msanii.rendering.job import prepare
from msanii.signal.transforms import LOG_FLOOR
from msanii.training.one_pass_config import MelNoiseConfig

WINDOW_FRAMES = 512
# All windows of a file are noised to the same strength.
BATCH = 4
LEAST_NOISE = 0.05


@dataclass(frozen=True, slots=True)
class Window:
    """T frames of a song from frame `start` on; a shorter song ends in silence."""

    song: Song
    start: int


class Roundtrip:
    """Noises mels and denoises them with a model's U-Net.

    Raises ConfigError if the U-Net is not trained, or is for another mel.
    """

    def __init__(self, folder: Path, mel: TransformsConfig, placement: Placement) -> None:
        self.model: LoadedModel = load_model(folder)
        if "unet" not in self.model.config.trained:
            raise ConfigError(f"unet: the one in {folder} is not trained; give the folder of its training")
        if self.model.config.transforms != mel:
            raise ConfigError(f"unet: the one in {folder} is for another mel than this training's")
        self._placement = placement
        self._unet = placement.place(self.model.unet)
        self._transforms = self.model.transforms.to(placement.signal_device)

    @torch.inference_mode()
    def log_mels(self, windows: Sequence[Window], strength: float, seeds: Sequence[int]) -> Tensor:
        """Noise the windows to `strength` and denoise them: unscaled log-mels (B, C, M, T)."""
        controls = self._controls(windows) if self.model.config.unet.controls else None
        job = prepare(
            self._unet.under, self.model.config, seeds=seeds, sampling=None, controls=controls, on_step=None
        )
        signal, device = self._placement.signal_device, self._placement.device
        log_mel = torch.stack([log_mel_from(window.song, window.start, WINDOW_FRAMES) for window in windows])
        log_mel = log_mel.to(signal)
        noise = starting_noise(job.generators, log_mel.shape[1:], device)
        with self._placement.autocast():
            mel = vary(job.denoise, job.solver, self._transforms.scale(log_mel).to(device), noise, strength)
        return self._transforms.unscale(mel.float().to(signal)).cpu()

    def _controls(self, windows: Sequence[Window]) -> Tensor:
        """All known controls of the windows, (B, K, T)."""
        config = self.model.config.transforms
        seconds = config.hop_length / config.sample_rate
        tensors = []
        for window in windows:
            start, end = window.start * seconds, (window.start + WINDOW_FRAMES) * seconds
            tensors.append(
                events_to_controls(
                    events_in(window.song.events, start, end, seconds),
                    self.model.config.unet.controls,
                    WINDOW_FRAMES,
                    seconds_per_frame=seconds,
                    start_seconds=start,
                )
            )
        return torch.stack(tensors)


class RoundtripDataset(Dataset[dict[str, Tensor]]):
    """Clips like those of `AudioDataset`, a share of them with a mel that went through a U-Net.

    Any index from 0 is a clip. Item: `audio` (C, L) float32; `is_roundtrip`; `log_mel` (C, M, L / hop + 1),
    its unscaled round-trip mel if `is_roundtrip`, else zeros. Raises DataError for data without audio.
    """

    def __init__(
        self,
        data: Path,
        folder: Path,
        unet: Path,
        config: MelNoiseConfig,
        mel: TransformsConfig,
        *,
        samples: int,
        seed: int = 0,
        on_step: Callable[[float], None] | None = None,
    ) -> None:
        """Compute the mels that are missing in `folder`, calling `on_step(fraction)` meanwhile."""
        if mel.frames(samples) > WINDOW_FRAMES:
            most = (WINDOW_FRAMES - 1) * mel.hop_length
            raise ConfigError(
                f"training.samples: got {samples}, expected at most {most} with one_pass.mel_noise"
            )
        self.plain = AudioDataset(data, samples=samples, seed=seed)
        self.config, self.mel, self.samples, self.seed = config, mel, samples, seed
        generator = torch.Generator().manual_seed(seed)
        self.windows = draw_windows(data, config.windows, generator)
        self.strengths = draw_strengths(len(self.windows), config.most_noise, generator)
        roundtrip = Roundtrip(unet, mel, choose_placement())
        texts = (roundtrip.model.fingerprint, self.plain.signature, repr(config), str(seed))
        self.signature = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
        # One folder per U-Net, data and settings, so that mels of other runs are never mixed in.
        self.folder = folder / self.signature
        self._make(roundtrip, on_step)

    def __len__(self) -> int:
        return len(self.plain)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if index < 0:
            raise IndexError(index)
        # The plain clip's own generator would draw the same position again.
        draws = torch.rand(3, generator=clip_generator(self.seed, ~index), dtype=torch.float64).tolist()
        if draws[0] >= self.config.share:
            audio = self.plain[index]
            shape = (len(audio), self.mel.n_mels, self.mel.frames(self.samples))
            return {"audio": audio, "log_mel": torch.zeros(shape), "is_roundtrip": torch.tensor(False)}
        number = int(draws[1] * len(self.windows))
        window, frames = self.windows[number], self.mel.frames(self.samples)
        first = int(draws[2] * (max(0, min(WINDOW_FRAMES, window.song.frames - window.start) - frames) + 1))
        return {
            "audio": self._audio(window, first),
            "log_mel": self._log_mel(number, first, frames),
            "is_roundtrip": torch.tensor(True),
        }

    def _make(self, roundtrip: Roundtrip, on_step: Callable[[float], None] | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(self.windows), BATCH):
            path, batch = self._path(first), self.windows[first : first + BATCH]
            if not path.exists():
                strength = self.strengths[first // BATCH]
                seeds = [(self.seed << 32) + first + item for item in range(len(batch))]
                made = roundtrip.log_mels(batch, strength, seeds).half().contiguous()
                part = path.with_suffix(".part")
                part.write_bytes(save({"log_mel": made}))
                part.replace(path)
            if on_step is not None:
                on_step((first + len(batch)) / len(self.windows))

    def _path(self, number: int) -> Path:
        return self.folder / f"{number // BATCH:05d}.safetensors"

    def _log_mel(self, number: int, first: int, frames: int) -> Tensor:
        path = self._path(number)
        try:
            with safe_open(str(path), framework="pt") as file:
                made: Tensor = file.get_slice("log_mel")[number % BATCH, :, :, first : first + frames]
        except (OSError, SafetensorError) as error:
            raise DataError(f"{path.name}: cannot be read ({error}); delete it and start again") from error
        return made.float()

    def _audio(self, window: Window, first: int) -> Tensor:
        """The window's audio from frame `first` on; frame t is centred t hops after the song's start."""
        path = audio_path_of(window.song.path)
        return read_excerpt(path, (window.start + first) * self.mel.hop_length, self.samples)


def draw_windows(data: Path, count: int, generator: torch.Generator) -> list[Window]:
    """Draw `count` positions, all equally likely, in the songs that have audio. Raises DataError."""
    songs = [song for song in read_songs(split_folder(data)) if song.audio_path is not None]
    if not songs:
        raise DataError(f"{data}: no song has audio beside its shard; render the data again with audio")
    places = ClipPositions([song.frames for song in songs], WINDOW_FRAMES)
    shares = torch.rand(count, generator=generator, dtype=torch.float64).tolist()
    return [Window(songs[number], start) for number, start in map(places.at, shares)]


def draw_strengths(windows: int, most_noise: float, generator: torch.Generator) -> list[float]:
    """Draw a noise strength for each batch of windows."""
    draws = torch.rand(-(-windows // BATCH), generator=generator, dtype=torch.float64)
    least = min(LEAST_NOISE, most_noise)
    return (least + draws * (most_noise - least)).tolist()


def with_gain(log_mel: Tensor, gain: Tensor) -> Tensor:
    """The log-mel of the same audio, its samples multiplied by `gain`."""
    return torch.log((log_mel.exp() - LOG_FLOOR).clamp(min=0.0) * gain + LOG_FLOOR)
