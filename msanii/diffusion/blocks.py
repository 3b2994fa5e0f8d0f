"""Building blocks of the U-Net and the paper's vocoder (section 3.1); names follow the published checkpoint.

Shapes: B batch, D features, C audio channels, T frames, E timestep width.
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# With fewer positions PyTorch's group norm for channels_last is slow: 50 ms for a millisecond's work.
_FEWEST_ROWS = 1024


def is_channels_last(x: Tensor) -> bool:
    """Whether the features (B, D, C, T) of one position lie side by side in memory."""
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()


class FeatureFirst(nn.Module):
    """Swap features and audio channels: (B, C, D, T) <-> (B, D, C, T)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


class InstanceNorm(nn.Module):
    """Instance norm without affine parameters over (C, T), with sums in float32 for any input type."""

    eps = 1e-5

    def forward(self, x: Tensor) -> Tensor:
        if not is_channels_last(x):
            return self._by_feature(x)
        if x.shape[2] * x.shape[3] < _FEWEST_ROWS:
            return self._in_passes(x)
        # Groups of one feature: the same norm, whose kernel reads this layout as it lies.
        return torch.group_norm(x, x.shape[1], None, None, self.eps, torch.backends.cudnn.enabled)

    def _in_passes(self, x: Tensor) -> Tensor:
        centred = x - x.mean((2, 3), keepdim=True, dtype=torch.float32)
        variance = centred.square().mean((2, 3), keepdim=True)
        return (centred * torch.rsqrt(variance + self.eps)).to(x.dtype)

    def _by_feature(self, x: Tensor) -> Tensor:
        # `functional.instance_norm` is the same but refuses a single frame, all that short audio may leave.
        return torch.instance_norm(
            x, None, None, None, None, True, 0.0, self.eps, torch.backends.cudnn.enabled
        )


class GELU(nn.GELU):
    """PyTorch's, of which oneDNN computes only what lies contiguous: twice as fast as the rest."""

    def forward(self, x: Tensor) -> Tensor:
        if not is_channels_last(x):
            return super().forward(x)
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def input_layer(d_in: int, d_model: int) -> nn.Sequential:
    """Tokens from mel frames: (B, C, d_in, T) -> (B, d_model, C, T) (section 3.1.1)."""
    return nn.Sequential(FeatureFirst(), nn.Conv2d(d_in, d_model, kernel_size=1))


def output_layer(d_out: int, d_model: int) -> nn.Sequential:
    """Frames from tokens: (B, d_model, C, T) -> (B, C, d_out, T) (section 3.1.1)."""
    return nn.Sequential(nn.Conv2d(d_model, d_out, kernel_size=1), FeatureFirst())


class TimestepEmbedding(nn.Module):
    """Sinusoidal embedding of the diffusion timestep, then a small MLP: (B,) -> (B, E, 1, 1)."""

    def __init__(self, d_timestep: int, d_hidden_factor: int) -> None:
        super().__init__()
        self.half_width = d_timestep // 2
        self.fn = nn.Sequential(
            nn.Linear(d_timestep, d_timestep * d_hidden_factor),
            nn.GELU(),
            nn.Linear(d_timestep * d_hidden_factor, d_timestep),
        )

    def forward(self, timestep: Tensor) -> Tensor:
        positions = torch.arange(self.half_width, device=timestep.device, dtype=torch.float32)
        frequencies = torch.exp(positions * (-math.log(10_000) / (self.half_width - 1)))
        angles = timestep.float()[:, None] * frequencies
        waves = torch.cat((angles.sin(), angles.cos()), dim=-1)
        embedding = cast(Tensor, self.fn(waves.to(cast(Tensor, self.fn[0].weight).dtype)))
        return embedding[:, :, None, None]


