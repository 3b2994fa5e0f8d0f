"""The published checkpoint's format, a `torch.save`d dictionary; reading runs no code in it.

It differs from a model folder in four ways: its vocoder reads scaled mels, it stores the STFT's window under
four names, its configurations use `None` for defaults, and it has no controls.
"""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from msanii.checkpoint.folder import (
    LoadedModel,
    check_state,
    empty_parts,
    load_model,
    parse_config,
    part_of,
    state_of,
    to_expected,
    write_model,
)
from msanii.checkpoint.torch_archive import check_archive
from msanii.config import ModelConfig, OnePassConfig, ScheduleConfig
from msanii.errors import CheckpointError
from msanii.fingerprints import CONFIG_NAME

BYTES_LIMIT = 4 * 1024**3
# The types of weights; others do not belong in a checkpoint.
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32, torch.int64, torch.bool)
PARTS = ("transforms", "vocoder", "unet")
KEYS = frozenset(f"{part}_{kind}" for part in PARTS for kind in ("config", "state_dict")) | {
    "scheduler_config"
}
# The published code has four STFT modules with the same Hann window, ours has one.
WINDOW = "spectrogram.window"
WINDOW_COPIES = ("complex_spectrogram.window", "inverse_spectrogram.window", "griffin_lim.window")
# Settings of the published code that are fixed here; other values are refused, not ignored.
FIXED_SCHEDULE: dict[str, object] = {
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "trained_betas": None,
    "thresholding": False,
    "dynamic_thresholding_ratio": 0.995,
    "sample_max_value": 1.0,
}
GRIFFIN_LIM_MOMENTUM = 0.99


def import_published(checkpoint: str | Path, folder: str | Path) -> ModelConfig:
    """Convert a published `.pt` to a model folder with the same output; every weight keeps its bits.

    Raises CheckpointError if the file is missing, damaged, from another program or would run code, or if the
    folder already holds a model.
    """
    path, folder = Path(checkpoint), Path(folder)
    if (folder / CONFIG_NAME).exists():
        raise CheckpointError(f"import: `{folder}` already holds a model; give another folder")
    values = _read_checkpoint(path)
    config = _config_from(values, str(path))
    given = {
        f"{part}.{key}": tensor for part in PARTS for key, tensor in values[f"{part}_state_dict"].items()
    }
    expected = state_of(*empty_parts(config))
    _check_tensors(given, expected, str(path))
    _drop_window_copies(given, str(path))
    check_state(given, expected, str(path))
    tensors = {key: to_expected(key, given[key], item, str(path)) for key, item in expected.items()}
    write_model(folder, config, tensors)
    return config


def export_published(folder: str | Path, checkpoint: str | Path, *, without_controls: bool = False) -> None:
    """Write a model folder as a published `.pt`; an imported model is written bit for bit.

    For a vocoder of unscaled mels, the scaling is folded into its first layer. The format has no controls:
    `without_controls` drops them and writes the network as it is without a prompt. Raises CheckpointError for
    a model with controls otherwise, or if the file cannot be written.
    """
    model = load_model(folder)
    if model.config.unet.controls and not without_controls:
        names = ", ".join(group.name for group in model.config.unet.controls)
        raise CheckpointError(
            f"export: this model has controls ({names}), which the published format cannot hold; "
            "export it without controls (--without-controls), or share the model folder itself"
        )
    if isinstance(model.config.vocoder, OnePassConfig):
        raise CheckpointError(
            "export: this model has a one_pass vocoder, and the published format holds only the paper's; "
            "share the model folder itself"
        )
    transforms_state = model.transforms.state_dict()
    values = {
        "transforms_config": _transforms_config(model.config),
        "vocoder_config": _without(model.config.vocoder.to_dict(), "kind", "features"),
        "unet_config": _without(model.config.unet.to_dict(), "controls"),
        "scheduler_config": model.config.schedule.to_dict() | FIXED_SCHEDULE,
        "transforms_state_dict": transforms_state | dict.fromkeys(WINDOW_COPIES, transforms_state[WINDOW]),
        "vocoder_state_dict": _vocoder_state(model),
        "unet_state_dict": _unet_state(model),
    }
    _write_checkpoint(values, Path(checkpoint))


