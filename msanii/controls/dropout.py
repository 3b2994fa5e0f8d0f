"""Dropout of controls and context in training, so that a prompt may leave anything out.

Letters: K controls, T frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import torch
from torch import Tensor

from msanii.config import ControlGroup
from msanii.errors import DataError
from msanii.music.score import Feel

SHOWN: Mapping[str, float] = MappingProxyType(
    {"chords": 0.75, "beat": 0.85, "notes": 0.35, "sound": 0.85, "part": 0.85, "feel": 0.6}
)
# The shares of training clips with each kind of context; the rest have none.
CONTEXT_SHARES = {"before": 0.22, "after": 0.06, "around": 0.22, "all": 0.03}


@dataclass(frozen=True)
class ControlDropout:
    """Shares of clips: without any control, with each group, and with a group in part of the clip only.

    `shown` is by group name; groups that it lacks are shown in half of the clips.
    """

    nothing: float = 0.1
    partly: float = 0.15
    shown: Mapping[str, float] = field(default_factory=lambda: SHOWN)

    def __post_init__(self) -> None:
        for name, share in (("nothing", self.nothing), ("partly", self.partly), *self.shown.items()):
            if not 0.0 <= share <= 1.0:
                raise DataError(f"control dropout: {name} is {share}, expected a share from 0 to 1")

    def choose(self, names: Sequence[str], generator: torch.Generator) -> frozenset[str]:
        """Draw which of `names` a clip shows."""
        draws = _draws(1 + len(names), generator)
        if draws[0] < self.nothing:
            return frozenset()
        return frozenset(
            name for name, draw in zip(names, draws[1:], strict=True) if draw < self.shown.get(name, 0.5)
        )

    def thin(self, feel: Feel, generator: torch.Generator) -> Feel:
        """Drop each value of a feel, independently, with a probability of one half."""
        draws = dict(zip(Feel.__slots__, _draws(len(Feel.__slots__), generator), strict=True))
        return replace(feel, **{name: None for name, draw in draws.items() if draw < 0.5})

    def cut(self, controls: Tensor, groups: Sequence[ControlGroup], generator: torch.Generator) -> Tensor:
        """Limit some groups of controls (K, T) to a random stretch of frames."""
        first, frames = 0, controls.shape[-1]
        cut = controls.clone()
        for group in groups:
            partly, *ends = _draws(3, generator)
            start, end = sorted(round(end * frames) for end in ends)
            if partly < self.partly:
                rows = slice(first, first + group.width + 1)
                cut[rows, :start] = 0
                cut[rows, end:] = 0
            first += group.width + 1
        return cut


def draw_kept(frames: int, generator: torch.Generator) -> Tensor:
    """Draw a context mask (T,), 1 where kept: before, after or around new music, or nowhere.

    The new music is 20 to 100 % of the clip, in one to four pieces if it is surrounded.
    """
    kind, share, *rest = _draws(12, generator)
    kept = torch.zeros(frames)
    new = round((0.2 + 0.8 * share) * frames)
    for name, part in CONTEXT_SHARES.items():
        if kind < part:
            return _kept_as(name, kept, new, rest)
        kind -= part
    return kept


def _kept_as(name: str, kept: Tensor, new: int, draws: Sequence[float]) -> Tensor:
    frames = len(kept)
    if name == "all":
        kept[:] = 1
    elif name == "before":
        kept[: frames - new] = 1
    elif name == "after":
        kept[new:] = 1
    else:
        kept[:] = 1
        pieces = 1 + int(4 * draws[0])
        shares = [0.2 + draw for draw in draws[1 : pieces + 1]]
        for share, place in zip(shares, draws[5 : 5 + pieces], strict=True):
            length = max(1, round(new * share / sum(shares)))
            start = int(place * max(1, frames - length + 1))
            kept[start : start + length] = 0
    return kept


def _draws(count: int, generator: torch.Generator) -> list[float]:
    draws: list[float] = torch.rand(count, generator=generator, dtype=torch.float64).tolist()
    return draws
