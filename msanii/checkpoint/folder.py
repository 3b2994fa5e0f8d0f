"""Model folders: `config.json` and `model.safetensors`, without code in either.

A file may be damaged or hostile: sizes are checked before anything is built, shapes before anything is
loaded, values before anything is used.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from msanii.checkpoint.build import AnyVocoder, build_vocoder
from msanii.config import ModelConfig
from msanii.diffusion.unet import UNet
from msanii.errors import CheckpointError, ConfigError
from msanii.fingerprints import CONFIG_NAME, WEIGHTS_NAME, fingerprint, read_json, unreadable
from msanii.signal.transforms import Transforms

PRETRAINED_FOLDER = Path(__file__).parents[1] / "pretrained"
DEFAULT_FOLDER = PRETRAINED_FOLDER / "default"
# Tensors computed from the configuration: the mel bank, its inverse and the window.
DERIVED = frozenset(
    f"transforms.{name}" for name in ("mel_scale.fb", "inverse_mel_scale.fb", "spectrogram.window")
)

# Far above the paper's sizes, far below those that would exhaust memory while the networks are built.
SIZE_LIMITS = {
    "levels": 16,
    "blocks": 256,
    "width": 8192,
    "n_mels": 512,
    "n_fft": 16_384,
    "controls": 16_384,
}


@dataclass(frozen=True)
class LoadedModel:
    """A model's three parts in float32 and evaluation mode, and its fingerprint, for recipes."""

    config: ModelConfig
    unet: UNet
    vocoder: AnyVocoder
    transforms: Transforms
    fingerprint: str


def find_model(name: str | Path | None = None) -> Path:
    """Find a model folder by its path, or by the name of a shipped model; None is the default model.

    Raises CheckpointError if there is no such folder.
    """
    if name is None:
        return DEFAULT_FOLDER
    for folder in (Path(name), PRETRAINED_FOLDER / Path(name).name):
        if (folder / CONFIG_NAME).is_file():
            return folder
    shipped = sorted(path.parent.name for path in PRETRAINED_FOLDER.glob(f"*/{CONFIG_NAME}"))
    raise CheckpointError(
        f"model: `{name}` is not a folder with {CONFIG_NAME} and {WEIGHTS_NAME}; "
        f"give one, or the name of a shipped model: {', '.join(shipped) or 'none here'}"
    )


def save_model(
    folder: str | Path,
    config: ModelConfig,
    unet: UNet,
    vocoder: AnyVocoder,
    transforms: Transforms,
    *,
    half: bool = False,
) -> None:
    """Write a model folder. `half` stores the networks' weights in float16 (statistics stay float32).

    Tensors that follow from the configuration are left out; they would add a megabyte to every model. Raises
    CheckpointError if a weight is not finite (in float16: too large) or the folder is not writable.
    """
    tensors = {
        key: _to_store(key, tensor, half=half and not key.startswith("transforms."))
        for key, tensor in state_of(unet, vocoder, transforms).items()
        if key not in DERIVED
    }
    write_model(folder, config, tensors)


def write_model(folder: str | Path, config: ModelConfig, tensors: dict[str, Tensor]) -> None:
    """Write a model folder from tensors whose keys begin with `unet.`, `vocoder.` or `transforms.`."""
    folder = Path(folder)
    weights_part, config_part = (folder / f"{name}.part" for name in (WEIGHTS_NAME, CONFIG_NAME))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A single entry: safetensors writes several in random order, and the file would not be reproducible.
        save_file(tensors, weights_part, metadata={"format": "pt"})
        weights_part.chmod(0o644)  # safetensors makes it readable by its owner only
        config_part.write_text(json.dumps(config.to_dict(), indent=1) + "\n", encoding="utf-8", newline="\n")
        os.replace(weights_part, folder / WEIGHTS_NAME)
        os.replace(config_part, folder / CONFIG_NAME)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"model: `{folder}` cannot be written ({error}); check the folder and the disk"
        ) from error
    finally:
        for part in (weights_part, config_part):
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def load_model(folder: str | Path | None = None) -> LoadedModel:
    """Read a model folder (None: the default model) onto the CPU.

    Raises CheckpointError if the folder is missing, damaged, from another program or from a newer version.
    """
    folder = Path(folder) if folder is not None else DEFAULT_FOLDER
    config = read_config(folder)
    unet, vocoder, transforms = empty_parts(config)
    tensors = _read_weights(folder, state_of(unet, vocoder, transforms))
    for part, module in _parts(unet, vocoder, transforms).items():
        # The networks are on the meta device: assign the tensors instead of copying.
        module.load_state_dict(part_of(tensors, part), assign=True)
        module.eval()
    return LoadedModel(config, unet, vocoder, transforms, fingerprint(folder))


def empty_parts(config: ModelConfig) -> tuple[UNet, AnyVocoder, Transforms]:
    """Build a model whose networks have names, shapes and types, but no memory and no random draws.

    Raises CheckpointError if no network can be built from the configuration.
    """
    try:
        with torch.device("meta"):
            unet, vocoder = UNet(config.unet), build_vocoder(config)
        return unet, vocoder, Transforms(config.transforms)
    except (RuntimeError, ValueError, ArithmeticError, IndexError) as error:
        raise CheckpointError(f"model: no network can be built from its {CONFIG_NAME} ({error})") from error


