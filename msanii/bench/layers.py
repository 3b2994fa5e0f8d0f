"""Where a U-Net's time goes: each kind of layer in a guided step, in both memory layouts.

On a CPU this is the processor time of one thread, which other load hardly changes; the layouts take turns.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from msanii.checkpoint.folder import load_model
from msanii.devices import Placement, choose_placement
from msanii.diffusion.blocks import InstanceNorm, LinearAttention
from msanii.diffusion.unet import UNet
from msanii.memory_layout import CHANNELS_LAST, CONTIGUOUS

LENGTHS_SECONDS = (16.0, 95.0, 190.0)
ROUNDS = 3
WHOLE, REST = "whole step", "rest"
_BRANCHES, _TIMESTEP = 2, 500


@dataclass(frozen=True)
class LayerTiming:
    """Seconds that a kind of layer takes in a guided step for stereo of `seconds`, by memory layout.

    `ratio` is how many times as fast channels last is; `teraflops` are those of convolutions a second, in
    the faster layout, 0 for other layers.
    """

    seconds: float
    kind: str
    contiguous_seconds: float
    channels_last_seconds: float
    ratio: float
    teraflops: float


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def bench_layers(folder: Path, *, seconds: float, device: str | None = None) -> list[LayerTiming]:
    """Time one step, and each kind of layer in it. Raises MsaniiError for a bad model or device."""
    placement = choose_placement(device)
    model = load_model(folder)
    unet, signal = placement.place(model.unet), model.config.transforms
    multiple = model.config.unet.frame_multiple
    frames = max(1, round(seconds * signal.sample_rate / signal.hop_length / multiple)) * multiple
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(_BRANCHES, 2, signal.n_mels, frames, generator=generator).to(placement.device)
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    work: dict[str, float] = {}
    with _one_thread():
        for number in range(ROUNDS + 1):
            for layout in (CONTIGUOUS, CHANNELS_LAST):
                unet.layout = layout
                timed = _Timed(placement)
                found = timed.step(unet, x)
                work = timed.operations
                if number:  # the first round warms up
                    for kind, spent in found.items():
                        taken[kind][str(layout)].append(spent)
    return [_timing(seconds, kind, by_layout, work.get(kind, 0.0)) for kind, by_layout in taken.items()]


def _timing(seconds: float, kind: str, taken: dict[str, list[float]], operations: float) -> LayerTiming:
    usual, last = (statistics.median(taken[str(layout)]) for layout in (CONTIGUOUS, CHANNELS_LAST))
    return LayerTiming(seconds, kind, usual, last, usual / last, operations / min(usual, last) / 1e12)


class _Timed:
    """Times the layers of a step by hooks; a layer inside a timed layer counts for itself alone."""

    def __init__(self, placement: Placement) -> None:
        self._placement = placement
        self._seconds: dict[str, float] = defaultdict(float)
        self._begun: list[float] = []
        self._inner: list[float] = []
        self.operations: dict[str, float] = defaultdict(float)

    def step(self, unet: UNet, x: Tensor) -> dict[str, float]:
        """Return the seconds of each kind of layer, of all that is none of them, and of the whole."""
        timestep = torch.full((len(x),), _TIMESTEP, device=x.device)
        with self._hooks(unet), torch.inference_mode(), self._placement.autocast():
            began = self._now()
            unet(x, timestep)
            whole = self._now() - began
        return {**self._seconds, REST: whole - sum(self._seconds.values()), WHOLE: whole}

    @contextmanager
    def _hooks(self, unet: UNet) -> Iterator[None]:
        hooks = []
        for module in unet.modules():
            if kind := _kind(module):
                hooks.append(module.register_forward_pre_hook(self._before))
                hooks.append(module.register_forward_hook(self._after(kind)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _before(self, _module: nn.Module, _inputs: object) -> None:
        self._begun.append(self._now())
        self._inner.append(0.0)

    def _after(self, kind: str) -> Any:
        def ended(module: nn.Module, _inputs: object, made: Tensor) -> None:
            spent = self._now() - self._begun.pop()
            self._seconds[kind] += spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent
            if isinstance(module, nn.Conv2d):
                self.operations[kind] += 2 * made.numel() * math.prod(module.weight.shape[1:])

        return ended

    def _now(self) -> float:
        self._placement.wait()
        return time.process_time() if self._placement.device_name == "cpu" else time.perf_counter()


def _kind(module: nn.Module) -> str:
    """The kind of a layer; "" for one that is not timed by itself."""
    if isinstance(module, nn.Conv2d):
        return f"convolution {module.kernel_size[0]}x{module.kernel_size[1]}"
    kinds = {
        nn.ConvTranspose2d: "transposed convolution",
        InstanceNorm: "instance norm",
        nn.GELU: "GELU",
        LinearAttention: "linear attention",
    }
    return next((name for kind, name in kinds.items() if isinstance(module, kind)), "")