def _read_checkpoint(path: Path) -> dict[str, Any]:
    try:
        check_archive(path, BYTES_LIMIT)
        # The file's configurations are of this diffusers class; load them as plain dictionaries.
        harmless: list[Any] = [(OrderedDict, "diffusers.configuration_utils.FrozenDict")]
        with torch.serialization.safe_globals(harmless):
            values = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"import: `{path}` is damaged, or holds more than tensors and settings and might run code when "
            "opened; nothing in it was run"
        ) from error
    except Exception as error:  # broken opcodes make torch.load raise nearly anything
        raise CheckpointError(
            f"import: `{path}` cannot be read ({error}); expected a .pt file written by torch.save"
        ) from error
    if not isinstance(values, dict) or not values.keys() >= KEYS:
        held = ", ".join(map(str, list(values)[:5])) if isinstance(values, dict) else type(values).__name__
        raise CheckpointError(
            f"import: `{path}` is not a Msanii checkpoint: it has {held}; expected {', '.join(sorted(KEYS))}"
        )
    for key in KEYS:
        if not isinstance(values[key], dict):
            raise CheckpointError(
                f"import: `{path}`: {key} is {type(values[key]).__name__}, expected a mapping"
            )
        _check_settings(values[key], key, str(path))
    return values


def _check_settings(values: dict[Any, Any], part: str, source: str) -> None:
    """Refuse names that are not text and, in a configuration, values that are not plain, such as tensors."""
    for name, value in values.items():
        if not isinstance(name, str):
            raise CheckpointError(f"import: `{source}`: {part} has a name of type {type(name).__name__}")
        entries = value if isinstance(value, (list, tuple)) else [value]
        if part.endswith("_config") and not all(map(_is_plain, entries)):
            raise CheckpointError(
                f"import: `{source}`: {part}: {name} is {type(value).__name__}, "
                "expected a number of at most 64 bits, a text, none or a list of those"
            )