def state_of(unet: UNet, vocoder: AnyVocoder, transforms: Transforms) -> dict[str, Tensor]:
    """All tensors of a model by their keys in `model.safetensors`."""
    parts = _parts(unet, vocoder, transforms)
    return {
        f"{part}.{key}": tensor
        for part, module in parts.items()
        for key, tensor in module.state_dict().items()
    }


def read_config(folder: str | Path) -> ModelConfig:
    """Read the configuration of a model folder. Raises CheckpointError."""
    path = Path(folder) / CONFIG_NAME
    return parse_config(read_json(path), str(path))


def parse_config(values: object, source: str) -> ModelConfig:
    """Parse a configuration and check that its networks can be built. `source` names the file in errors."""
    try:
        config = ModelConfig.from_dict(values)
    except (ConfigError, TypeError) as error:
        raise CheckpointError(f"model: `{source}`: {error}") from error
    unet = config.unet
    sizes = {
        "levels": len(unet.d_multipliers),
        "blocks": sum(unet.n_block_layers),
        "width": max(
            unet.d_base * max(unet.d_multipliers, default=1) * unet.d_hidden_factor,
            unet.d_timestep * unet.d_hidden_factor,
            config.vocoder.d_model * config.vocoder.d_hidden_factor,
        ),
        "n_mels": config.transforms.n_mels,
        "n_fft": max(config.transforms.n_fft, config.vocoder.n_fft),
        "controls": unet.n_controls,
    }
    for name, size in sizes.items():
        if not 0 <= size <= SIZE_LIMITS[name]:
            raise CheckpointError(
                f"model: `{source}`: {name} is {size}, expected at most {SIZE_LIMITS[name]}"
            )
    return config


def part_of(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """The tensors of a part, without the prefix in their keys."""
    return {
        key.removeprefix(f"{part}."): tensor for key, tensor in tensors.items() if key.startswith(f"{part}.")
    }


def check_state(given: Mapping[str, Any], expected: Mapping[str, Tensor], source: str) -> None:
    """Raise CheckpointError unless `given` (objects with a `shape`) has the keys and shapes of `expected`."""
    missing = sorted(expected.keys() - given.keys())
    unknown = sorted(given.keys() - expected.keys())
    for problem, keys in (("misses", missing), ("has unknown", unknown)):
        if keys:
            raise CheckpointError(
                f"model: `{source}` does not fit its configuration: it {problem} {', '.join(keys[:3])} "
                f"({len(keys)} in all); it is damaged or comes from another program"
            )
    for key, tensor in expected.items():
        shape = tuple(getattr(given[key], "shape", ("no tensor",)))
        if shape != tuple(tensor.shape):
            raise CheckpointError(
                f"model: `{source}`: {key} has shape {shape}, expected {tuple(tensor.shape)}"
            )


def to_expected(key: str, tensor: Tensor, expected: Tensor, source: str) -> Tensor:
    """Convert a tensor to its module's type. Raises CheckpointError for another kind, NaN or infinity."""
    if tensor.is_floating_point() != expected.is_floating_point() or tensor.is_complex():
        raise CheckpointError(f"model: `{source}`: {key} holds {tensor.dtype}, expected {expected.dtype}")
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise CheckpointError(
            f"model: `{source}`: {key} holds NaN or infinity; the file is damaged or its training failed"
        )
    # Copy: the tensor may be a view of the file, which may be replaced.
    return tensor.to(expected.dtype, copy=True)


def _parts(unet: UNet, vocoder: AnyVocoder, transforms: Transforms) -> dict[str, nn.Module]:
    return {"unet": unet, "vocoder": vocoder, "transforms": transforms}


def _read_weights(folder: Path, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    path = folder / WEIGHTS_NAME
    name = str(path)
    if not path.is_file():
        raise CheckpointError(f"model: `{folder}` has no {WEIGHTS_NAME}; copy the whole model folder again")
    try:
        with safe_open(path, framework="pt") as file:
            # Reads the header only, so that a wrong file costs no memory.
            given = {key: _Shape(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
            # Older models also store the tensors computed from the configuration.
            derived = {key: expected[key] for key in DERIVED - given.keys()}
            stored = {key: item for key, item in expected.items() if key not in derived}
            check_state(given, stored, name)
            return derived | {
                key: to_expected(key, file.get_tensor(key), item, name) for key, item in stored.items()
            }
    except (OSError, SafetensorError, UnicodeDecodeError) as error:
        unreadable(path, error)


@dataclass(frozen=True)
class _Shape:
    shape: list[int]


def _to_store(key: str, tensor: Tensor, *, half: bool) -> Tensor:
    tensor = tensor.detach().cpu()
    if half and tensor.is_floating_point():
        tensor = tensor.half()
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        where = " in float16" if half else ""
        raise CheckpointError(f"model: {key} holds NaN or infinity{where}; nothing was written")
    # Cloned, because safetensors refuses tensors that share memory.
    return tensor.contiguous().clone()
