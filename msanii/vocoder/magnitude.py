"""The paper's neural vocoder: mel to linear magnitude; Griffin-Lim adds the phase (section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from msanii.config import VocoderConfig
from msanii.diffusion.blocks import ResidualBlock, input_layer, output_layer


class Vocoder(nn.Module):
    """(B, C, M, T) mel to (B, C, F, T) magnitude; M mels, F = n_fft / 2 + 1 linear bins, T frames."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        self.fn = nn.Sequential(
            input_layer(config.n_mels, config.d_model),
            ResidualBlock(config.d_model, config.d_model, config.d_hidden_factor),
            output_layer(config.n_fft // 2 + 1, config.d_model),
        )

    def forward(self, mel: Tensor) -> Tensor:
        """Return the magnitude in float32: an exponential in bfloat16 would keep two digits."""
        return torch.exp(self.log_magnitude(mel))

    def log_magnitude(self, mel: Tensor) -> Tensor:
        """Return the log magnitude (B, C, F, T) in float32."""
        log_magnitude: Tensor = self.fn(mel)
        return log_magnitude.float()