def _is_plain(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < 2**63
    return value is None or isinstance(value, (float, str))


def _check_tensors(given: Mapping[str, Any], expected: Mapping[str, Tensor], source: str) -> None:
    """Refuse tensors larger than the file can hold or than the limit, before anything is copied.

    A view with strides of 0 claims any shape from a few bytes.
    """
    size_bytes = sum(tensor.numel() * tensor.element_size() for tensor in expected.values())
    if size_bytes > BYTES_LIMIT:
        raise CheckpointError(
            f"import: `{source}`: its tensors would take {size_bytes} bytes, expected at most {BYTES_LIMIT}"
        )
    for key, tensor in given.items():
        if not isinstance(tensor, Tensor):
            continue
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.dtype not in DTYPES:
            raise CheckpointError(f"import: `{source}`: {key} is not a plain tensor ({tensor.dtype})")
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise CheckpointError(
                f"import: `{source}`: {key} claims shape {tuple(tensor.shape)}, more than the file holds"
            )


def _config_from(values: Mapping[str, Any], source: str) -> ModelConfig:
    transforms = dict(values["transforms_config"])
    n_fft = transforms.get("n_fft")
    window_samples = transforms.pop("win_length", None)
    if window_samples not in (None, n_fft):
        raise CheckpointError(f"import: `{source}`: win_length is {window_samples}, expected n_fft, {n_fft}")
    if transforms.get("hop_length") is None and isinstance(n_fft, int):
        transforms["hop_length"] = n_fft // 2
    momentum = transforms.pop("griffin_lim_momentum", GRIFFIN_LIM_MOMENTUM)
    if momentum != GRIFFIN_LIM_MOMENTUM:
        raise CheckpointError(
            f"import: `{source}`: griffin_lim_momentum is {momentum}, expected {GRIFFIN_LIM_MOMENTUM}"
        )
    sampling = {"iterations": transforms.pop("num_griffin_lim_iters", 100)}
    parts = {
        "transforms": transforms,
        "vocoder": {**values["vocoder_config"], "kind": "paper", "features": "scaled"},
        "unet": dict(values["unet_config"]),
    }
    public = {name: _without_notes(part) for name, part in parts.items()}
    schedule = _schedule_from(_without_notes(values["scheduler_config"]), source)
    return parse_config({"name": "published", **public, "schedule": schedule, "sampling": sampling}, source)


def _schedule_from(values: dict[str, Any], source: str) -> dict[str, Any]:
    known = {field.name for field in fields(ScheduleConfig)}
    for name, value in values.items():
        if name not in known and (name not in FIXED_SCHEDULE or value != FIXED_SCHEDULE[name]):
            expected = FIXED_SCHEDULE.get(name, "no such setting")
            raise CheckpointError(f"import: `{source}`: scheduler {name} is {value}, expected {expected}")
    return {name: value for name, value in values.items() if name in known}


def _drop_window_copies(given: dict[str, Tensor], source: str) -> None:
    window = given.get(f"transforms.{WINDOW}")
    for key in WINDOW_COPIES:
        copy = given.pop(f"transforms.{key}", None)
        if not (isinstance(copy, Tensor) and isinstance(window, Tensor) and torch.equal(copy, window)):
            raise CheckpointError(f"import: `{source}`: {key} is missing or differs from {WINDOW}")


def _transforms_config(config: ModelConfig) -> dict[str, Any]:
    values = config.transforms.to_dict()
    default_hop = config.transforms.n_fft // 2
    return values | {
        "win_length": None,
        "hop_length": None if config.transforms.hop_length == default_hop else config.transforms.hop_length,
        "num_griffin_lim_iters": config.sampling.iterations,
        "griffin_lim_momentum": GRIFFIN_LIM_MOMENTUM,
    }


def _vocoder_state(model: LoadedModel) -> dict[str, Tensor]:
    """The vocoder's weights for scaled mels: its first layer is 1x1 and absorbs the affine unscaling."""
    state = dict(model.vocoder.state_dict())
    if model.config.vocoder.features == "scaled":
        return state
    low, high = model.config.transforms.feature_range
    # In float64, from the ends of the range, so that folding rounds only once.
    ends = copy.deepcopy(model.transforms).double().unscale(torch.tensor([low, high], dtype=torch.float64))
    slope = (ends[1] - ends[0]) / (high - low)
    offset = ends[0] - slope * low
    weight, bias = state["fn.0.1.weight"].double(), state["fn.0.1.bias"].double()  # (D, M, 1, 1), (D,)
    state["fn.0.1.weight"] = (weight * slope).float()
    state["fn.0.1.bias"] = (bias + offset * weight.sum(dim=(1, 2, 3))).float()
    return state


def _unet_state(model: LoadedModel) -> dict[str, Tensor]:
    """The U-Net's weights without controls: the constant that empty controls add goes into the first bias."""
    state = dict(model.unet.state_dict())
    controls = part_of(state, "control_fn")
    if not controls:
        return state
    hidden = F.gelu(controls["mix.bias"].double())  # (D,)
    added = controls["out.weight"].double().sum(dim=2) @ hidden + controls["out.bias"].double()
    state = {key: tensor for key, tensor in state.items() if not key.startswith("control_fn.")}
    state["input_fn.1.bias"] = (state["input_fn.1.bias"].double() + added).float()
    return state


def _write_checkpoint(values: dict[str, Any], path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        torch.save(values, part)
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        raise CheckpointError(f"export: `{path}` cannot be written ({error}); check the folder") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in names}


def _without_notes(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Drop diffusers' bookkeeping, whose keys begin with an underscore."""
    return {str(key): value for key, value in values.items() if not str(key).startswith("_")}
