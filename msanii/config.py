"""Model configuration as frozen dataclasses, the only place for defaults of the architecture.

The defaults are the paper's (Appendix B); the names are those of the published checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msanii.choices import GuidanceRule, Scheduler
from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig
from msanii.strict_config import require_positive as _require_positive

_MOST_BLOCKS = 64
_MOST_SMOOTHING = 64

FORMAT_VERSION = 1

VocoderFeatures = Literal["log_mel", "scaled"]
Prediction = Literal["epsilon", "v_prediction"]
Part = Literal["unet", "vocoder"]


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
    """One group of control features: `width` rows, then one row that marks the group as present."""

    name: str
    width: int


DEFAULT_CONTROLS = (
    ControlGroup(name="chords", width=36),
    ControlGroup(name="beat", width=15),
    ControlGroup(name="notes", width=176),
    ControlGroup(name="sound", width=16),
    ControlGroup(name="part", width=6),
    ControlGroup(name="feel", width=8),
)


@dataclass(frozen=True, kw_only=True)
class UNetConfig(StrictConfig):
    """The denoising network (paper section 3.1, Table 2).

    Beyond the paper: `controls`; `joint_channels`, how many audio channels form one frame of features
    (2: the convolutions need not cross channels, at half the work for stereo); `context`, whether the kept
    mel of in- and outpainting is an input; `shortcut`, from the noisy mel to the prediction;
    `controls_in_blocks`, whether every block sees the controls after its norm, which takes the level of
    whatever is added before it.
    """

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
    joint_channels: int = 1
    context: bool = False
    shortcut: bool = False
    controls_in_blocks: bool = False

    def __post_init__(self) -> None:
        levels = len(self.d_multipliers)
        for name in ("dilations", "has_attention", "has_resampling", "n_block_layers"):
            given = len(getattr(self, name))
            if given != levels:
                raise ConfigError(f"unet.{name}: got {given} levels, expected {levels} as in d_multipliers")
        for name in ("d_freq", "d_base", "d_hidden_factor", "d_timestep", "n_heads", "joint_channels"):
            _require_positive("unet", name, getattr(self, name))
        for name in ("d_multipliers", "dilations", "n_block_layers"):
            for value in getattr(self, name):
                _require_positive("unet", name, value)
        if self.d_timestep < 4 or self.d_timestep % 2:
            raise ConfigError(f"unet.d_timestep: got {self.d_timestep}, expected an even number from 4")
        if any(self.d_base * multiplier % self.n_heads for multiplier in self.d_multipliers):
            raise ConfigError(f"unet.n_heads: got {self.n_heads}, expected a divisor of every level's width")
        if self.controls_in_blocks and not self.controls:
            raise ConfigError("unet.controls_in_blocks: there are no controls; name some, or set it to false")
        if len({group.name for group in self.controls}) != len(self.controls):
            raise ConfigError("unet.controls: a group is named twice")

    @property
    def frame_multiple(self) -> int:
        """The number of frames must be a multiple of this: 2 ** resampling levels (64 in the paper)."""
        return 1 << sum(self.has_resampling)

    @property
    def n_controls(self) -> int:
        """K, the rows of a control tensor (B, K, T): each group's features and its presence flag."""
        return sum(group.width + 1 for group in self.controls)


