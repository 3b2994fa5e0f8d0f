"""Sizes of the composing network, and the classes of what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msanii.composer.melodic.grid import Ints
from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig, require_positive

WRITTEN_PARTS = ("keys", "lead")
LAGS = (1, 2, 4, 8)
"""the distances, in bars, at which the network is told how alike two bars are"""

LIKENESS_EDGES = np.array((0.15, 0.5, 0.85))
LIKENESS_CLASSES = len(LIKENESS_EDGES) + 2  # the last is: not known
UNKNOWN_LIKENESS = LIKENESS_CLASSES - 1
DENSITY_EDGES = np.array((0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0))  # onsets a quarter
UNKNOWN_DENSITY = len(DENSITY_EDGES) + 1
LOWEST_REGISTER, REGISTER_STEP, UNKNOWN_REGISTER = 36, 3, 16
END = 36
"""the slot that says that a bar has no more notes"""

METER_FEATURES = 6  # length, beat of one, of one and a half, of a half quarter; tempo; written or kept


@dataclass(frozen=True, kw_only=True)
class ComposerConfig(StrictConfig):
    """Sizes: width of the stream, layers, attention heads, width of the feed-forward layers."""

    width: int = 192
    layers: int = 5
    heads: int = 6
    hidden: int = 768

    def __post_init__(self) -> None:
        for name, value in self.to_dict().items():
            require_positive("composer", name, value)
            if value > 4096:
                raise ConfigError(f"composer.{name}: got {value}, expected at most 4096")
        if self.width % (4 * self.heads):
            raise ConfigError(
                f"composer.width: got {self.width} for {self.heads} heads, "
                f"expected a multiple of {4 * self.heads}"
            )

    @property
    def head_width(self) -> int:
        return self.width // self.heads


def density_class(onsets_a_quarter: float) -> int:
    """The class of a density in onsets per quarter note."""
    return int(np.searchsorted(DENSITY_EDGES, onsets_a_quarter, side="right"))


def register_class(mean_pitch: float) -> int:
    """The class of a mean MIDI pitch."""
    return int(np.clip((mean_pitch - LOWEST_REGISTER) / REGISTER_STEP, 0, UNKNOWN_REGISTER - 1))


def rotation_angles(config: ComposerConfig, bars: Ints, ticks: Ints) -> NDArray[np.float32]:
    """(..., head_width / 2): the angles that turn queries and keys, by bars, then by ticks in the bar."""
    half = config.head_width // 4
    in_bars, in_ticks = (
        2 * np.pi / np.array([periods[place % len(periods)] for place in range(half)])
        for periods in ((2, 4, 8, 16, 32, 64, 3, 6), (6, 12, 24, 48, 96, 192, 4, 72))
    )
    turned: Any = np.concatenate([bars[..., None] * in_bars, ticks[..., None] * in_ticks], axis=-1)
    return np.asarray(turned, dtype=np.float32)
