"""The file of a taught sound: a safetensors file whose header describes it, see `msanii.music.taught.folder`.

Weights are stored in float16. Letters: D layer width, R rank, I and O a convolution's inputs and outputs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from msanii.diffusion.low_rank import TaughtSound, Update, adapted_layers
from msanii.diffusion.unet import UNet
from msanii.errors import CheckpointError
from msanii.music.taught.folder import (
    DESCRIPTION,
    FORMAT_VERSION,
    LARGEST_BYTES,
    REPLACED_FOLDER,
    describe,
    file_of,
)

_COLUMN, _DOWN, _UP = "column", ".down", ".up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a sound's file says of itself.

    `name` is plain. `like` is the built-in sound that it started from, `model_fingerprint` its model's.
    `recording_sha256` is the recording's, which stays with the musician. `keys` are the lowest and
    the highest that were played. `figures` say how the training went.
    """

    name: str
    like: str
    model_fingerprint: str
    rank: int
    seed: int
    keys: tuple[int, int]
    recording_sha256: str
    figures: dict[str, float]
    format_version: int = FORMAT_VERSION


def write_taught(folder: Path, sound: TaughtSound, description: Description, *, replace: bool) -> Path:
    """Write a sound's file into the folder of taught sounds, atomically; returns its path.

    A sound of the same name that it replaces is kept in `replaced`, for recipes that name it by its hash.
    Raises CheckpointError if there is one and `replace` is false, if a weight does not fit in float16, or if
    the folder or the disk refuses.
    """
    path = file_of(folder, description.name)
    if not replace:
        check_new(folder, description.name)
    data = _packed(sound, description)
    part = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _put_aside(path)
        os.replace(part, path)
    except OSError as error:
        raise CheckpointError(
            f"sound: `{path}` cannot be written ({error.strerror or error}); make room, or name "
            "another folder by --folder"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return path


def check_new(folder: Path, name: str) -> None:
    """Raise CheckpointError if the folder has a sound with this plain name."""
    if file_of(folder, name).exists():
        raise CheckpointError(
            f"name: there is a taught sound `{name}` already; choose another name, or give --replace (takes "
            "that were made with the old one still render again)"
        )


def read_taught(path: Path, unet: UNet, fingerprints: tuple[str, ...], sha256: str) -> TaughtSound:
    """Read a sound's file for a U-Net whose model has these fingerprints.

    Raises CheckpointError if it is not the file with this hash, is damaged, or was taught to another model.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise CheckpointError(
                f"sound: `{path.name}` was changed since it was asked for; its hash is no longer "
                f"{sha256[:12]}"
            )
        said = describe(data)
        tensors = load(data)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"sound: `{path.name}` cannot be read ({error}); teach the sound again, or remove the file"
        ) from error
    if said.get("model_fingerprint") not in fingerprints:
        raise CheckpointError(
            f"sound: `{said.get('name')}` was taught to the model {said.get('model_fingerprint')}, and this "
            f"one is {fingerprints[0]}; ask for that model, or teach the sound again from its recording"
        )
    return _unpacked(tensors, unet, path.name)


def _packed(sound: TaughtSound, description: Description) -> bytes:
    tensors = {_COLUMN: sound.column}
    for name, update in sound.updates.items():
        tensors |= {name + _DOWN: update.down, name + _UP: update.up}
    half = {key: tensor.detach().cpu().half().contiguous() for key, tensor in tensors.items()}
    for key, tensor in half.items():
        if not torch.isfinite(tensor).all():
            raise CheckpointError(f"sound: {key} holds NaN or infinity; the training failed, teach it again")
    data: bytes = save(half, metadata={DESCRIPTION: json.dumps(asdict(description), sort_keys=True)})
    if len(data) > LARGEST_BYTES:
        raise CheckpointError(
            f"sound: {len(data)} bytes, expected at most {LARGEST_BYTES}; choose a lower rank"
        )
    return data


def _unpacked(tensors: dict[str, Tensor], unet: UNet, name: str) -> TaughtSound:
    layers = adapted_layers(unet)
    expected = {_COLUMN, *(layer + end for layer in layers for end in (_DOWN, _UP))}
    fits = tensors.keys() == expected and tensors[_COLUMN].shape == (unet.config.d_base,)
    updates: dict[str, Update] = {}
    for layer, module in layers.items() if fits else ():
        down, up = tensors[layer + _DOWN].float(), tensors[layer + _UP].float()
        rank = len(down)
        fits = (
            fits and down.shape == (rank, module.weight[0].numel()) and up.shape == (len(module.weight), rank)
        )
        updates[layer] = Update(down, up)
    if not fits or not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise CheckpointError(
            f"sound: `{name}` does not fit its model, so it is damaged; teach the sound again, or "
            "remove the file"
        )
    return TaughtSound(tensors[_COLUMN].float(), updates)


def _put_aside(path: Path) -> None:
    """Move a file that is about to be replaced where recipes still find it by its hash."""
    if not path.exists():
        return
    aside = path.parent / REPLACED_FOLDER
    aside.mkdir(exist_ok=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    os.replace(path, aside / f"{path.stem}_{digest[:12]}{path.suffix}")
