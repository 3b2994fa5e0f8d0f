"""The composing network's folder: `composer.json` and `model.safetensors`, in float16. Without torch.

A file may be damaged or hostile: its sizes and shapes are checked before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from msanii.composer.melodic.config import ComposerConfig
from msanii.errors import CheckpointError, ConfigError
from msanii.fingerprints import WEIGHTS_NAME, read_json, unreadable, write_network_files

# Folders with a config.json are models that render audio.
CONFIG_NAME = "composer.json"
COMPOSER_FOLDER = Path(__file__).parents[2] / "pretrained" / "composer"

Weights = Mapping[str, NDArray[np.float32]]
Forms = Mapping[str, NDArray[np.uint8]]
"""by part, see `msanii.composer.melodic.form`"""

_FORM = "form."


def save_weights(folder: Path, config: ComposerConfig, weights: Weights, forms: Forms) -> None:
    """Write a folder, each file whole or not at all.

    Raises CheckpointError if a weight is not finite in float16 or the folder is not writable.
    """
    with np.errstate(over="ignore"):
        half = {name: values.astype(np.float16) for name, values in weights.items()}
    for name, values in half.items():
        if not np.isfinite(values).all():
            raise CheckpointError(f"composer: {name} is not finite in float16; train again at a lower rate")
    stored: dict[str, NDArray[Any]] = {**half, **{_FORM + part: values for part, values in forms.items()}}
    save = partial(save_file, stored, metadata={"format": "pt"})
    write_network_files("composer", folder, CONFIG_NAME, config.to_dict(), save)


def load_weights(folder: Path = COMPOSER_FOLDER) -> tuple[ComposerConfig, Weights, Forms]:
    """Read a folder, all weights in float32, and the forms.

    Raises CheckpointError if it is missing, damaged or another kind.
    """
    values = read_json(folder / CONFIG_NAME)
    try:
        config = ComposerConfig.from_dict(values)
    except ConfigError as error:
        raise CheckpointError(f"composer: `{folder / CONFIG_NAME}`: {error}") from error
    path = folder / WEIGHTS_NAME
    try:
        with safe_open(str(path), framework="np") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise CheckpointError(f"composer: `{folder}` has no {WEIGHTS_NAME}; copy the folder again") from error
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        unreadable(path, error)
    weights = {name: values.astype(np.float32) for name, values in tensors.items() if _FORM not in name}
    forms = {name.removeprefix(_FORM): values for name, values in tensors.items() if _FORM in name}
    return config, weights, forms
