"""Starting a U-Net from a trained one that knows fewer controls, without changing what it computes.

Letters: K control rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from msanii.checkpoint.folder import LoadedModel
from msanii.config import ControlGroup, ModelConfig, UNetConfig
from msanii.controls.features import APPENDED
from msanii.diffusion.unet import UNet
from msanii.errors import ConfigError
from msanii.strict_config import StrictConfig

# Parts of a U-Net that add nothing until they are trained.
_ADDED = ("control_fn", "context_fn", "shortcut_fn", "block_controls")
# The settings that add the last three.
_PARTS = ("context", "shortcut", "controls_in_blocks")
_CONTROL_WEIGHT = "control_fn.mix.weight"


def grow_unet(unet: UNet, start: LoadedModel, wanted: ModelConfig, folder: Path) -> None:
    """Load the U-Net of `start`, from `folder`, into `unet`, a new one of the model `wanted`.

    The rows of controls that `start` lacks get zero weights, so that the two compute the same. Raises
    ConfigError if `start` is not trained, has other layers, mels or noise, or controls that cannot grow.
    """
    if "unet" not in start.config.trained:
        raise ConfigError(f"start: the U-Net in {folder} is not trained; give the folder of its training")
    pairs: dict[str, tuple[StrictConfig, StrictConfig]] = {
        "transforms": (start.config.transforms, wanted.transforms),
        "schedule": (start.config.schedule, wanted.schedule),
        "unet": (_layers(start.config), _layers(wanted)),
    }
    for name, (given, asked) in pairs.items():
        for field, value in given.to_dict().items():
            if value != asked.to_dict()[field]:
                raise ConfigError(
                    f"start: model.{name}.{field} is {value} in {folder} and {asked.to_dict()[field]} in the "
                    "settings; only controls may grow, so copy the value into the settings"
                )
    lost = [part for part in _PARTS if _lacks(wanted, start.config, part)]
    if lost:
        raise ConfigError(f"start: {folder} has {lost[0]}, which cannot be taken away; set it to true")
    theirs = start.unet.state_dict()
    ours = unet.state_dict()
    if start.config.unet.controls:
        rows = _rows(start.config.unet.controls, wanted.unet.controls, folder)
        weight = torch.zeros_like(ours[_CONTROL_WEIGHT])
        weight[:, rows] = theirs[_CONTROL_WEIGHT]
        theirs = {**theirs, _CONTROL_WEIGHT: weight}
    unet.load_state_dict({**_added(ours), **theirs})


def _layers(config: ModelConfig) -> UNetConfig:
    without: dict[str, Any] = dict.fromkeys(_PARTS, False)
    return dataclasses.replace(config.unet, controls=(), **without)


def _lacks(wanted: ModelConfig, given: ModelConfig, part: str) -> bool:
    return getattr(given.unet, part) and not getattr(wanted.unet, part)


def _added(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if name.split(".")[0] in _ADDED}


def _rows(given: Sequence[ControlGroup], wanted: Sequence[ControlGroup], folder: Path) -> list[int]:
    """Where each row of the given groups is among those of the wanted ones, flags included."""
    first: dict[str, int] = {}
    total = 0
    for group in wanted:
        first[group.name] = total
        total += group.width + 1
    widths = {group.name: group.width for group in wanted}
    rows: list[int] = []
    for group in given:
        width = widths.get(group.name)
        if width is None:
            raise ConfigError(
                f"start: {folder} has the control `{group.name}`; the settings must have it too"
            )
        if width < group.width or (width != group.width and group.name not in APPENDED):
            raise ConfigError(
                f"start: the control `{group.name}` is {group.width} wide in {folder} and {width} in the "
                f"settings; only {' and '.join(APPENDED)} can grow"
            )
        begin = first[group.name]
        rows += [*range(begin, begin + group.width), begin + width]
    return rows
