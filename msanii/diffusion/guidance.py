"""Classifier-free guidance, with the same scale for all controls or separate scales for groups of controls.

Plain guidance (Ho and Salimans, arXiv 2207.12598) extrapolates away from the prediction without controls. In
a log-mel this also changes the level: at a scale of 3, drums and mixes came 25 dB too loud. Projected
guidance (Sadat et al., arXiv 2410.02416) removes the components that only shift the prediction's level or
scale its contrast.

Letters: B batch, C audio channels, M mels, T frames, K control rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.config import ControlGroup
from msanii.diffusion.denoiser import Network, Predict
from msanii.diffusion.schedule import NoiseSchedule
from msanii.errors import ControlError, MsaniiError

Denoise = Callable[[Tensor, int], Tensor]
"""(noised mel (B, C, M, T), timestep) -> the guided prediction, same shape."""

SCALE_RANGE = (0.0, 100.0)
_LEAST_POWER = 1e-8
_PAIR = re.compile(r"([a-z]+)[\s=:]+([0-9.]+)")


@dataclass(frozen=True, slots=True)
class GroupScale:
    """A control group's rows and its guidance scale. Notes include their velocities."""

    rows: tuple[slice, ...]
    scale: float


@dataclass(frozen=True, slots=True)
class Projection:
    """Projects guidance in the clean mel's space, using only the frames (T,) that count.

    `new` is true for newly generated frames; the kept frames of in- and outpainting tell nothing of their
    level. None uses all frames.
    """

    schedule: NoiseSchedule
    new: Tensor | None = None

    def of(self, update: Tensor, prediction: Tensor, x: Tensor, timestep: Tensor) -> Tensor:
        """Remove from `update` (B, C, M, T) its mean and the component parallel to the clean mel.

        The clean mel is that of `prediction` at the noised `x`; all in float32.
        """
        clean = self.schedule.clean(prediction.float(), x.float(), timestep)
        level, balanced = self._mean(clean), update.float()
        shape = clean - level
        balanced = balanced - self._mean(balanced)
        along = self._mean(balanced * shape) / self._mean(shape * shape).clamp(min=_LEAST_POWER)
        return balanced - along * shape

    def _mean(self, values: Tensor) -> Tensor:
        """(B, 1, 1, 1), over the frames that count."""
        counted = values if self.new is None else values[..., self.new.to(values.device)]
        return counted.mean(dim=(1, 2, 3), keepdim=True)


def guided(
    network: Network,
    controls: Tensor | None,
    scale: float,
    groups: Sequence[GroupScale] = (),
    projection: Projection | None = None,
) -> Denoise:
    """Guide a network by `scale`: 1 is the prediction with controls, 0 without, and above 1 extrapolates.

    `controls` are (B, K, T), or (K, T) for all. Each of `groups` whose scale differs costs another branch,
    without that group. All branches run as one batch. The first call binds the controls, so that B and the
    type of the products must stay the same from then on. With a `projection`, the update of a scale above 1
    is projected.
    """
    own = [group for group in groups if group.scale != scale]
    count = branches(scale, groups) if controls is not None else 1
    predict: Predict | None = None

    def denoise(x: Tensor, timestep: int) -> Tensor:
        nonlocal predict
        if predict is None:
            bound = None if controls is None else controls.to(x).expand(x.shape[0], -1, -1)
            predict = network(None if bound is None else _branch_controls(bound, scale, own))
        batch = x.repeat(count, 1, 1, 1)
        predicted = predict(batch, timesteps_like(timestep, batch)).chunk(count)
        whole = predicted[-1]
        if controls is None or (scale == 0 and not own):
            return whole
        if projection is not None and scale >= 1:
            added = _added(predicted, scale, own)
            if added is None:
                return whole
            return whole + projection.of(added, whole, x, timesteps_like(timestep, x))
        guided_by_all = whole if scale == 1 else predicted[-2] + scale * (whole - predicted[-2])
        for group, without in zip(own, predicted, strict=False):
            guided_by_all = guided_by_all + (group.scale - scale) * (whole - without)
        return guided_by_all

    return denoise


def _added(predicted: Sequence[Tensor], scale: float, own: Sequence[GroupScale]) -> Tensor | None:
    """The update that guidance adds to the last prediction, that with all controls; None if it adds none."""
    whole, added = predicted[-1].float(), None
    if scale != 1:
        added = (scale - 1) * (whole - predicted[-2].float())
    for group, without in zip(own, predicted, strict=False):
        more = (group.scale - scale) * (whole - without.float())
        added = more if added is None else added + more
    return added


def _branch_controls(controls: Tensor, scale: float, own: Sequence[GroupScale]) -> Tensor:
    """The controls of all branches: without each group of `own`, without any, and all of them."""
    shown = [_without(controls, group.rows) for group in own]
    if scale != 1:
        shown.append(torch.zeros_like(controls))
    if scale != 0 or own:
        shown.append(controls)
    return torch.cat(shown)


def group_scales(text: str, groups: Sequence[ControlGroup]) -> tuple[GroupScale, ...]:
    """Parse scales such as `chords 3, notes 1.5` for a model's groups.

    Raises MsaniiError for text that cannot be parsed and ControlError for a group that the model lacks.
    """
    wanted = read_scales(text)
    rows: dict[str, slice] = {}
    first = 0
    for group in groups:
        rows[group.name] = slice(first, first + group.width + 1)
        first += group.width + 1
    missing = sorted(wanted.keys() - rows.keys())
    if missing:
        known = ", ".join(group.name for group in groups) or "none"
        raise ControlError(f"guidance: this model has no `{missing[0]}` control; it has {known}")
    together = {"notes": ("notes", "velocity")}
    return tuple(
        GroupScale(tuple(rows[one] for one in together.get(name, (name,)) if one in rows), wanted[name])
        for name in rows
        if name in wanted
    )


def read_scales(text: str) -> Mapping[str, float]:
    """Parse `chords 3, notes 1.5` into scales by name. Raises MsaniiError."""
    scales: dict[str, float] = {}
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        match = _PAIR.fullmatch(part)
        try:
            scale = float(match[2]) if match else float("nan")
        except ValueError:
            scale = float("nan")
        if match is None or not SCALE_RANGE[0] <= scale <= SCALE_RANGE[1]:
            raise MsaniiError(
                f"guidance: got `{part[:40]}`, expected a control and a number from 0 to 100, such as "
                "`chords 3, notes 1.5`"
            )
        scales[match[1]] = scale
    return scales


def branches(scale: float, groups: Sequence[GroupScale]) -> int:
    """The number of network evaluations per step."""
    own = sum(group.scale != scale for group in groups)
    return own + (scale != 1) + (scale != 0 or own > 0)


def timesteps_like(timestep: int, like: Tensor) -> Tensor:
    """The timestep (B,), repeated for each item of a batch."""
    return torch.full((like.shape[0],), timestep, dtype=torch.long, device=like.device)


def _without(controls: Tensor, rows: Sequence[slice]) -> Tensor:
    less = controls.clone()
    for some in rows:
        less[:, some] = 0
    return less
