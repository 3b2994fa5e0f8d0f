"""Low-rank updates of a U-Net's convolutions (LoRA, Hu et al., arXiv 2106.09685): what a taught sound is.

Letters: D layer width, R rank, I and O a convolution's inputs and outputs, k its kernel. An update of a
weight (O, I, k) is `up` (O, R) times `down` (R, I * k). Beside the updates a sound has a column (D,) of the
first control convolution, as every built-in sound has one there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from msanii.config import UNetConfig
from msanii.diffusion.unet import UNet
from msanii.errors import ControlError

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
# Everything between the noisy mel and the prediction, but what all sounds have in common: the resampling
# between levels, the timestep's embedding, the context's projection.
_LEFT_ALONE = ("timestep_fn", "shortcut_fn", "context_fn", "control_fn.mix", "timestep_embedding")


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """A low-rank update of one weight: `down` (R, I * k) and `up` (O, R)."""

    down: Tensor
    up: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TaughtSound:
    """A sound that was taught to a U-Net: its control column (D,), and updates by the layer's name."""

    column: Tensor
    updates: Mapping[str, Update]


@dataclass(frozen=True, slots=True, eq=False)
class Ingredient:
    """A share, 0 to 1, of a taught sound, or without one of the U-Net's own sound in control row `row`."""

    share: float
    sound: TaughtSound | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RowMix:
    """What a U-Net's own sound, in control row `row`, is to become.

    What the shares lack of 1 stays that sound; with `beside` all of it stays.
    """

    row: int
    ingredients: Sequence[Ingredient]
    beside: bool = False


def sound_row(config: UNetConfig, index: int) -> int:
    """The control row of the sound with this index among the U-Net's sounds."""
    first = 0
    for group in config.controls:
        if group.name == "sound":
            return first + index
        first += group.width + 1
    raise ControlError("sound: this model has no control for sounds, so that it can be taught none")


def adapted_layers(unet: UNet) -> dict[str, nn.Conv1d | nn.Conv2d]:
    """The convolutions that a taught sound updates, by name."""
    return {
        name: module
        for name, module in unet.named_modules()
        if isinstance(module, _CONVOLUTIONS)
        and module.stride[-1] == 1
        and not any(part in name for part in _LEFT_ALONE)
    }


def update_shapes(unet: UNet, rank: int) -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
    """The shapes of `down` and `up` of each adapted layer."""
    return {
        name: ((rank, layer.weight[0].numel()), (len(layer.weight), rank))
        for name, layer in adapted_layers(unet).items()
    }


def sharing_copy(unet: UNet) -> UNet:
    """A copy of a U-Net that has the very same weights in memory."""
    shared = {id(tensor): tensor for tensor in (*unet.parameters(), *unet.buffers())}
    return copy.deepcopy(unet, shared)


@torch.no_grad()
def with_sounds(unet: UNet, mixes: Sequence[RowMix]) -> UNet:
    """A U-Net in which sounds of its own have become mixes with taught ones; the given U-Net stays as it is.

    Only the weights that change take memory.
    """
    made = sharing_copy(unet)
    taught = [one for mix in mixes for one in mix.ingredients if one.sound is not None]
    for name in dict.fromkeys(name for one in taught for name in one.sound.updates):  # type: ignore[union-attr]
        layer = made.get_submodule(name)
        weight = cast(Tensor, layer.weight).float()
        for one in taught:
            update = cast(TaughtSound, one.sound).updates[name]
            change = (update.up.float() @ update.down.float()).reshape(weight.shape)
            weight = weight + one.share * change.to(weight.device)
        _replace_weight(layer, weight)
    first = _first_control_layer(made)
    old = first.weight.float()
    new = old.clone()
    for mix in mixes:
        kept = 1.0 if mix.beside else max(0.0, 1.0 - sum(one.share for one in mix.ingredients))
        new[:, mix.row] = kept * old[:, mix.row]
        for one in mix.ingredients:
            column = old[:, one.row] if one.sound is None else one.sound.column.to(old)[:, None]
            new[:, mix.row] += one.share * column
    _replace_weight(first, new)
    return made


def _first_control_layer(unet: UNet) -> nn.Conv1d:
    if unet.control_fn is None:
        raise ControlError("sound: this model has no controls, so it plays no taught sounds")
    return unet.control_fn.mix


def _replace_weight(layer: nn.Module, weight: Tensor) -> None:
    old = cast(Tensor, layer.weight)
    kept = weight.to(device=old.device, dtype=old.dtype)
    if old.ndim == 4 and old.is_contiguous(memory_format=torch.channels_last):
        kept = kept.contiguous(memory_format=torch.channels_last)
    layer.weight = nn.Parameter(kept, requires_grad=False)
