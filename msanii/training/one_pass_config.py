"""Settings of a one-pass vocoder's training, beside those that every training has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig(StrictConfig):
    """Discriminators of the waveform folded by `periods`, and of complex STFTs of `sizes` split into bands.

    They train from `start_step` on. `weight` and `features_weight` are the weights of the generator loss and
    of the feature matching loss.
    """

    start_step: int = 0
    learning_rate: float = 2e-4
    weight: float = 1.0
    features_weight: float = 2.0
    width: int = 32
    periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    sizes: tuple[int, ...] = (512, 1024, 2048)
    band_edges: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75)

    def __post_init__(self) -> None:
        if self.width < 1 or min(self.periods, default=2) < 2 or min(self.sizes, default=64) < 64:
            raise ConfigError("adversary: expected a width from 1, periods from 2 and sizes from 64")
        if not self.periods and not self.sizes:
            raise ConfigError("adversary: expected periods or sizes; leave `adversary` out for none")
        if [0, *self.band_edges, 1] != sorted({0, *self.band_edges, 1}):
            raise ConfigError("adversary.band_edges: expected rising shares of the spectrum, between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class MelNoiseConfig(StrictConfig):
    """Mels that a U-Net noised and denoised, so that the vocoder learns to tolerate the U-Net's errors.

    They replace a `share` of the clips and are cut from `windows` of 12 s, noised at a strength up to
    `most_noise`. The U-Net is that of the model folder given to the training, with that model's sampling
    settings.
    """

    share: float = 0.5
    # Above half, the notes themselves change: the mel then belongs to another performance than the audio.
    most_noise: float = 0.5
    windows: int = 512

    def __post_init__(self) -> None:
        for name in ("share", "most_noise"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                raise ConfigError(f"mel_noise.{name}: got {value}, expected above 0 and up to 1")
        if self.windows < 1:
            raise ConfigError(f"mel_noise.windows: got {self.windows}, expected at least 1")


@dataclass(frozen=True, kw_only=True)
class OnePassTraining(StrictConfig):
    """Losses over STFTs of `sizes`, of which each step draws `sizes_per_step`; the weights of their parts.

    `mid_side` is the share of clips compared as mid and side instead of left and right; `gain_db` is the
    largest random gain, up or down. `trains` selects the part of the vocoder to train: the `low` band alone,
    the stereo width (`sides`) alone (which uses only `gain_db` and `mel_noise`), or the `rest`, with both
    fixed.
    """

    sizes: tuple[int, ...] = (128, 256, 512, 1024, 2048, 4096, 8192, 16_384)
    sizes_per_step: int = 3
    convergence: float = 1.0
    log_magnitude: float = 1.0
    mel: float = 1.0
    phase: float = 0.5
    motion: float = 1.0
    mid_side: float = 0.5
    gain_db: float = 6.0
    trains: Literal["rest", "low", "sides"] = "rest"
    adversary: DiscriminatorConfig | None = None
    mel_noise: MelNoiseConfig | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.sizes_per_step <= len(self.sizes):
            raise ConfigError(
                f"one_pass.sizes_per_step: got {self.sizes_per_step}, expected 1 to {len(self.sizes)}"
            )
        if any(size < 16 or size % 4 for size in self.sizes):
            raise ConfigError(f"one_pass.sizes: got {self.sizes}, expected multiples of 4 from 16")
        if not 0 <= self.mid_side <= 1:
            raise ConfigError(f"one_pass.mid_side: got {self.mid_side}, expected 0 to 1")
