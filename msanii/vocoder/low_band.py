"""Low band of a one-pass vocoder: the lowest octaves, synthesised with longer windows.

The partials of a bass at 41 Hz are 41 Hz apart, but the windows of the mel, and of a vocoder's STFT that is
short enough for attacks, resolve partials from 86 Hz on only. Closer partials beat within each bin, so that
no bin's phase advances steadily and the bass goes out of tune. Its pitch can still be read from the higher
partials in the mel: a small network does so, and carries the phases of bins 11 Hz apart.

Letters: B batch, C channels, N = B * C, M mels, T mel frames, K bins, W features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from msanii.config import LowBandConfig, TransformsConfig
from msanii.vocoder.blocks import (
    ChannelMix,
    ConvNeXtBlock,
    channel_mean,
    loudness_weights,
    mel_to_linear,
    normal_log_mel,
    pad_frames,
)
from msanii.vocoder.synthesis import FIRST_CONCENTRATION, Prediction, split_outputs


class LowBand(nn.Module):
    """Log-mel (B, C, M, T) to the predictions for the lowest K bins of windows of `n_fft` samples."""

    def __init__(self, config: LowBandConfig, transforms: TransformsConfig) -> None:
        super().__init__()
        self.config = config
        width = config.d_model
        self.embed = nn.Linear(config.n_mels * config.kernel, width)
        self.mix = ChannelMix(width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, config.d_hidden_factor, config.kernel, 1 / max(1, config.blocks))
            for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.envelope = nn.Linear(config.n_mels, config.bins)
        self.head = nn.Linear(width, 5 * config.bins)
        if not self.head.weight.is_meta:  # a network that is to be loaded has no memory yet
            self._set_first_weights(transforms)

    @torch.no_grad()
    def _set_first_weights(self, transforms: TransformsConfig) -> None:
        weight, bias = mel_to_linear(self.config.n_fft // 2 + 1, transforms)
        bins, mels = self.config.bins, self.config.n_mels
        self.envelope.weight.copy_(weight[:bins, :mels])
        self.envelope.bias.copy_(bias[:bins])
        self.head.bias.zero_()
        self.head.bias[3 * bins : 4 * bins] = FIRST_CONCENTRATION

    @property
    def reach(self) -> int:
        """The number of mel frames on either side that influence a frame's output."""
        return self.config.kernel // 2 * (1 + self.config.blocks)

    def forward(self, log_mel: Tensor, *, circular: bool = False) -> tuple[Tensor, Tensor]:
        """Return the head (N, T, 5 K) and the envelope (N, T, K), in the network's own type."""
        batch, channels, _, frames = log_mel.shape
        x = log_mel[:, :, : self.config.n_mels].transpose(2, 3).flatten(0, 1)  # (N, T, M)
        y = pad_frames(normal_log_mel(x), self.config.kernel // 2, circular=circular)
        y = self.embed(y.unfold(1, self.config.kernel, 1).flatten(2)).float()  # (N, T, W)
        y = self.mix(y.reshape(batch, channels, frames, -1)).flatten(0, 1)
        for block in self.blocks:
            y = block(y, circular=circular)
        head, envelope = self.head(self.norm(y)).float(), self.envelope(x).float()
        return self._in_phase(head, envelope, channels), envelope

    def _in_phase(self, head: Tensor, envelope: Tensor, channels: int) -> Tensor:
        """The head (N, T, 5 K) with phases shared by all channels of a clip, weighted by loudness.

        Phases carried separately drift apart, and the stereo image with them.
        """
        magnitude, vectors = torch.split(head, [envelope.shape[-1], 4 * envelope.shape[-1]], dim=-1)
        if channels == 1:
            return head
        shares = loudness_weights(envelope + magnitude, channels).repeat(1, 1, 1, 4)
        return torch.cat((magnitude, channel_mean(vectors, shares)), dim=-1)

    def read(self, head: Tensor, envelope: Tensor) -> Prediction:
        """Convert the outputs of `forward` to a prediction in float32."""
        return split_outputs(head, envelope, self.config.bins)
