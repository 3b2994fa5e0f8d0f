"""Device, type and memory layout for computing; bfloat16 is used only where it is fast."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import nn

from msanii.errors import MsaniiError
from msanii.memory_layout import CONTIGUOUS, MemoryLayout

DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = {"auto": None, "float32": torch.float32, "bfloat16": torch.bfloat16}
# Substrings of oneDNN's instruction sets with bfloat16; without them it is ten times slower than float32.
_BFLOAT16_SETS = ("BF16", "FP16", "AMX", "AVX10", "ALL", "DEFAULT")

_PRODUCTS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Placement:
    """The device that runs the networks, the type of their matrix products, and their layout in memory."""

    device: torch.device
    dtype: torch.dtype
    layout: MemoryLayout = CONTIGUOUS

    @property
    def device_name(self) -> str:
        """`cpu`, `cuda` or `mps`."""
        return self.device.type

    @property
    def dtype_name(self) -> str:
        """`float32` or `bfloat16`."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def is_fast(self) -> bool:
        """True if the networks compute in less than float32."""
        return self.dtype != torch.float32

    @property
    def signal_device(self) -> torch.device:
        """The device for spectra: Apple's MPS lacks complex operations that the CPU has."""
        return torch.device("cpu") if self.device.type == "mps" else self.device

    def place(self, network: Network) -> Network:
        """Move a network to the device, for inference under `autocast`."""
        network.to(self.device)
        if self.is_fast:
            # In inference mode, autocast would cast each weight at every call, with the same result.
            for module in network.modules():
                if isinstance(module, _PRODUCTS):
                    module.to(self.dtype)
        return network

    def wait(self) -> None:
        """Wait until the device has finished all work."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()

    def autocast(self) -> torch.autocast:
        """Return a context in which matrix products use this type."""
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.is_fast)


def choose_placement(
    device: str | None = None, dtype: str | None = None, layout: MemoryLayout = CONTIGUOUS
) -> Placement:
    """The given device and type, or the best of this machine for None or `auto`. Raises MsaniiError."""
    chosen = _device(device or "auto")
    name = dtype or "auto"
    if name not in DTYPES:
        raise MsaniiError(f"dtype: got {name!r}, expected one of {', '.join(DTYPES)}")
    fast = torch.bfloat16 if bfloat16_is_fast(chosen) else torch.float32
    return Placement(chosen, DTYPES[name] or fast, layout)


def processor_name(device: str) -> str:
    """Return the kind of processor: a GPU's name, or a CPU's instruction set, such as `AVX512 with AMX`."""
    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    if device != "cpu":
        return device
    cpu: Any = torch.cpu
    extra = {"AMX": cpu._is_amx_tile_supported(), "bfloat16": cpu._is_avx512_bf16_supported()}
    more = next((f" with {name}" for name, there in extra.items() if there), "")
    return torch.backends.cpu.get_cpu_capability() + more


def bfloat16_is_fast(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 in hardware, under the user's cap of oneDNN, if any."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    cap = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    if not any(name in cap for name in _BFLOAT16_SETS):
        return False
    # PyTorch has no public functions for this.
    cpu: Any = torch.cpu
    return bool(cpu._is_amx_tile_supported() or cpu._is_avx512_bf16_supported())


def _device(name: str) -> torch.device:
    kind = name.split(":")[0]
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if kind == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if available[kind]))
    if kind not in available:
        raise MsaniiError(f"device: got {name!r}, expected one of {', '.join(DEVICES)}")
    if not available[kind]:
        raise MsaniiError(f"device: this machine has no {kind} that PyTorch can use; ask for auto or cpu")
    return torch.device(name)
