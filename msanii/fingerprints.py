"""The files of a network's folder, without torch: fingerprints that identify it, and reading and writing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from safetensors import SafetensorError

from msanii.errors import CheckpointError

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"
CONFIG_BYTES_LIMIT = 64 * 1024


def fingerprint(folder: str | Path, config_name: str = CONFIG_NAME) -> str:
    """Sixteen hexadecimal digits that change with any weight or setting, not with the folder's name."""
    folder = Path(folder)
    digest = hashlib.sha256(json.dumps(read_json(folder / config_name), sort_keys=True).encode())
    try:
        with (folder / WEIGHTS_NAME).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        unreadable(folder / WEIGHTS_NAME, error)
    return digest.hexdigest()[:16]


def all_fingerprints(folder: str | Path) -> tuple[str, ...]:
    """A folder's fingerprint, then those under which older recipes know the same networks.

    Raises CheckpointError.
    """
    values = read_json(Path(folder) / CONFIG_NAME)
    former = values.get("former_fingerprints", []) if isinstance(values, dict) else []
    return fingerprint(folder), *map(str, former if isinstance(former, list) else [])


def read_json(path: Path) -> object:
    """Read plain data from a small JSON file. Raises CheckpointError."""
    try:
        if path.stat().st_size > CONFIG_BYTES_LIMIT:
            raise CheckpointError(
                f"model: `{path}` is larger than {CONFIG_BYTES_LIMIT} bytes, so it is not a configuration"
            )
        values: object = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except FileNotFoundError as error:
        raise CheckpointError(
            f"model: `{path.parent}` has no {path.name}; "
            f"give a folder that holds {CONFIG_NAME} and {WEIGHTS_NAME}"
        ) from error
    except CheckpointError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        unreadable(path, error)
    return values


def write_network_files(
    what: str, folder: Path, config_name: str, config: Mapping[str, object], save: Callable[[Path], None]
) -> None:
    """Write a network's settings, and by `save` its weights; each file whole or not at all.

    `what` names the network in the error. Raises CheckpointError if the folder is not writable.
    """
    weights, settings = (folder / f"{name}.part" for name in (WEIGHTS_NAME, config_name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save(weights)
        weights.chmod(0o644)
        settings.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8", newline="\n")
        for part in (weights, settings):
            os.replace(part, part.with_suffix(""))
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{what}: `{folder}` cannot be written ({error}); check the folder and the disk"
        ) from error


def unreadable(path: Path, error: Exception) -> NoReturn:
    """Raise CheckpointError for a model's file that cannot be read."""
    raise CheckpointError(
        f"model: `{path}` cannot be read ({error}); "
        "it is damaged or not a model file: copy the model folder again"
    ) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
