"""Averages of the weights over a training, of a length that is chosen afterwards.

A power-function average weighs the n-th of N updates by n ** G, G its exponent. Two are kept, and snapshots
of them combine into an average of another length (EDM2: Karras et al., arXiv 2312.02696, section 3). Lengths
are relative: `sigma_rel` is the standard deviation of the weights' place in the training, over its length.
Letters: K snapshots, N updates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from msanii.errors import ConfigError

# The longest is an even average, whose exponent is 0.
SHORTEST_SIGMA_REL, LONGEST_SIGMA_REL = 0.01, 12**-0.5
_SUFFIX = ".safetensors"


class PowerAverages:
    """Power-function averages of parameters, one for each length; accelerate can checkpoint them."""

    def __init__(self, parameters: Iterable[Tensor], sigmas: Sequence[float]) -> None:
        self.sigmas = tuple(sigmas)
        self.updates = 0
        current = [parameter.detach() for parameter in parameters]
        self.averages = [[tensor.clone() for tensor in current] for _ in self.sigmas]

    @torch.no_grad()
    def update(self, parameters: Iterable[Tensor]) -> None:
        """Take the parameters into the averages."""
        self.updates += 1
        current = [parameter.detach() for parameter in parameters]
        for sigma, average in zip(self.sigmas, self.averages, strict=True):
            old = (1 - 1 / self.updates) ** (exponent(sigma) + 1)
            torch._foreach_lerp_(average, current, 1 - old)

    def state_dict(self) -> dict[str, object]:
        return {"updates": self.updates, "averages": self.averages}

    def load_state_dict(self, state: dict[str, object]) -> None:
        self.updates = state["updates"]  # type: ignore[assignment]
        for average, stored in zip(self.averages, state["averages"], strict=True):  # type: ignore[call-overload]
            for tensor, value in zip(average, stored, strict=True):
                tensor.copy_(value)

    def write(self, folder: Path, step: int, names: Sequence[str]) -> None:
        """Write a snapshot of each average in float16, under these names of its tensors."""
        folder.mkdir(parents=True, exist_ok=True)
        for sigma, average in zip(self.sigmas, self.averages, strict=True):
            path = folder / f"{step:07d}_{sigma:.4f}{_SUFFIX}"
            tensors = {
                name: tensor.half().cpu().contiguous() for name, tensor in zip(names, average, strict=True)
            }
            part = path.with_suffix(".part")
            # The number as text, exactly.
            save_file(tensors, part, metadata={"sigma_rel": repr(sigma), "updates": str(self.updates)})
            os.replace(part, path)


def forget_after(folder: Path, step: int) -> None:
    """Delete the snapshots after a step: a resumed run writes them again."""
    for path in folder.glob(f"*{_SUFFIX}"):
        if int(path.name.split("_")[0]) > step:
            path.unlink()


@dataclass(frozen=True)
class Reconstruction:
    """Weights by name, and how far their average's profile is from the one asked for (0: not at all)."""

    weights: dict[str, Tensor]
    error: float


def reconstruct(folder: Path, sigma_rel: float) -> Reconstruction:
    """Combine the snapshots in `folder` into the average of length `sigma_rel` up to the last of them.

    Raises ConfigError if there are none, one is damaged, or the length is out of range.
    """
    if not SHORTEST_SIGMA_REL <= sigma_rel <= LONGEST_SIGMA_REL:
        raise ConfigError(
            f"sigma-rel: got {sigma_rel:g}, expected {SHORTEST_SIGMA_REL:g} (only the end of the training) "
            f"to {LONGEST_SIGMA_REL:.3f} (all of it alike)"
        )
    paths = sorted(folder.glob(f"*{_SUFFIX}"))
    if not paths:
        raise ConfigError(
            f"{folder}: holds no snapshots; they are written by a training whose settings have `averages`"
        )
    kept = [_profile_of(path) for path in paths]
    updates = max(count for count, _ in kept)
    basis = np.stack([profile(count, sigma, updates) for count, sigma in kept], axis=1)  # (N, K)
    wanted = profile(updates, sigma_rel, updates)
    shares = np.linalg.lstsq(basis, wanted, rcond=None)[0]
    error = np.linalg.norm(basis @ shares - wanted) / np.linalg.norm(wanted)
    weights: dict[str, Tensor] = {}
    for path, share in zip(paths, shares, strict=True):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118
                part = file.get_tensor(name).double() * share
                weights[name] = weights[name] + part if name in weights else part
    return Reconstruction({name: tensor.float() for name, tensor in weights.items()}, float(error))


def exponent(sigma_rel: float) -> float:
    """The exponent G of the average of that length: sigma_rel ** 2 = (G + 1) / ((G + 2) ** 2 * (G + 3))."""
    inverse = sigma_rel**-2
    roots = np.roots([1, 7, 16 - inverse, 12 - inverse])
    return float(roots.real.max())


def profile(count: int, sigma_rel: float, updates: int) -> NDArray[np.float64]:
    """(N,): the weight of each of `updates` updates in the average after the first `count` of them."""
    places = np.arange(updates + 1, dtype=np.float64)
    filled = np.minimum(places / count, 1.0) ** (exponent(sigma_rel) + 1)
    weights: NDArray[np.float64] = np.diff(filled)
    return weights


def _profile_of(path: Path) -> tuple[int, float]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        return int(metadata["updates"]), float(metadata["sigma_rel"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ConfigError(f"{path.name}: cannot be read ({error}); delete it and try again") from error
