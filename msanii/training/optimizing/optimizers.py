"""The optimisers of a run: one, or Muon for the matrices inside the network and AdamW for the rest."""

from __future__ import annotations

import torch
from torch import nn

from msanii.training.config import RunConfig
from msanii.training.optimizing.muon import Muon

# Layers that embed inputs or make outputs; their matrices are AdamW's, as Muon's author advises. So are those
# of timesteps and controls: with Muon the U-Net learns more slowly where there is much noise.
_EDGES = (
    "input_fn", "output_fn", "control_fn", "context_fn", "shortcut_fn", "timestep_embedding", "timestep_fn",
    "block_controls", "uncertainty",
)  # fmt: skip


def make_optimizers(
    config: RunConfig, module: nn.Module, precision: str
) -> list[tuple[torch.optim.Optimizer, float]]:
    """Each optimiser of the module's parameters, with its full learning rate."""
    fused = all(parameter.is_cuda for parameter in module.parameters())
    adam_type = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    inner = inner_matrices(module) if config.optimizer == "muon" else []
    inside = {id(parameter) for parameter in inner}
    adam = adam_type(
        [parameter for parameter in module.parameters() if id(parameter) not in inside],
        lr=config.learning_rate,
        betas=config.betas,
        weight_decay=config.weight_decay,
        fused=fused or None,
    )
    optimizers: list[tuple[torch.optim.Optimizer, float]] = [(adam, config.learning_rate)]
    if inner:
        muon = Muon(
            inner,
            lr=config.muon.learning_rate,
            momentum=config.muon.momentum,
            weight_decay=config.weight_decay,
            iterations=config.muon.iterations,
            blocks=config.muon.blocks,
            dtype=torch.bfloat16 if precision == "bf16" else torch.float32,
        )
        optimizers.append((muon, config.muon.learning_rate))
    return optimizers


def inner_matrices(module: nn.Module) -> list[nn.Parameter]:
    """The weights of the U-Net's inner layers, without biases and without those at its edges."""
    return [
        parameter
        for name, parameter in module.named_parameters()
        if parameter.ndim > 1 and not any(f".{edge}." in f".{name}" for edge in _EDGES)
    ]
