"""Settings of a training run, read from YAML (`msanii/configs`); defaults are the paper's for the U-Net."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from msanii.composer.melodic.config import ComposerConfig
from msanii.config import ModelConfig
from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig
from msanii.training.one_pass_config import OnePassTraining


@dataclass(frozen=True, kw_only=True)
class EMAConfig(StrictConfig):
    """Exponential moving average of the weights (Table 2 of the paper)."""

    decay: float = 0.995
    start_step: int = 2000
    every: int = 10


@dataclass(frozen=True, kw_only=True)
class RunConfig(StrictConfig):
    """What every training run is told, whichever network it trains. `batch_size` is per process.

    `compile` runs the network through torch.compile: a sixth faster on a CPU, after a minute or two.
    """

    task: str
    seed: int = 0
    steps: int = 110_000
    batch_size: int = 4
    optimizer: Literal["adam", "adamw"] = "adam"
    learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    weight_decay: float = 0.0
    warmup_steps: int = 500
    warmup_start: float = 1 / 3
    decay_steps: int = 0
    clip_norm: float = 1.0
    precision: Literal["no", "fp16", "bf16"] = "fp16"
    ema: EMAConfig = EMAConfig()
    checkpoint_every: int = 500
    preview_every: int = 2000
    workers: int = 1
    compile: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "checkpoint_every", "preview_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"training.{name}: got {getattr(self, name)}, expected at least 1")

    def learning_rate_factor(self, step: int) -> float:
        """Linear warm-up, constant, linear decay to zero over the last `decay_steps` (none in the paper)."""
        warmup = self.warmup_start + (1 - self.warmup_start) * min(1.0, step / max(1, self.warmup_steps))
        tail = min(1.0, (self.steps - step) / self.decay_steps) if self.decay_steps else 1.0
        return warmup * max(0.0, tail)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(RunConfig):
    """Settings of a run for a part of the audio model; `samples` is the length of a clip.

    `scaling`: `running` normalises with batch statistics while the running statistics settle (Algorithm 1);
    `fitted` measures them once on `fit_clips` clips and keeps them, so that the target does not drift.
    """

    task: Literal["unet", "vocoder"]
    model: ModelConfig
    samples: int = 8_387_584
    loss: Literal["l1", "mse"] = "l1"
    scaling: Literal["running", "fitted"] = "running"
    fit_clips: int = 256
    one_pass: OnePassTraining | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fit_clips < 1:
            raise ConfigError(f"training.fit_clips: got {self.fit_clips}, expected at least 1")
        frames = self.model.transforms.frames(self.samples)
        if self.task == "unet" and frames % self.model.unet.frame_multiple:
            raise ConfigError(
                f"training.samples: {self.samples} samples are {frames} frames; "
                f"this network needs a multiple of {self.model.unet.frame_multiple} frames"
            )

    @property
    def frames(self) -> int:
        """T, the frames of a training clip."""
        return self.model.transforms.frames(self.samples)


@dataclass(frozen=True, kw_only=True)
class ComposerTraining(RunConfig):
    """Settings of a run for the composing network; a clip is a batch of about `tokens` tokens."""

    task: Literal["composer"]
    network: ComposerConfig
    tokens: int = 2560

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size != 1:
            raise ConfigError(
                f"training.batch_size: got {self.batch_size}, expected 1; change `tokens` instead"
            )
        if self.tokens < 512:
            raise ConfigError(f"training.tokens: got {self.tokens}, expected at least 512")


AnyRun = TypeVar("AnyRun", bound=RunConfig)


def load_training_config(path: Path, **overrides: Any) -> TrainingConfig:
    """Read settings from YAML and apply the overrides that are not None. Raises ConfigError."""
    return load_run_config(path, TrainingConfig, **overrides)


def load_run_config(path: Path, kind: type[AnyRun], **overrides: Any) -> AnyRun:
    """Read settings of a kind from YAML, as `load_training_config` does. Raises ConfigError."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path.name}: cannot be read as YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path.name}: got {type(values).__name__}, expected a mapping of settings")
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return kind.from_dict({**values, **given})
    except (ConfigError, TypeError) as error:
        raise ConfigError(f"{path.name}: {error}") from error
