"""Frozen configurations of the model; every default of the architecture is written here and nowhere else.

The defaults are the paper's (Appendix B); the names are those of the published checkpoint.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from msanii.errors import ConfigError

FORMAT_VERSION = 1

Config = TypeVar("Config", bound="StrictConfig")
VocoderFeatures = Literal["log_mel", "scaled"]
Prediction = Literal["epsilon", "v_prediction"]
Part = Literal["unet", "vocoder"]
Scheduler = Literal["ddim", "dpmsolver++"]


@dataclass(frozen=True, kw_only=True)
class StrictConfig:
    """A configuration that reads and writes plain dictionaries and refuses what it does not know."""

    @classmethod
    def from_dict(cls: type[Config], values: object) -> Config:
        """Build from JSON or YAML data. Raises ConfigError on an unknown key or a value of the wrong type."""
        if not isinstance(values, dict):
            raise ConfigError(f"{cls.__name__}: got {type(values).__name__}, expected a mapping")
        fields = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(str(key) for key in values if key not in fields)
        if unknown:
            raise ConfigError(
                f"{cls.__name__}: unknown {', '.join(unknown)}; known are {', '.join(sorted(fields))}"
            )
        hints = typing.get_type_hints(cls)
        return cls(
            **{key: _convert(f"{cls.__name__}.{key}", value, hints[key]) for key, value in values.items()}
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: tuples become lists, nested configurations become dictionaries."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, StrictConfig):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _convert(name: str, value: Any, hint: Any) -> Any:
    """Check `value` against the annotation of its field; lists become tuples, whole floats become ints."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _convert_tuple(name, value, typing.get_args(hint))
    if origin is Literal:
        allowed = typing.get_args(hint)
        if value not in allowed:
            raise ConfigError(f"{name}: got {value!r}, expected one of {', '.join(map(repr, allowed))}")
        return value
    if origin is types.UnionType:
        return None if value is None else _convert(name, value, typing.get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, StrictConfig):
        return hint.from_dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"{name}: got {value!r}, expected {hint.__name__}")
    return value


