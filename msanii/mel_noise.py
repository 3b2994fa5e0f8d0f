"""Mels as a U-Net leaves them: passed through noise and back, for a vocoder that is to forgive its errors."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from msanii.checkpoint import load_model
from msanii.config import TransformsConfig
from msanii.errors import ConfigError
from msanii.guidance import guided
from msanii.one_pass_config import MelNoiseConfig
from msanii.sampling import Solver, vary


class MelNoise:
    """Noises log-mels (B, C, M, T) and lets a model's U-Net take the noise off again.

    Raises ConfigError for a model whose U-Net was not trained or that has another mel.
    """

    def __init__(self, config: MelNoiseConfig, folder: Path, mel: TransformsConfig) -> None:
        model = load_model(folder)
        if "unet" not in model.config.trained:
            raise ConfigError(f"unet: the one in {folder} is not trained; give the folder of its training")
        if model.config.transforms != mel:
            raise ConfigError(f"unet: the one in {folder} is for another mel than this training's")
        self.config, self.model = config, model
        self.unet = model.unet.requires_grad_(False)

    def to(self, device: torch.device) -> None:
        """Move the U-Net and its scalers."""
        self.unet.to(device)
        self.model.transforms.to(device)

    @torch.no_grad()
    def __call__(self, log_mel: Tensor, generator: torch.Generator) -> Tensor:
        """The mels, `share` of them through noise of up to `most_noise` and back; draws on the CPU."""
        chosen = torch.rand(len(log_mel), generator=generator) < self.config.share
        strength = max(0.01, float(torch.rand((), generator=generator)) * self.config.most_noise)
        frames, multiple = log_mel.shape[-1], self.model.config.unet.frame_multiple
        longer = F.pad(log_mel.flatten(0, 1), (0, -frames % multiple), mode="replicate")
        longer = longer.reshape(*log_mel.shape[:3], -1)  # (B, C, M, T)
        noise = torch.randn(longer.shape, generator=generator).to(longer)
        if not chosen.any():
            return log_mel
        rows = chosen.to(log_mel.device)
        passed = self._passed(longer[rows], noise[rows], strength)[..., :frames]
        result = log_mel.clone()
        result[rows] = passed.to(log_mel.dtype)
        return result

    def _passed(self, log_mel: Tensor, noise: Tensor, strength: float) -> Tensor:
        config, transforms = self.model.config, self.model.transforms
        solver = Solver(schedule=config.schedule, scheduler="dpmsolver++", steps=self.config.steps)
        controls = None
        if config.unet.controls:
            controls = torch.zeros(config.unet.n_controls, log_mel.shape[-1], device=log_mel.device)
        denoise = guided(self.unet, controls, 1.0)
        return transforms.unscale(vary(denoise, solver, transforms.scale(log_mel), noise, strength).float())
