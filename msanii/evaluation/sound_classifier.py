"""The sound classifier: a small network that names the sound in 1.5 s of music, to evaluate models.

Letters: N windows, C audio channels, L samples, M mels, T frames, D features, S sounds.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from msanii.config import TransformsConfig
from msanii.errors import DataError
from msanii.metrics.harmony import Audio, FloatArray
from msanii.music.sounds import FIRST_SOUNDS
from msanii.signal.transforms import LOG_FLOOR, Transforms

FEATURES = 32
WINDOW_FRAMES = 64
HOP_FRAMES = 60
# A window whose loudest mel stays below this is silent.
_SILENT_LOG_MEL = -5.0
_QUIETEST = float(np.log(LOG_FLOOR))
_NAMES = "sounds"


class SoundClassifier(nn.Module):
    """Log-mel windows to features and the sounds in `names`; 4 convolutions, about 63,000 weights."""

    def __init__(self, names: Sequence[str] = FIRST_SOUNDS) -> None:
        super().__init__()
        self.names = tuple(names)
        widths = (1, 16, 32, 48, 64)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1) for before, after in pairwise(widths)
        )
        # Timbre depends on pitch, so the eighths of the spectrum are not pooled together.
        self.features = nn.Linear(widths[-1] * 8, FEATURES)
        self.sounds = nn.Linear(FEATURES, len(self.names))

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Log-mel (N, M, T) to features (N, D) and logits of the sounds (N, S)."""
        x = (log_mel[:, None] - _QUIETEST) / -_QUIETEST
        for convolution in self.convolutions:
            x = F.gelu(convolution(x))
        features = torch.tanh(self.features(x.mean(dim=-1).flatten(1)))
        return features, self.sounds(features)


def sound_windows(log_mel: Tensor) -> Tensor:
    """Split log-mel (C, M, T) into windows (N, M, 64), 60 frames apart, leaving out silent ones."""
    middle = log_mel.float().mean(dim=0)
    if middle.shape[-1] < WINDOW_FRAMES:
        return middle.new_zeros(0, middle.shape[0], WINDOW_FRAMES)
    windows = middle.unfold(1, WINDOW_FRAMES, HOP_FRAMES).movedim(1, 0)
    return windows[windows.amax(dim=(1, 2)) > _SILENT_LOG_MEL]


@torch.inference_mode()
def classify_windows(
    classifier: SoundClassifier, audio: Audio, rate: int
) -> tuple[FloatArray, tuple[str, ...]]:
    """Features (N, D) of the audible windows of `audio` (C, L), and the name of each one's sound."""
    features, logits = classifier(sound_windows(clip_log_mel(audio, rate)))
    named = tuple(classifier.names[place] for place in logits.argmax(dim=-1).tolist())
    return features.double().numpy(), named


@torch.inference_mode()
def clip_log_mel(audio: Audio, rate: int) -> Tensor:
    """The log-mel (C, M, T) of a clip (C, L), as training data has it."""
    from msanii.signal.finishing import resample

    waveform = np.ascontiguousarray(resample(audio, rate, TransformsConfig().sample_rate))
    return _transforms().log_mel(torch.from_numpy(waveform))


def frechet_distance(first: tuple[FloatArray, FloatArray], second: tuple[FloatArray, FloatArray]) -> float:
    """The distance of two Gaussians, each a mean (D,) and a covariance (D, D).

    Heusel et al. 2017, equation 6.
    """
    (mean, covariance), (other_mean, other_covariance) = first, second
    # The trace of the product's root, from its eigenvalues, which are real and not negative up to rounding.
    values = np.linalg.eigvals(covariance @ other_covariance)
    root = np.sqrt(np.maximum(values.real, 0.0)).sum()
    apart = ((mean - other_mean) ** 2).sum() + np.trace(covariance) + np.trace(other_covariance) - 2 * root
    return float(max(apart, 0.0))


def gaussian(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean (D,) and covariance (D, D) of features (N, D); N must be at least 2."""
    return features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))


def save_classifier(classifier: SoundClassifier, path: Path) -> None:
    """Write the weights as float16."""
    weights = {name: value.half().contiguous() for name, value in classifier.state_dict().items()}
    path.write_bytes(save(weights, {_NAMES: ", ".join(classifier.names)}))


def load_classifier(path: Path) -> SoundClassifier:
    """Read a classifier. Raises DataError if the file is missing or holds anything else."""
    try:
        with safe_open(str(path), framework="pt") as file:
            names = file.metadata()[_NAMES].split(", ")
        classifier = SoundClassifier(names)
        classifier.load_state_dict({name: value.float() for name, value in load_file(str(path)).items()})
    except (OSError, SafetensorError, RuntimeError, KeyError, TypeError) as error:
        raise DataError(f"{path.name}: not a sound classifier of this version ({error})") from error
    return classifier.eval()


@functools.cache
def _transforms() -> Transforms:
    return Transforms(TransformsConfig()).eval()
