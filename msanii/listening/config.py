"""Sizes of the listening network, and the meters that it tells apart."""

from __future__ import annotations

from dataclasses import dataclass

from msanii.config import TransformsConfig
from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig, require_positive

FORMAT_VERSION = 1
LOWEST_PITCH, PITCHES = 21, 88
SLOW_FRAMES = 4
"""frames of the mel in each frame of harmony"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardMeter:
    """A meter: beats in a bar, and the length of a beat in quarter notes."""

    numerator: int
    denominator: int
    beats: int
    quarters: float


# A model depends on the order. 2/4 is left out: two of its bars sound like one of 4/4.
METERS = (
    HeardMeter(numerator=4, denominator=4, beats=4, quarters=1.0),
    HeardMeter(numerator=3, denominator=4, beats=3, quarters=1.0),
    HeardMeter(numerator=6, denominator=8, beats=2, quarters=1.5),
    HeardMeter(numerator=5, denominator=4, beats=5, quarters=1.0),
    HeardMeter(numerator=7, denominator=8, beats=7, quarters=0.5),
)


@dataclass(frozen=True, kw_only=True)
class ListenerConfig(StrictConfig):
    """The contents of `listener.json`.

    `width` of the stream that all heads read, `hidden` inside its blocks; `channels` of the convolutions over
    pitch; `dilations` of the blocks at the mel's frame rate, in frames, and of those of harmony, at a quarter
    of it. `pitch_n_fft` is the window of the second spectrum: that of the mel is too short to tell semitones
    apart below 1.5 kHz.
    """

    format_version: int = FORMAT_VERSION
    transforms: TransformsConfig = TransformsConfig()  # noqa: RUF009 (frozen)
    pitch_n_fft: int = 8192
    channels: int = 24
    width: int = 256
    hidden: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 1, 2)
    slow_dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 1)

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            raise ConfigError(
                f"format_version: got {self.format_version}, this version of msanii reads {FORMAT_VERSION}; "
                "install the msanii-bridge that wrote the listener"
            )
        for name in ("pitch_n_fft", "channels", "width", "hidden"):
            require_positive("listener", name, getattr(self, name))
        for name, most in (("pitch_n_fft", 65_536), ("channels", 256), ("width", 2048), ("hidden", 2048)):
            if getattr(self, name) > most:
                raise ConfigError(f"listener.{name}: got {getattr(self, name)}, expected at most {most}")
        for name in ("dilations", "slow_dilations"):
            given = getattr(self, name)
            if not given or len(given) > 64 or any(not 1 <= value <= 1024 for value in given):
                raise ConfigError(f"listener.{name}: got {given}, expected 1 to 64 values from 1 to 1024")

    @property
    def frames_per_second(self) -> float:
        return self.transforms.sample_rate / self.transforms.hop_length
