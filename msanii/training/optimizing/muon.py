"""Muon: momentum made orthogonal, for the matrices of a network.

Keller Jordan, https://kellerjordan.github.io/posts/muon/; scaled to the size of Adam's updates as in Liu et
al., arXiv 2502.16982. `torch.optim.Muon` takes matrices only, one at a time, and computes in bfloat16, which
many processors only emulate. Letters: R rows, S columns, N matrices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

# The coefficients of a quintic that drives singular values from 0 to 1 towards 1 (from the post above).
_LINEAR, _CUBIC, _QUINTIC = 3.4445, -4.7750, 2.0315
_LEAST_NORM = 1e-7
# Adam's updates have about this root mean square (arXiv 2502.16982).
_ADAM_RMS = 0.2


class Muon(torch.optim.Optimizer):
    """Trains parameters of two or more dimensions, each as a matrix of its first one by all others.

    `dtype` is that of the iterations; it is not part of the state, as processors differ.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        iterations: int = 5,
        blocks: int = 1,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "iterations": iterations,
            "blocks": blocks,
        }
        super().__init__(list(parameters), defaults)
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update all parameters that have a gradient. There is no closure."""
        del closure
        for group in self.param_groups:
            momentum = group["momentum"]
            # Matrices of a shape are made orthogonal together, which saves a GPU most of its launches.
            alike: dict[torch.Size, list[tuple[nn.Parameter, Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                mean = state["momentum"].lerp_(parameter.grad, 1 - momentum)
                matrix = parameter.grad.lerp(mean, momentum).flatten(1)  # Nesterov's
                alike[matrix.shape].append((parameter, matrix))
            for shape, pairs in alike.items():
                stacked = torch.stack([matrix for _, matrix in pairs])
                updates = orthogonal(stacked, group["iterations"], group["blocks"], self.dtype)
                size = group["lr"] * _ADAM_RMS * max(shape) ** 0.5
                for (parameter, _), update in zip(pairs, updates, strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update.reshape(parameter.shape).to(parameter.dtype), alpha=-size)


def orthogonal(
    matrices: Tensor, iterations: int, blocks: int = 1, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Bring the singular values of (N, R, S) near 1 by Newton-Schulz iterations, keeping its vectors.

    With `blocks` the shorter side is split into so many parts, each made orthogonal by itself, if they come
    out even: about as many times less work (Khaled et al., arXiv 2510.16981).
    """
    tall = matrices.shape[1] > matrices.shape[2]
    wide = (matrices.mT if tall else matrices).to(dtype)
    parts = blocks if wide.shape[1] % blocks == 0 else 1
    x = wide.reshape(-1, wide.shape[1] // parts, wide.shape[2])
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=_LEAST_NORM)
    for _ in range(iterations):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=_CUBIC, alpha=_QUINTIC), x, beta=_LINEAR)
    x = x.reshape(wide.shape)
    return x.mT if tall else x