def _convert_tuple(name: str, value: Any, item_hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{name}: got {value!r}, expected a list")
    if len(item_hints) == 2 and item_hints[1] is Ellipsis:
        item_hints = (item_hints[0],) * len(value)
    if len(value) != len(item_hints):
        raise ConfigError(f"{name}: got {len(value)} values, expected {len(item_hints)}")
    return tuple(
        _convert(f"{name}[{i}]", item, hint)
        for i, (item, hint) in enumerate(zip(value, item_hints, strict=True))
    )


def _require_positive(section: str, name: str, value: int) -> None:
    if value < 1:
        raise ConfigError(f"{section}.{name}: got {value}, expected at least 1")


@dataclass(frozen=True, kw_only=True)
class TransformsConfig(StrictConfig):
    """Waveform to scaled log-mel and back (paper section 4.2.1 and Appendix A)."""

    sample_rate: int = 44_100
    n_fft: int = 2048
    hop_length: int = 1024
    n_mels: int = 128
    feature_range: tuple[float, float] = (-1.0, 1.0)
    momentum: float = 1e-3
    momentum_decay: float = 0.99
    eps: float = 1e-5
    clip: bool = True

    def __post_init__(self) -> None:
        for name in ("sample_rate", "n_fft", "hop_length", "n_mels"):
            _require_positive("transforms", name, getattr(self, name))
        if self.n_fft % self.hop_length or self.hop_length == self.n_fft:
            raise ConfigError(
                f"transforms.hop_length: got {self.hop_length}, "
                f"expected a half, a quarter or another even part of n_fft {self.n_fft}"
            )
        if self.feature_range[0] >= self.feature_range[1]:
            raise ConfigError(f"transforms.feature_range: got {self.feature_range}, expected low, high")

    def frames(self, samples: int) -> int:
        """Frames of a centred STFT over that many samples."""
        return samples // self.hop_length + 1


@dataclass(frozen=True, kw_only=True)
class ControlGroup(StrictConfig):
    """One group of control features: `width` rows, then one row that says the group is present."""

    name: str
    width: int


DEFAULT_CONTROLS = (
    ControlGroup(name="chords", width=24),
    ControlGroup(name="beat", width=4),
    ControlGroup(name="notes", width=176),
)


@dataclass(frozen=True, kw_only=True)
class UNetConfig(StrictConfig):
    """The denoising network (paper section 3.1, Table 2); `controls` is empty in the paper."""

    d_freq: int = 128
    d_base: int = 256
    d_hidden_factor: int = 4
    d_multipliers: tuple[int, ...] = (1,) * 7
    d_timestep: int = 128
    dilations: tuple[int, ...] = (1,) * 7
    n_heads: int = 8
    has_attention: tuple[bool, ...] = (False, False, False, False, False, True, True)
    has_resampling: tuple[bool, ...] = (True, True, True, True, True, True, False)
    n_block_layers: tuple[int, ...] = (2,) * 7
    controls: tuple[ControlGroup, ...] = ()

    def __post_init__(self) -> None:
        levels = len(self.d_multipliers)
        for name in ("dilations", "has_attention", "has_resampling", "n_block_layers"):
            given = len(getattr(self, name))
            if given != levels:
                raise ConfigError(f"unet.{name}: got {given} levels, expected {levels} as in d_multipliers")
        for name in ("d_freq", "d_base", "d_hidden_factor", "d_timestep", "n_heads"):
            _require_positive("unet", name, getattr(self, name))
        for name in ("d_multipliers", "dilations", "n_block_layers"):
            for value in getattr(self, name):
                _require_positive("unet", name, value)
        if self.d_timestep < 4 or self.d_timestep % 2:
            raise ConfigError(f"unet.d_timestep: got {self.d_timestep}, expected an even number from 4")
        if any(self.d_base * multiplier % self.n_heads for multiplier in self.d_multipliers):
            raise ConfigError(f"unet.n_heads: got {self.n_heads}, expected a divisor of every level's width")
        if len({group.name for group in self.controls}) != len(self.controls):
            raise ConfigError("unet.controls: a group is named twice")

    @property
    def frame_multiple(self) -> int:
        """The number of frames must divide by this, one halving a resampling level (64 in the paper)."""
        return 1 << sum(self.has_resampling)

    @property
    def n_controls(self) -> int:
        """K, the rows of a control tensor (B, K, T): each group's features and its presence flag."""
        return sum(group.width + 1 for group in self.controls)


@dataclass(frozen=True, kw_only=True)
class VocoderConfig(StrictConfig):
    """The paper's vocoder, mel to linear magnitude (section 3.2, Table 1).

    `features` is what it reads: the published one was trained on scaled mels; on unscaled log-mels
    one vocoder serves every U-Net of the same mel.
    """

    n_fft: int = 2048
    n_mels: int = 128
    d_model: int = 256
    d_hidden_factor: int = 4
    features: VocoderFeatures = "log_mel"

    def __post_init__(self) -> None:
        for name in ("n_fft", "n_mels", "d_model", "d_hidden_factor"):
            _require_positive("vocoder", name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig(StrictConfig):
    """The noise schedule in the words of diffusers (paper section 4.2.2)."""

    num_train_timesteps: int = 1000
    beta_schedule: Literal["squaredcos_cap_v2", "linear", "scaled_linear"] = "squaredcos_cap_v2"
    prediction_type: Prediction = "epsilon"
    clip_sample: bool = True
    clip_sample_range: float = 1.0
    set_alpha_to_one: bool = True
    steps_offset: int = 0
    timestep_spacing: Literal["leading", "trailing", "linspace"] = "leading"
    rescale_betas_zero_snr: bool = False

    def __post_init__(self) -> None:
        _require_positive("schedule", "num_train_timesteps", self.num_train_timesteps)


@dataclass(frozen=True, kw_only=True)
class SamplingDefaults(StrictConfig):
    """How a model is sampled when nobody says otherwise."""

    steps: int = 200
    scheduler: Scheduler = "ddim"
    guidance: float = 1.0
    iterations: int = 200


@dataclass(frozen=True, kw_only=True)
class ModelConfig(StrictConfig):
    """All that `config.json` holds: enough to build the networks again.

    `trained` names the networks whose weights mean something: a run trains one of the two.
    """

    format_version: int = FORMAT_VERSION
    name: str = "msanii"
    trained: tuple[Part, ...] = ("unet", "vocoder")
    transforms: TransformsConfig = TransformsConfig()
    unet: UNetConfig = UNetConfig()
    vocoder: VocoderConfig = VocoderConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    sampling: SamplingDefaults = SamplingDefaults()

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            raise ConfigError(
                f"format_version: got {self.format_version}, this version of msanii reads {FORMAT_VERSION}; "
                "install the msanii-bridge that wrote the model"
            )
        if not self.transforms.n_mels == self.unet.d_freq == self.vocoder.n_mels:
            raise ConfigError("unet.d_freq, vocoder.n_mels and transforms.n_mels must be the same number")
        if self.transforms.n_fft != self.vocoder.n_fft:
            raise ConfigError("vocoder.n_fft and transforms.n_fft must be the same number")