class ResidualBlock(nn.Module):
    """Norm, 3x3 convolution over (channel, time), timestep, 1x1 MLP, residual connection (section 3.1.2).

    Without `across_channels` the convolution is 1x3, for networks that take all channels as one.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        d_hidden_factor: int,
        dilation: int = 1,
        d_timestep: int | None = None,
        across_channels: bool = True,
    ) -> None:
        super().__init__()
        size, spread = ((3, 3), (dilation, dilation)) if across_channels else ((1, 3), (1, dilation))
        padding = (spread[0] * (size[0] // 2), dilation)
        self.in_fn = nn.Sequential(
            InstanceNorm(), nn.Conv2d(d_in, d_out, kernel_size=size, dilation=spread, padding=padding)
        )
        self.out_fn = nn.Sequential(
            GELU(),
            nn.Conv2d(d_out, d_out * d_hidden_factor, kernel_size=1),
            GELU(),
            nn.Conv2d(d_out * d_hidden_factor, d_out, kernel_size=1),
        )
        self.timestep_fn = nn.Conv2d(d_timestep, d_out, kernel_size=1) if d_timestep else None
        self.residual_fn = nn.Conv2d(d_in, d_out, kernel_size=1) if d_in != d_out else nn.Identity()

    def forward(
        self, x: Tensor, timestep_embedding: Tensor | None = None, controls: Tensor | None = None
    ) -> Tensor:
        hidden = self.in_fn(x)
        if self.timestep_fn is not None:
            hidden = hidden + self.timestep_fn(timestep_embedding)
        if controls is not None:
            hidden = hidden + controls
        return cast(Tensor, self.out_fn(hidden) + self.residual_fn(x))


class LinearAttention(nn.Module):
    """Linear attention over time, separately for each audio channel, with a residual (section 3.1.3)."""

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.in_fn = nn.Sequential(InstanceNorm(), nn.Conv2d(d_model, d_model * 3, kernel_size=1))
        self.out_fn = nn.Conv2d(d_model, d_model, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.in_fn(x)
        attend = self._attend_by_rows if is_channels_last(qkv) else self._attend
        return cast(Tensor, self.out_fn(attend(qkv)) + x)

    def _attend(self, qkv: Tensor) -> Tensor:
        batch, thrice, channels, frames = qkv.shape
        width = thrice // 3
        heads = qkv.reshape(batch, 3, self.n_heads, width // self.n_heads, channels, frames)
        query, key, value = heads.permute(1, 0, 4, 2, 3, 5)  # each (B, C, heads, D/heads, T)
        query = query.softmax(dim=-2) * (width // self.n_heads) ** -0.5
        key = key.softmax(dim=-1)
        context = torch.einsum("bchkt,bchvt->bchkv", key, value / frames)
        attended = torch.einsum("bchkv,bchkt->bhvct", context, query)
        return attended.reshape(batch, width, channels, frames)

    def _attend_by_rows(self, qkv: Tensor) -> Tensor:
        """The same for channels_last: reads and returns features that lie side by side."""
        batch, thrice, channels, frames = qkv.shape
        width = thrice // 3
        shape = (batch, channels, frames, 3, self.n_heads, width // self.n_heads)
        rows = qkv.permute(0, 2, 3, 1).reshape(shape)
        query, key, value = rows.unbind(3)  # each (B, C, T, heads, D/heads)
        query = query.softmax(dim=-1) * (width // self.n_heads) ** -0.5
        key = key.softmax(dim=2)
        context = torch.einsum("bcthk,bcthv->bchkv", key, value / frames)
        attended = torch.einsum("bchkv,bcthk->bcthv", context, query)
        return attended.reshape(batch, channels, frames, width).permute(0, 3, 1, 2)


class Block(nn.Module):
    """A residual block, then attention if the level has it; (B, d_in, C, T) -> (B, d_out, C, T).

    `controls` (B, d_out, 1, T), if any, join it with the timestep.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        d_hidden_factor: int,
        *,
        dilation: int,
        d_timestep: int,
        n_heads: int,
        has_attention: bool,
        across_channels: bool = True,
    ) -> None:
        super().__init__()
        self.residual_fn = ResidualBlock(d_in, d_out, d_hidden_factor, dilation, d_timestep, across_channels)
        self.attention_fn = LinearAttention(d_out, n_heads) if has_attention else nn.Identity()

    def forward(self, x: Tensor, timestep_embedding: Tensor, controls: Tensor | None = None) -> Tensor:
        return cast(Tensor, self.attention_fn(self.residual_fn(x, timestep_embedding, controls)))


