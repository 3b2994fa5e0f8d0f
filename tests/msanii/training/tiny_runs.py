"""Settings of small trainings of the U-Net, and their curves."""

from __future__ import annotations

import json
from pathlib import Path

from msanii.config import DEFAULT_CONTROLS

RATE, HOP = 44_100, 1024
FRAMES = 8

TINY_UNET = {
    "d_base": 16,
    "d_hidden_factor": 1,
    "d_multipliers": [1, 1],
    "dilations": [1, 1],
    "d_timestep": 16,
    "n_heads": 2,
    "has_attention": [False, True],
    "has_resampling": [True, False],
    "n_block_layers": [1, 1],
    "controls": [group.to_dict() for group in DEFAULT_CONTROLS],
}
SETTINGS = {
    "seed": 3,
    "steps": 6,
    "batch_size": 2,
    "samples": (FRAMES - 1) * HOP,
    "optimizer": "adamw",
    "learning_rate": 1e-3,
    "warmup_steps": 2,
    "precision": "no",
    "scaling": "fitted",
    "fit_clips": 4,
    "ema": {"decay": 0.9, "start_step": 2, "every": 1},
    "checkpoint_every": 2,
    "preview_every": 100,
    "workers": 0,
}
MODEL = {"unet": TINY_UNET, "vocoder": {"d_model": 16, "d_hidden_factor": 1}, "name": "tiny"}


def losses(folder: Path, name: str = "loss") -> list[float]:
    lines = (folder / "loss.jsonl").read_text().split("\n")[:-1]  # the last may be half a line
    return [json.loads(line)[name] for line in lines]
