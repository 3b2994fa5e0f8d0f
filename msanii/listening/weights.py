"""A listener's folder: `listener.json` and `model.safetensors`, in float16.

A file may be damaged or hostile: its sizes and shapes are checked before anything is loaded.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from msanii.errors import CheckpointError, ConfigError
from msanii.fingerprints import WEIGHTS_NAME, read_json, unreadable, write_network_files
from msanii.listening.config import ListenerConfig
from msanii.listening.network import ListenerNetwork

CONFIG_NAME = "listener.json"
LISTENER_FOLDER = Path(__file__).parents[1] / "pretrained" / "listener"


def save_listener(folder: Path, network: ListenerNetwork) -> None:
    """Write a folder, each file whole or not at all.

    Raises CheckpointError if a weight is not finite in float16 or the folder is not writable.
    """
    half = {name: value.detach().cpu().half().contiguous() for name, value in network.state_dict().items()}
    for name, value in half.items():
        if not torch.isfinite(value).all():
            raise CheckpointError(f"listener: {name} is not finite in float16; train again at a lower rate")
    save = partial(save_file, half, metadata={"format": "pt"})
    write_network_files("listener", folder, CONFIG_NAME, network.config.to_dict(), save)


def load_listener(folder: Path = LISTENER_FOLDER) -> ListenerNetwork:
    """Read a folder: the network in float32 and evaluation mode.

    Raises CheckpointError if it is missing, damaged or another kind.
    """
    if not (folder / CONFIG_NAME).is_file():
        raise CheckpointError(
            f"listener: `{folder}` holds no trained listener; train one with `msanii data listening` and "
            "`msanii train listener`, and give its folder, RUN/model"
        )
    try:
        config = ListenerConfig.from_dict(read_json(folder / CONFIG_NAME))
    except ConfigError as error:
        raise CheckpointError(f"listener: `{folder / CONFIG_NAME}`: {error}") from error
    network = ListenerNetwork(config)
    path = folder / WEIGHTS_NAME
    try:
        weights = load_file(str(path))
    except (OSError, SafetensorError, ValueError) as error:
        unreadable(path, error)
    own = network.state_dict()
    if weights.keys() != own.keys() or any(weights[name].shape != own[name].shape for name in own):
        raise CheckpointError(
            f"listener: `{path}` is of another network than {CONFIG_NAME} describes; copy the folder again"
        )
    if not all(torch.isfinite(value).all() for value in weights.values()):
        raise CheckpointError(f"listener: `{path}` holds values that are not finite; copy the folder again")
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    return network.eval()
