"""Ablation of the U-Net's speed-ups: times a guided step with each optimisation replaced.

All variants take turns in one process, in random order, so that other load affects them equally.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.devices import Placement, choose_placement
from msanii.diffusion.blocks import InstanceNorm
from msanii.diffusion.denoiser import Network, Predict
from msanii.diffusion.guidance import Denoise, guided
from msanii.diffusion.unet import UNet
from msanii.errors import MsaniiError
from msanii.malloc import freed_pages_returned, retain_freed_pages
from msanii.memory_layout import CHANNELS_LAST

SHIPPED = "as it is"
GUIDANCE, TIMESTEP = 3.0, 500
ROUNDS = 20
# Variations and seconds of a typical request, and of a bar on stage with its context.
SIZES = ((4, 16.0), (1, 6.0))


@dataclass(frozen=True)
class SpeedUp:
    """Median seconds of a guided step with the replacement `instead`, and their ratio to the unchanged step.

    The step is for `batch` variations of `seconds`.
    """

    batch: int
    seconds: float
    instead: str
    step_seconds: float
    ratio: float


@dataclass(frozen=True)
class Variant:
    """A way to compute the step; `mode` is PyTorch's gradient mode for it."""

    step: Callable[[], Tensor]
    mode: Callable[[], contextlib.AbstractContextManager[Any]] = torch.inference_mode


def speed_ups(folder: Path, *, batch: int, seconds: float, device: str | None = None) -> list[SpeedUp]:
    """Time all `variants`, the unchanged step first.

    Raises MsaniiError for a model without controls, one that cannot be loaded, or a missing device.
    """
    placement = choose_placement(device)
    choices = variants(folder, placement, batch=batch, seconds=seconds)
    order = list(choices)
    taken: dict[str, list[float]] = {name: [] for name in order}
    turns = random.Random(0)  # noqa: S311  an order, not a secret
    # One extra round warms up: kernels are selected, and torch.compile compiles.
    for number in range(ROUNDS + 1):
        turns.shuffle(order)
        for name in order:
            spent = _seconds(choices[name], placement)
            if number:
                taken[name].append(spent)
    medians = {name: statistics.median(spent) for name, spent in taken.items()}
    base = medians[SHIPPED]
    return [SpeedUp(batch, seconds, name, spent, spent / base) for name, spent in medians.items()]


def variants(folder: Path, placement: Placement, *, batch: int, seconds: float) -> dict[str, Variant]:
    """Ways to compute the same step for `batch` variations of `seconds`, by what is replaced."""
    model = load_model(folder)
    config, signal = model.config.unet, model.config.transforms
    if not config.controls:
        raise MsaniiError("bench: this model has no controls to guide it; choose another model")
    sets = round(seconds * signal.sample_rate / signal.hop_length / config.frame_multiple)
    frames = max(1, sets) * config.frame_multiple
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(batch, 2, signal.n_mels, frames, generator=generator).to(placement.device)
    controls = (torch.rand(config.n_controls, frames, generator=generator) > 0.8).float()

    def step(network: Network, where: Placement = placement) -> Callable[[], Tensor]:
        return _in_type(guided(network, controls, GUIDANCE), x, where)

    def fresh(where: Placement = placement) -> UNet:
        return where.place(load_model(folder).unet)

    unet = placement.place(model.unet)
    found = {SHIPPED: Variant(step(unet.under))}
    if placement.is_fast:
        plain = Placement(placement.device, torch.float32)
        found["float32"] = Variant(step(fresh(plain).under, plain))
        found["weights cast at every call"] = Variant(step(fresh(plain).under))
    found["channels last in memory"] = Variant(step(_channels_last(fresh()).under))
    found["instance norm in passes"] = Variant(step(_normed_in_passes(fresh()).under))
    found["controls projected at every step"] = Variant(step(_at_every_step(unet)))
    found["guidance in two calls"] = Variant(_in_type(_in_two_calls(unet.under, controls), x, placement))
    found["no_grad for inference_mode"] = Variant(step(unet.under), torch.no_grad)
    found["gradients recorded"] = Variant(step(unet.under), torch.enable_grad)
    if retain_freed_pages():
        found["freed memory given back"] = Variant(step(unet.under), _given_back)
    if placement.device.type != "cpu" or shutil.which(os.environ.get("CXX", "c++")):
        found["torch.compile"] = Variant(step(_at_every_step(cast(UNet, torch.compile(unet)))))
    return found


def _seconds(variant: Variant, placement: Placement) -> float:
    started = time.perf_counter()
    with variant.mode():
        variant.step()
    placement.wait()
    return time.perf_counter() - started


def _in_type(denoise: Denoise, x: Tensor, placement: Placement) -> Callable[[], Tensor]:
    def step() -> Tensor:
        with placement.autocast():
            return denoise(x, TIMESTEP)

    return step


@contextlib.contextmanager
def _given_back() -> Iterator[None]:
    with freed_pages_returned(), torch.inference_mode():
        yield


def _channels_last(unet: UNet) -> UNet:
    unet.layout = CHANNELS_LAST
    return unet


class _NormInPasses(InstanceNorm):
    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.float(), dim=(2, 3), correction=0, keepdim=True)
        return ((x - mean) * torch.rsqrt(variance + self.eps)).to(x.dtype)


def _normed_in_passes(unet: UNet) -> UNet:
    for module in list(unet.modules()):
        for name, child in module.named_children():
            if isinstance(child, InstanceNorm):
                setattr(module, name, _NormInPasses())
    return unet


def _at_every_step(unet: UNet) -> Network:
    def under(controls: Tensor | None) -> Predict:
        return lambda x, timestep: cast(Tensor, unet(x, timestep, controls))

    return under


def _in_two_calls(network: Network, controls: Tensor) -> Denoise:
    with_controls, without = guided(network, controls, 1.0), guided(network, controls, 0.0)

    def denoise(x: Tensor, timestep: int) -> Tensor:
        nothing = without(x, timestep)
        return nothing + GUIDANCE * (with_controls(x, timestep) - nothing)

    return denoise
