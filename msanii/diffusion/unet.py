"""The denoising U-Net: noisy mel and timestep to noise or v (paper section 3.1, figure 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from msanii.config import UNetConfig
from msanii.diffusion.blocks import (
    Block,
    BlockControls,
    ContextProjection,
    ControlProjection,
    MiddleBlock,
    Shortcut,
    TimestepEmbedding,
    downsample,
    input_layer,
    output_layer,
    upsample,
)
from msanii.diffusion.denoiser import Predict
from msanii.errors import ControlError
from msanii.memory_layout import CONTIGUOUS


class UNet(nn.Module):
    """(B, C, M, T) and (B,) to (B, C, M, T); T must be a multiple of `config.frame_multiple`.

    B batch, C audio channels (any number), M mels, T frames, K control rows. With J = `joint_channels` above
    1 the layers work on (B * C / J, 1, J * M, T). Its `layout` is that of the layers' tensors in memory.
    """

    layout = CONTIGUOUS

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        d_frame = config.d_freq * config.joint_channels
        self.input_fn = input_layer(d_frame, config.d_base)
        self.output_fn = output_layer(d_frame, config.d_base)
        self.timestep_embedding = TimestepEmbedding(config.d_timestep, config.d_hidden_factor)
        self.encoder_blocks = self._encoder()
        self.middle_block = MiddleBlock(
            config.d_base * config.d_multipliers[-1],
            config.d_hidden_factor,
            d_timestep=config.d_timestep,
            n_heads=config.n_heads,
            across_channels=config.joint_channels == 1,
        )
        self.decoder_blocks = self._decoder()
        self.control_fn = ControlProjection(config.n_controls, config.d_base) if config.controls else None
        self.context_fn = ContextProjection(d_frame + 1, config.d_base) if config.context else None
        self.shortcut_fn = Shortcut(d_frame, config.d_timestep) if config.shortcut else None
        self.block_controls = self._block_controls() if config.controls_in_blocks else None

    def forward(
        self, x: Tensor, timestep: Tensor, controls: Tensor | None = None, context: Tensor | None = None
    ) -> Tensor:
        """Predict from `x` (B, C, M, T) at `timestep` (B,), with controls (B, K, T) or without.

        `context` (B, C, M + 1, T) is the kept mel, 0 elsewhere, with a last row that is 1 where it is kept.
        Raises ControlError for controls or a context that the network was not built for.
        """
        return self.under(controls, context)(x, timestep)

    def under(self, controls: Tensor | None = None, context: Tensor | None = None) -> Predict:
        """Bind controls and context, which are the same at every step, and compute their contribution once.

        A `context` of one item serves every item of the batch.
        """
        added = self._added(controls, context)
        return partial(self._predict, added=added, told=self._told(controls))

    def _predict(
        self, x: Tensor, timestep: Tensor, added: Sequence[Tensor], told: Sequence[Tensor]
    ) -> Tensor:
        joint, channels = self.config.joint_channels, x.shape[1]
        if joint == 1:
            return self._frames(x, timestep, added, told)
        joined = _join_channels(x, joint)
        sets = len(joined) // len(x)
        if sets > 1:
            timestep = timestep.repeat_interleave(sets, 0)
            told = [one.repeat_interleave(sets, 0) for one in told]
        predicted = self._frames(joined, timestep, added, told, sets)
        return predicted.reshape(x.shape[0], sets * joint, *x.shape[2:])[:, :channels]

    def _frames(
        self, x: Tensor, timestep: Tensor, added: Sequence[Tensor], told: Sequence[Tensor], sets: int = 1
    ) -> Tensor:
        """Run the layers on (B * sets, ...); `told` is what each block is told, in the order of layers."""
        hidden = self.layout.applied(self.input_fn(x))
        for addition in added:
            hidden = (hidden.reshape(-1, sets, *hidden.shape[1:]) + addition).flatten(0, 1)
        embedding = self.timestep_embedding(timestep)
        rest = iter(told)
        hidden, skips = self._encode(hidden, embedding, rest)
        hidden = self.middle_block(hidden, embedding, next(rest, None))
        for block in self.decoder_blocks:
            if isinstance(block, Block):
                hidden = block(torch.cat((hidden, skips.pop()), dim=1), embedding, next(rest, None))
            else:
                hidden = block(hidden)
        predicted = cast(Tensor, self.output_fn(hidden))
        return predicted if self.shortcut_fn is None else predicted + self.shortcut_fn(x, embedding)

    def _added(self, controls: Tensor | None, context: Tensor | None) -> tuple[Tensor, ...]:
        """The projected controls and context, each (B or 1, sets or 1, D, C or 1, T)."""
        parts = []
        if controls is not None:
            parts.append(self._project(controls)[:, None])
        if context is not None:
            parts.append(self._project_context(context))
        return tuple(parts)

    def _told(self, controls: Tensor | None) -> tuple[Tensor, ...]:
        """What the blocks are told, each (B, D, 1, T of the block)."""
        if controls is None or self.block_controls is None or self.control_fn is None:
            return ()
        mixed = self.control_fn.mixed(controls)
        return tuple(block(mixed) for block in self.block_controls)

    def _project(self, controls: Tensor) -> Tensor:
        if self.control_fn is None:
            raise ControlError(
                "controls: this model was trained without any; load a model that has them, or use none"
            )
        if controls.shape[1] != self.config.n_controls:
            raise ControlError(
                f"controls: got {controls.shape[1]} rows, this model has {self.config.n_controls}"
            )
        return cast(Tensor, self.control_fn(controls))

    def _project_context(self, context: Tensor) -> Tensor:
        if self.context_fn is None:
            raise ControlError("context: this model was trained without it; it inpaints with RePaint instead")
        joint = self.config.joint_channels
        if joint == 1:
            return cast(Tensor, self.context_fn(context))[:, None]
        kept = _join_channels(context[:, :, :-1], joint)
        sets = len(kept) // len(context)
        mask = context[:, :1, -1:].repeat_interleave(sets, 0)
        projected: Tensor = self.context_fn(torch.cat((kept, mask), dim=2))
        return projected.reshape(-1, sets, *projected.shape[1:])

    def _encode(
        self, hidden: Tensor, embedding: Tensor, told: Iterator[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        skips = []
        for block in self.encoder_blocks:
            if isinstance(block, Block):
                hidden = block(hidden, embedding, next(told, None))
                skips.append(hidden)
            else:
                hidden = block(hidden)
        return hidden, skips

    def _widths(self) -> list[tuple[int, int]]:
        """Each level's (width on its side of the resampling, width below it)."""
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
            across_channels=config.joint_channels == 1,
        )

    def _block_controls(self) -> nn.ModuleList:
        """A projection for each block of the encoder, the first of the middle, and those of the decoder."""
        config = self.config
        ways: list[tuple[int, int]] = []  # the width of each block of the encoder, and its stride
        back: list[tuple[int, int]] = []
        stride = 1
        for level, (shallow, deep) in enumerate(self._widths()):
            layers = config.n_block_layers[level]
            ways += [(deep, stride)] * layers
            back += [(shallow, stride)] + [(deep, stride)] * (layers - 1)
            stride *= 2 if config.has_resampling[level] else 1
        middle = (config.d_base * config.d_multipliers[-1], stride)
        return nn.ModuleList(
            BlockControls(config.d_base, width, stride) for width, stride in (*ways, middle, *reversed(back))
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


def _join_channels(x: Tensor, joint: int) -> Tensor:
    """(B, C, M, T) to (B * C / joint, 1, joint * M, T); the last channel is repeated to fill the last set."""
    _, channels, mels, frames = x.shape
    if missing := -channels % joint:
        x = torch.cat((x, x[:, -1:].expand(-1, missing, -1, -1)), dim=1)
    return x.reshape(-1, 1, joint * mels, frames)
