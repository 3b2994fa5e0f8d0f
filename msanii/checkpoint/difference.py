"""A model as its difference to another: 4 bits a weight, a quarter of what float16 takes.

For a training that goes on in later sessions, or a fine-tuning to pass on. The difference of a training from
where it began is small beside the weights, so that a tenth of it lost, which is what 4 bits cost, is little.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from msanii.checkpoint.folder import load_model, parse_config, state_of, write_model
from msanii.errors import CheckpointError
from msanii.fingerprints import fingerprint

_BLOCK = 64
_LEVELS = 7
# The largest weights of a block are clipped where that costs less than a coarser step for all.
_CLIPS = (1.0, 0.85, 0.7, 0.6)
_CODES, _STEPS, _WHOLE = "codes.", "steps.", "whole."


def write_difference(model_folder: Path, base_folder: Path, path: Path) -> None:
    """Write what changes a base model into another of the same U-Net, or one with more controls.

    Tensors that the base lacks, or has in another shape, are written whole, in float16; equal ones are left
    out. Raises CheckpointError.
    """
    model, base = load_model(model_folder), load_model(base_folder)
    ours = state_of(model.unet, model.vocoder, model.transforms)
    theirs = state_of(base.unet, base.vocoder, base.transforms)
    found: dict[str, Tensor] = {}
    for name, tensor in ours.items():
        other = theirs.get(name)
        if other is not None and other.shape == tensor.shape:
            if torch.equal(other, tensor):
                continue
            if tensor.is_floating_point() and tensor.numel() >= _BLOCK:
                codes, steps = _coded(tensor.float() - other.float())
                found[_CODES + name], found[_STEPS + name] = codes, steps
                continue
        is_network = tensor.is_floating_point() and not name.startswith("transforms.")
        found[_WHOLE + name] = (tensor.half() if is_network else tensor).contiguous().clone()
    told = {"base": fingerprint(base_folder), "config": json.dumps(model.config.to_dict())}
    try:
        save_file(found, path, metadata=told)
        path.chmod(0o644)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"difference: `{path}` cannot be written ({error})") from error


def apply_difference(path: Path, base_folder: Path, out: Path) -> None:
    """Write the model that a difference makes of its base. Raises CheckpointError, also for another base."""
    base = load_model(base_folder)
    tensors = {
        name: tensor.clone() for name, tensor in state_of(base.unet, base.vocoder, base.transforms).items()
    }
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata() or {}
            if told.get("base") != fingerprint(base_folder):
                raise CheckpointError(
                    f"difference: `{path.name}` belongs to a model with the fingerprint {told.get('base')}, "
                    f"and `{base_folder.name}` has {fingerprint(base_folder)}; give that one"
                )
            for key in file.keys():  # noqa: SIM118
                kind, name = key.split(".", 1)
                if kind == "whole":
                    tensors[name] = file.get_tensor(key).float()
                elif kind == "codes":
                    change = _decoded(file.get_tensor(key), file.get_tensor(_STEPS + name), tensors[name])
                    tensors[name] = tensors[name].float() + change
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"difference: `{path}` cannot be read ({error})") from error
    config = parse_config(json.loads(told["config"]), str(path))
    write_model(out, config, {name: tensor.contiguous() for name, tensor in tensors.items()})
    load_model(out)


def _coded(change: Tensor) -> tuple[Tensor, Tensor]:
    """Codes (N / 2,), two weights a byte, and steps (N / 64,) in float16, of a change with N weights."""
    flat = change.flatten()
    blocks = torch.nn.functional.pad(flat, (0, -len(flat) % _BLOCK)).view(-1, _BLOCK)
    largest = blocks.abs().amax(dim=1, keepdim=True)
    best, codes, steps = None, torch.zeros_like(blocks), largest
    for clip in _CLIPS:
        step = (clip * largest / _LEVELS).half().float().clamp(min=1e-7)
        tried = (blocks / step).round().clamp(-_LEVELS, _LEVELS)
        error = (tried * step - blocks).square().sum(dim=1, keepdim=True)
        if best is None:
            best, codes, steps = error, tried, step
        else:
            is_better = error < best
            best = torch.where(is_better, error, best)
            codes, steps = torch.where(is_better, tried, codes), torch.where(is_better, step, steps)
    nibbles = (codes + _LEVELS).to(torch.uint8).view(-1, 2)
    return nibbles[:, 0] | (nibbles[:, 1] << 4), steps.view(-1).half()


def _decoded(codes: Tensor, steps: Tensor, like: Tensor) -> Tensor:
    """The change that codes and steps stand for, in the shape of `like`."""
    nibbles = torch.stack((codes & 15, codes >> 4), dim=1).float() - _LEVELS
    change = (nibbles.view(-1, _BLOCK) * steps.float()[:, None]).flatten()
    return change[: like.numel()].view(like.shape)
