"""The composing network's folder: `config.json` and `model.safetensors`, in float16. Without torch.

A file may be damaged or hostile: its sizes and shapes are checked before anything is loaded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from msanii.composer.melodic.config import ComposerConfig
from msanii.errors import CheckpointError, ConfigError
from msanii.fingerprints import CONFIG_NAME, WEIGHTS_NAME, read_json, unreadable

COMPOSER_FOLDER = Path(__file__).parents[2] / "pretrained" / "composer"

Weights = Mapping[str, NDArray[np.float32]]


def save_weights(folder: Path, config: ComposerConfig, weights: Weights) -> None:
    """Write a folder, each file whole or not at all.

    Raises CheckpointError if a weight is not finite in float16 or the folder is not writable.
    """
    with np.errstate(over="ignore"):
        half = {name: values.astype(np.float16) for name, values in weights.items()}
    for name, values in half.items():
        if not np.isfinite(values).all():
            raise CheckpointError(f"composer: {name} is not finite in float16; train again at a lower rate")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(half, folder / f"{WEIGHTS_NAME}.part", metadata={"format": "pt"})
        (folder / f"{WEIGHTS_NAME}.part").chmod(0o644)
        text = json.dumps({"kind": "composer", **config.to_dict()}, indent=1) + "\n"
        (folder / f"{CONFIG_NAME}.part").write_text(text, encoding="utf-8", newline="\n")
        for name in (WEIGHTS_NAME, CONFIG_NAME):
            os.replace(folder / f"{name}.part", folder / name)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"composer: `{folder}` cannot be written ({error}); check the folder and the disk"
        ) from error


def load_weights(folder: Path = COMPOSER_FOLDER) -> tuple[ComposerConfig, Weights]:
    """Read a folder, all weights in float32.

    Raises CheckpointError if it is missing, damaged or another kind.
    """
    values = read_json(folder / CONFIG_NAME)
    if not isinstance(values, dict) or values.pop("kind", None) != "composer":
        raise CheckpointError(
            f"composer: `{folder / CONFIG_NAME}` is not a composer's; copy the folder again"
        )
    try:
        config = ComposerConfig.from_dict(values)
    except ConfigError as error:
        raise CheckpointError(f"composer: `{folder / CONFIG_NAME}`: {error}") from error
    path = folder / WEIGHTS_NAME
    try:
        with safe_open(str(path), framework="np") as file:
            weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise CheckpointError(f"composer: `{folder}` has no {WEIGHTS_NAME}; copy the folder again") from error
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        unreadable(path, error)
    return config, weights
