"""The denoising U-Net: noisy mel and timestep to noise or v (paper section 3.1, figure 1)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from msanii.blocks import (
    Block,
    ControlProjection,
    MiddleBlock,
    TimestepEmbedding,
    downsample,
    input_layer,
    output_layer,
    upsample,
)
from msanii.config import UNetConfig
from msanii.errors import ControlError


class UNet(nn.Module):
    """(B, C, M, T) and (B,) to (B, C, M, T); T must divide by `config.frame_multiple`.

    B batch, C audio channels (any number), M mels, T frames, K control rows.
    """

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        self.input_fn = input_layer(config.d_freq, config.d_base)
        self.output_fn = output_layer(config.d_freq, config.d_base)
        self.timestep_embedding = TimestepEmbedding(config.d_timestep, config.d_hidden_factor)
        self.encoder_blocks = self._encoder()
        self.middle_block = MiddleBlock(
            config.d_base * config.d_multipliers[-1],
            config.d_hidden_factor,
            d_timestep=config.d_timestep,
            n_heads=config.n_heads,
        )
        self.decoder_blocks = self._decoder()
        self.control_fn = ControlProjection(config.n_controls, config.d_base) if config.controls else None

    def forward(self, x: Tensor, timestep: Tensor, controls: Tensor | None = None) -> Tensor:
        """Predict from `x` (B, C, M, T) at `timestep` (B,), under `controls` (B, K, T) or none at all.

        Raises ControlError when controls are given that the network was not built for.
        """
        hidden = self.input_fn(x)
        if controls is not None:
            hidden = hidden + self._project(controls)
        embedding = self.timestep_embedding(timestep)
        hidden, skips = self._encode(hidden, embedding)
        hidden = self.middle_block(hidden, embedding)
        for block in self.decoder_blocks:
            if isinstance(block, Block):
                hidden = block(torch.cat((hidden, skips.pop()), dim=1), embedding)
            else:
                hidden = block(hidden)
        return cast(Tensor, self.output_fn(hidden))

    def _project(self, controls: Tensor) -> Tensor:
        if self.control_fn is None:
            raise ControlError(
                "controls: this model was trained without any; load one that has them, or ask without"
            )
        if controls.shape[1] != self.config.n_controls:
            raise ControlError(
                f"controls: got {controls.shape[1]} rows, this model has {self.config.n_controls}"
            )
        return cast(Tensor, self.control_fn(controls))

    def _encode(self, hidden: Tensor, embedding: Tensor) -> tuple[Tensor, list[Tensor]]:
        skips = []
        for block in self.encoder_blocks:
            if isinstance(block, Block):
                hidden = block(hidden, embedding)
                skips.append(hidden)
            else:
                hidden = block(hidden)
        return hidden, skips

    def _widths(self) -> list[tuple[int, int]]:
        """Each level's (width on its own side, width on the deeper side)."""
        widths = [self.config.d_base * multiplier for multiplier in self.config.d_multipliers]
        return list(zip(widths, widths[1:] + widths[-1:], strict=True))

    def _block(self, level: int, d_in: int, d_out: int) -> Block:
        config = self.config
        return Block(
            d_in,
            d_out,
            config.d_hidden_factor,
            dilation=config.dilations[level],
            d_timestep=config.d_timestep,
            n_heads=config.n_heads,
            has_attention=config.has_attention[level],
        )

    def _encoder(self) -> nn.ModuleList:
        blocks = nn.ModuleList()
        for level, (shallow, deep) in enumerate(self._widths()):
            for layer in range(self.config.n_block_layers[level]):
                blocks.append(self._block(level, shallow if layer == 0 else deep, deep))
            if self.config.has_resampling[level]:
                blocks.append(downsample(deep))
        return blocks

    def _decoder(self) -> nn.ModuleList:
        blocks = nn.ModuleList()
        for level, (shallow, deep) in reversed(list(enumerate(self._widths()))):
            if self.config.has_resampling[level]:
                blocks.append(upsample(deep))
            for layer in reversed(range(self.config.n_block_layers[level])):
                blocks.append(self._block(level, deep * 2, shallow if layer == 0 else deep))
        return blocks