@dataclass(frozen=True, kw_only=True)
class VocoderConfig(StrictConfig):
    """The paper's vocoder, mel to linear magnitude (section 3.2, Table 1).

    `features` is its input: the published one was trained on scaled mels; on unscaled log-mels one vocoder
    serves every U-Net with the same mel.
    """

    kind: Literal["paper"] = "paper"
    n_fft: int = 2048
    n_mels: int = 128
    d_model: int = 256
    d_hidden_factor: int = 4
    features: VocoderFeatures = "log_mel"

    def __post_init__(self) -> None:
        for name in ("n_fft", "n_mels", "d_model", "d_hidden_factor"):
            _require_positive("vocoder", name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class LowBandConfig(StrictConfig):
    """The low band of a one-pass vocoder: the lowest `bins` of an STFT of `n_fft` samples at the mel's hop.

    Its share of the sound falls from 1 to 0 over the last `fade_bins` of them. Its input is the lowest
    `n_mels` bands of the mel.
    """

    n_fft: int = 4096
    bins: int = 48
    fade_bins: int = 10
    n_mels: int = 64
    d_model: int = 192
    d_hidden_factor: int = 2
    kernel: int = 7
    blocks: int = 4

    def __post_init__(self) -> None:
        for name in ("n_fft", "bins", "fade_bins", "n_mels", "d_model", "d_hidden_factor", "kernel"):
            _require_positive("vocoder.low", name, getattr(self, name))
        if self.kernel % 2 == 0:
            raise ConfigError(f"vocoder.low.kernel: got {self.kernel}, expected an odd number")
        if not self.fade_bins < self.bins <= self.n_fft // 4:
            raise ConfigError(
                f"vocoder.low.bins: got {self.bins}, expected more than fade_bins {self.fade_bins} "
                f"and at most {self.n_fft // 4}"
            )
        if not 0 <= self.blocks <= _MOST_BLOCKS:
            raise ConfigError(f"vocoder.low.blocks: got {self.blocks}, expected 0 to {_MOST_BLOCKS}")

    def share_at(self, place: float) -> float:
        """The low band's share of the sound at a `place` in its spectrum, in bins; others have the rest."""
        return min(1.0, max(0.0, (self.bins - place) / self.fade_bins))

    def shares(self, n_fft: int) -> tuple[float, ...]:
        """The low band's share of each of the bins that it reaches in an STFT of `n_fft` samples."""
        count = -(-self.bins * n_fft // self.n_fft)
        return tuple(self.share_at(number * self.n_fft / n_fft) for number in range(count))


@dataclass(frozen=True, kw_only=True)
class SidesConfig(StrictConfig):
    """The stereo width of a one-pass vocoder, predicted from the mel: in its low band and `bins` bins above.

    The prediction is averaged over `smoothing` mel frames on each side.
    """

    bins: int = 232
    d_model: int = 128
    d_hidden_factor: int = 2
    kernel: int = 7
    blocks: int = 2
    smoothing: int = 5

    def __post_init__(self) -> None:
        for name in ("bins", "d_model", "d_hidden_factor", "kernel"):
            _require_positive("vocoder.sides", name, getattr(self, name))
        if self.kernel % 2 == 0:
            raise ConfigError(f"vocoder.sides.kernel: got {self.kernel}, expected an odd number")
        for name, most in (("blocks", _MOST_BLOCKS), ("smoothing", _MOST_SMOOTHING)):
            if not 0 <= getattr(self, name) <= most:
                raise ConfigError(f"vocoder.sides.{name}: got {getattr(self, name)}, expected 0 to {most}")


@dataclass(frozen=True, kw_only=True)
class OnePassConfig(StrictConfig):
    """A vocoder that goes from unscaled log-mel to the waveform in one pass (Vocos, arXiv 2306.00814).

    Its own STFT has windows of `n_fft` samples, `upsampling` frames per frame of the mel. `mel_blocks` run at
    the mel's frame rate and `blocks` at that of the STFT; a block is `d_model` wide, and `d_hidden_factor`
    times that inside. In the lowest `carried_bins` bins the phase is accumulated from frame to frame (0:
    nowhere, as in Vocos). `stereo`: each channel separately, or each with the mean of all as another input.
    `low` takes over the lowest octaves; `sides` gives the lower bins of two channels one phase, offset by a
    predicted angle.
    """

    kind: Literal["one_pass"] = "one_pass"
    n_fft: int = 2048
    n_mels: int = 128
    upsampling: int = 2
    d_model: int = 384
    d_hidden_factor: int = 3
    kernel: int = 7
    mel_blocks: int = 4
    blocks: int = 3
    carried_bins: int = 512
    stereo: Literal["separate", "mixed"] = "mixed"
    low: LowBandConfig | None = None
    sides: SidesConfig | None = None
    features: VocoderFeatures = "log_mel"

    def __post_init__(self) -> None:
        for name in ("n_fft", "n_mels", "upsampling", "d_model", "d_hidden_factor", "kernel"):
            _require_positive("vocoder", name, getattr(self, name))
        if self.features != "log_mel":
            raise ConfigError("vocoder.features: a one_pass vocoder reads log_mel alone")
        if self.kernel % 2 == 0:
            raise ConfigError(f"vocoder.kernel: got {self.kernel}, expected an odd number")
        for name, most in (
            ("mel_blocks", _MOST_BLOCKS),
            ("blocks", _MOST_BLOCKS),
            ("carried_bins", self.n_fft // 2 + 1),
        ):
            if not 0 <= getattr(self, name) <= most:
                raise ConfigError(f"vocoder.{name}: got {getattr(self, name)}, expected 0 to {most}")
        if self.sides is not None and self.sides.bins > self.n_fft // 2 + 1:
            most = self.n_fft // 2 + 1
            raise ConfigError(f"vocoder.sides.bins: got {self.sides.bins}, expected at most {most}")

    def hop_length(self, mel_hop: int) -> int:
        """The hop of its STFT in samples, for that hop of the mel. Raises ConfigError if they do not fit."""
        hop, rest = divmod(mel_hop, self.upsampling)
        if rest or not hop or self.n_fft % hop or self.n_fft < 2 * hop:
            raise ConfigError(
                f"vocoder.upsampling: got {self.upsampling}, expected a divisor of hop_length {mel_hop} that "
                f"gives a half, a quarter or another even part of n_fft {self.n_fft}"
            )
        if self.low is not None and (self.low.n_fft % mel_hop or self.low.n_fft < 2 * mel_hop):
            raise ConfigError(
                f"vocoder.low.n_fft: got {self.low.n_fft}, expected 2, 3, 4 ... times hop_length {mel_hop}"
            )
        return hop


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig(StrictConfig):
    """The noise schedule, in diffusers' terms (paper section 4.2.2)."""

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
    """The model's default sampling."""

    steps: int = 200
    scheduler: Scheduler = "ddim"
    guidance: float = 1.0
    guidance_rule: GuidanceRule = "plain"
    iterations: int = 200


@dataclass(frozen=True, kw_only=True)
class ModelConfig(StrictConfig):
    """The contents of `config.json`: enough to rebuild the networks.

    `trained` names the networks with trained weights: a run trains one of the two.
    `source_lufs` is the loudness of the training data; sources are brought to it before encoding.
    `former_fingerprints` identify the same networks in recipes from before their default sampling changed.
    """

    format_version: int = FORMAT_VERSION
    name: str = "msanii"
    trained: tuple[Part, ...] = ("unet", "vocoder")
    transforms: TransformsConfig = TransformsConfig()
    unet: UNetConfig = UNetConfig()
    vocoder: VocoderConfig | OnePassConfig = VocoderConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    sampling: SamplingDefaults = SamplingDefaults()
    source_lufs: float | None = None
    former_fingerprints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            raise ConfigError(
                f"format_version: got {self.format_version}, this version of msanii reads {FORMAT_VERSION}; "
                "install the msanii-bridge that wrote the model"
            )
        if not self.transforms.n_mels == self.unet.d_freq == self.vocoder.n_mels:
            raise ConfigError("unet.d_freq, vocoder.n_mels and transforms.n_mels must be the same number")
        if isinstance(self.vocoder, OnePassConfig):
            self.vocoder.hop_length(self.transforms.hop_length)
        elif self.transforms.n_fft != self.vocoder.n_fft:
            raise ConfigError("vocoder.n_fft and transforms.n_fft must be the same number")
