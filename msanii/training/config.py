"""Settings of a training run, read from YAML (`msanii/configs`); defaults are the paper's for the U-Net."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from msanii.composer.melodic.config import ComposerConfig
from msanii.config import ModelConfig
from msanii.errors import ConfigError
from msanii.listening.config import ListenerConfig
from msanii.strict_config import StrictConfig, require_positive
from msanii.training.one_pass_config import OnePassTraining


@dataclass(frozen=True, kw_only=True)
class EMAConfig(StrictConfig):
    """Exponential moving average of the weights (Table 2 of the paper)."""

    decay: float = 0.995
    start_step: int = 2000
    every: int = 10


@dataclass(frozen=True, kw_only=True)
class MuonConfig(StrictConfig):
    """Muon for the matrices inside the U-Net; the rest is AdamW's (`msanii.training.optimizing.muon`)."""

    learning_rate: float = 1e-3
    momentum: float = 0.95
    iterations: int = 5
    blocks: int = 1

    def __post_init__(self) -> None:
        for name in ("iterations", "blocks"):
            require_positive("muon", name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class AveragesConfig(StrictConfig):
    """Power-function averages of the weights, from which `msanii average` makes one of any length.

    The first replaces the exponential average. The weights of every `every`-th step are averaged, and each
    checkpoint leaves a snapshot.
    """

    sigma_rel: tuple[float, ...] = (0.05, 0.1)
    every: int = 4

    def __post_init__(self) -> None:
        require_positive("averages", "every", self.every)
        for sigma in self.sigma_rel:
            if not 0.01 <= sigma <= 0.28:
                raise ConfigError(f"averages.sigma_rel: got {sigma}, expected 0.01 to 0.28")
        if not self.sigma_rel or len(set(self.sigma_rel)) != len(self.sigma_rel):
            raise ConfigError("averages.sigma_rel: expected one or more lengths, all different")


@dataclass(frozen=True, kw_only=True)
class RunConfig(StrictConfig):
    """What every training run is told, whichever network it trains. `batch_size` is per process.

    With `minutes` a run ends after so much time, over all its calls, however many steps that is. The learning
    rate falls to zero over the last `decay_steps`, or the last `decay_share` of the run.

    `precision` auto: bfloat16 on a GPU; on a CPU the quickest precision and memory layout, tried at every
    start. `compile` runs the network through torch.compile: a sixth faster on a CPU, after a minute or two;
    auto: on a GPU. `workers` null: one process that loads clips, on a GPU one for each core but one. Scalars
    are written every `log_every` steps. `saves` checkpoints and previews are made, evenly over the run (null:
    one every `checkpoint_every` and `preview_every` steps).
    """

    task: str
    seed: int = 0
    steps: int = 110_000
    batch_size: int = 4
    minutes: float | None = None
    optimizer: Literal["adam", "adamw", "muon"] = "adam"
    muon: MuonConfig = MuonConfig()
    learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    weight_decay: float = 0.0
    warmup_steps: int = 500
    warmup_start: float = 1 / 3
    decay_steps: int = 0
    decay_share: float = 0.0
    clip_norm: float = 1.0
    precision: Literal["auto", "no", "fp16", "bf16"] = "fp16"
    ema: EMAConfig = EMAConfig()
    averages: AveragesConfig | None = None
    checkpoint_every: int = 500
    preview_every: int = 2000
    saves: int | None = None
    log_every: int = 1
    workers: int | None = 1
    compile: Literal[True, False, "auto"] = False

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "checkpoint_every", "preview_every", "log_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"training.{name}: got {getattr(self, name)}, expected at least 1")
        if self.saves is not None:
            require_positive("training", "saves", self.saves)
        if self.minutes is not None and not self.minutes > 0:
            raise ConfigError(f"training.minutes: got {self.minutes}, expected more than 0")
        if not 0 <= self.decay_share <= 1:
            raise ConfigError(f"training.decay_share: got {self.decay_share}, expected 0 to 1")
        if self.decay_share and self.decay_steps:
            raise ConfigError("training.decay_share: decay_steps is set too; give one of the two")
        if self.task != "unet" and (self.optimizer == "muon" or self.averages is not None):
            name = "optimizer: muon" if self.optimizer == "muon" else "averages:"
            raise ConfigError(f"training.{name} is for the U-Net's training; leave it out")
        if self.optimizer == "muon" and self.precision == "fp16":
            raise ConfigError("training.precision: muon takes auto, bf16 or no; fp16 scales its gradients")

    def learning_rate_factor(self, step: int, share: float | None = None) -> float:
        """Linear warm-up, constant, linear decay to zero at the end of the run (no decay in the paper).

        `share` is the share of the run that is over, needed for a run by minutes.
        """
        warmup = self.warmup_start + (1 - self.warmup_start) * min(1.0, step / max(1, self.warmup_steps))
        if self.minutes is None and self.decay_steps:
            tail = (self.steps - step) / self.decay_steps
        else:
            falling = self.decay_share or self.decay_steps / self.steps
            over = step / self.steps if share is None else share
            tail = (1 - over) / falling if falling else 1.0
        return warmup * max(0.0, min(1.0, tail))

    @property
    def most_clips(self) -> int:
        """The most clips of a batch: the room that a step's clips have among all indices."""
        return self.batch_size

    def clips_at(self, share: float) -> tuple[int, int | None]:
        """The clips of a batch once `share` of the run is over, and their frames (None: the dataset's)."""
        del share
        return self.batch_size, None


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(RunConfig):
    """Settings of a run for a part of the audio model; `samples` is the length of a clip.

    `scaling`: `running` normalises with batch statistics while the running statistics settle (Algorithm 1);
    `fitted` measures them once on `fit_clips` clips and keeps them, so that the target does not drift.

    For the U-Net: `crops` lists shares of the run and the frames of clips from there on; batches then have as
    many frames as `batch_size` clips of `samples`. `timesteps` uncertain: the loss at each timestep is
    divided by a learned estimate of itself. `shows` mostly_notes: controls as
    `msanii.controls.dropout.MOSTLY_NOTES` shows them.
    """

    task: Literal["unet", "vocoder"]
    model: ModelConfig
    samples: int = 8_387_584
    loss: Literal["l1", "mse"] = "l1"
    scaling: Literal["running", "fitted"] = "running"
    fit_clips: int = 256
    one_pass: OnePassTraining | None = None
    crops: tuple[tuple[float, int], ...] = ()
    timesteps: Literal["alike", "uncertain"] = "alike"
    shows: Literal["anything", "mostly_notes"] = "anything"
    skip_silence: bool = False

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
        self._check_crops()

    def _check_crops(self) -> None:
        if self.crops and self.task != "unet":
            raise ConfigError("training.crops: only the U-Net trains on clips of several lengths")
        shares = [share for share, _ in self.crops]
        if shares and (shares[0] != 0 or sorted(set(shares)) != shares or shares[-1] >= 1):
            raise ConfigError(f"training.crops: got shares {shares}, expected rising ones from 0, under 1")
        for _, frames in self.crops:
            if frames < 1 or frames % self.model.unet.frame_multiple:
                raise ConfigError(
                    f"training.crops: got {frames} frames, expected a multiple of "
                    f"{self.model.unet.frame_multiple}"
                )
            if self.batch_size * self.frames % frames:
                raise ConfigError(
                    f"training.crops: a batch has {self.batch_size * self.frames} frames, which are not "
                    f"whole clips of {frames}"
                )

    @property
    def most_clips(self) -> int:
        return max([self.batch_size] + [self.batch_size * self.frames // frames for _, frames in self.crops])

    def clips_at(self, share: float) -> tuple[int, int | None]:
        if not self.crops:
            return super().clips_at(share)
        frames = [frames for start, frames in self.crops if start <= share][-1]
        return self.batch_size * self.frames // frames, frames

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


@dataclass(frozen=True, kw_only=True)
class ListenerTraining(RunConfig):
    """Settings of a run for the listener; a clip has `frames` frames of the mel."""

    task: Literal["listener"]
    network: ListenerConfig = ListenerConfig()  # noqa: RUF009 (frozen)
    frames: int = 704

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 64 <= self.frames <= 8192:
            raise ConfigError(f"training.frames: got {self.frames}, expected 64 to 8192")


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
