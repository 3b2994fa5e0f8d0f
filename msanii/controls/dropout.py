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
from msanii.controls.frame_grid import FloatArray
from msanii.controls.note_errors import with_errors
from msanii.errors import DataError
from msanii.music.score import Feel

SHOWN: Mapping[str, float] = MappingProxyType(
    {
        "chords": 0.75,
        "beat": 0.85,
        "notes": 0.35,
        "velocity": 0.7,
        "sound": 0.85,
        "part": 0.85,
        "feel": 0.6,
    }
)
# For a model that plays what it is given: notes in 85 % of all clips.
_NOTHING = 0.08
SHOWN_MOSTLY_NOTES: Mapping[str, float] = MappingProxyType(
    {**SHOWN, "beat": 0.9, "notes": 0.85 / (1 - _NOTHING), "sound": 0.9, "part": 0.9}
)
# The shares of training clips with each kind of context; the rest have none.
CONTEXT_SHARES = {"before": 0.22, "after": 0.06, "around": 0.22, "all": 0.03}


@dataclass(frozen=True)
class ControlDropout:
    """Shares of clips: without any control, with each group, and with a group in part of the clip only.

    `shown` is by group name; groups that it lacks are shown in half of the clips. Velocities are shown only
    with notes: theirs is a share of those clips. `errors` is the share of clips whose notes are shown with
    errors (`msanii.controls.note_errors`).
    """

    nothing: float = 0.1
    partly: float = 0.15
    shown: Mapping[str, float] = field(default_factory=lambda: SHOWN)
    errors: float = 0.0

    def __post_init__(self) -> None:
        shares = {"nothing": self.nothing, "partly": self.partly, "errors": self.errors, **self.shown}
        for name, share in shares.items():
            if not 0.0 <= share <= 1.0:
                raise DataError(f"control dropout: {name} is {share}, expected a share from 0 to 1")

    def choose(self, names: Sequence[str], generator: torch.Generator) -> frozenset[str]:
        """Draw which of `names` a clip shows."""
        draws = _draws(1 + len(names), generator)
        if draws[0] < self.nothing:
            return frozenset()
        shown = frozenset(
            name for name, draw in zip(names, draws[1:], strict=True) if draw < self.shown.get(name, 0.5)
        )
        return shown if "notes" in shown else shown - {"velocity"}

    def err(self, notes: FloatArray, generator: torch.Generator) -> FloatArray:
        """Notes (N, 4) as shown: as played, or with errors. Draws nothing if no clip has errors."""
        if not self.errors or _draws(1, generator)[0] >= self.errors:
            return notes
        return with_errors(notes, generator)

    def thin(self, feel: Feel, generator: torch.Generator) -> Feel:
        """Drop each value of a feel, independently, with a probability of one half."""
        draws = dict(zip(Feel.__slots__, _draws(len(Feel.__slots__), generator), strict=True))
        return replace(feel, **{name: None for name, draw in draws.items() if draw < 0.5})

    def cut(self, controls: Tensor, groups: Sequence[ControlGroup], generator: torch.Generator) -> Tensor:
        """Limit some groups of controls (K, T) to a random stretch of frames."""
        first, frames = 0, controls.shape[-1]
        cut = controls.clone()
        rows, stretches = {}, {}
        for group in groups:
            partly, *ends = _draws(3, generator)
            rows[group.name] = slice(first, first + group.width + 1)
            if partly < self.partly:
                stretches[group.name] = sorted(round(end * frames) for end in ends)
            first += group.width + 1
        if "notes" in stretches and "velocity" in rows:
            stretches["velocity"] = stretches["notes"]
        for name, (start, end) in stretches.items():
            cut[rows[name], :start] = 0
            cut[rows[name], end:] = 0
        return cut


MOSTLY_NOTES = ControlDropout(nothing=_NOTHING, shown=SHOWN_MOSTLY_NOTES, errors=0.3)


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