class MiddleBlock(nn.Module):
    """Residual, attention, residual at the lowest resolution."""

    def __init__(
        self,
        d_model: int,
        d_hidden_factor: int,
        *,
        d_timestep: int,
        n_heads: int,
        across_channels: bool = True,
    ) -> None:
        super().__init__()
        self.in_residual_fn = ResidualBlock(
            d_model, d_model, d_hidden_factor, d_timestep=d_timestep, across_channels=across_channels
        )
        self.attention_fn = LinearAttention(d_model, n_heads)
        self.out_residual_fn = ResidualBlock(
            d_model, d_model, d_hidden_factor, d_timestep=d_timestep, across_channels=across_channels
        )

    def forward(self, x: Tensor, timestep_embedding: Tensor, controls: Tensor | None = None) -> Tensor:
        x = self.attention_fn(self.in_residual_fn(x, timestep_embedding, controls))
        return cast(Tensor, self.out_residual_fn(x, timestep_embedding))


def downsample(d_model: int) -> nn.Conv2d:
    """Halve the frames (section 3.1.4)."""
    return nn.Conv2d(d_model, d_model, kernel_size=(1, 3), stride=(1, 2), padding=(0, 1))


def upsample(d_model: int) -> nn.ConvTranspose2d:
    """Double the frames (section 3.1.4)."""
    return nn.ConvTranspose2d(d_model, d_model, kernel_size=(1, 4), stride=(1, 2), padding=(0, 1))


class ControlProjection(nn.Module):
    """Project frame-rate controls (B, K, T) to (B, D, 1, T), to be added to the embedded input.

    The last convolution starts at zero, so that controls do not change a new network.
    """

    def __init__(self, n_controls: int, d_model: int) -> None:
        super().__init__()
        self.mix = nn.Conv1d(n_controls, d_model, kernel_size=1)
        self.out = nn.Conv1d(d_model, d_model, kernel_size=3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(cast(Tensor, self.out.bias))

    def forward(self, controls: Tensor) -> Tensor:
        return cast(Tensor, self.out(self.mixed(controls)))[:, :, None, :]

    def mixed(self, controls: Tensor) -> Tensor:
        """Features (B, D, T) of all controls together."""
        return F.gelu(self.mix(controls))


class BlockControls(nn.Module):
    """Project mixed controls (B, D, T) for a block: (B, d_out, 1, T / stride), T / stride its frames.

    It starts at zero, so that it does not change the network that it joins.
    """

    def __init__(self, d_model: int, d_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.fn = nn.Conv1d(d_model, d_out, kernel_size=1)
        nn.init.zeros_(self.fn.weight)
        nn.init.zeros_(cast(Tensor, self.fn.bias))

    def forward(self, mixed: Tensor) -> Tensor:
        return cast(Tensor, self.fn(F.avg_pool1d(mixed, self.stride)))[:, :, None, :]


class ContextProjection(nn.Module):
    """Project the kept mel and its mask (B, C, M + 1, T) to (B, D, C, T), to be added to the embedded input.

    It starts at zero, so that context does not change a new network.
    """

    def __init__(self, d_in: int, d_model: int) -> None:
        super().__init__()
        self.fn = input_layer(d_in, d_model)
        nn.init.zeros_(cast(Tensor, self.fn[1].weight))
        nn.init.zeros_(cast(Tensor, self.fn[1].bias))

    def forward(self, context: Tensor) -> Tensor:
        return cast(Tensor, self.fn(context))


class Shortcut(nn.Module):
    """Add the noisy mel to the prediction, scaled by a learned factor for each feature and timestep.

    Noise has as many dimensions as the mel; without the shortcut all of it would have to pass the network.
    """

    def __init__(self, d_freq: int, d_timestep: int) -> None:
        super().__init__()
        self.fn = nn.Conv2d(d_timestep, d_freq, kernel_size=1)
        nn.init.zeros_(self.fn.weight)
        nn.init.zeros_(cast(Tensor, self.fn.bias))

    def forward(self, x: Tensor, timestep_embedding: Tensor) -> Tensor:
        return x * cast(Tensor, self.fn(timestep_embedding)).transpose(1, 2)
