"""The one-pass vocoder's network: log-mel to all that its inverse STFT needs (Vocos, arXiv 2306.00814).

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames of the head's STFT, K bins, L samples.
"""

from __future__ import annotations

import torch
import torchaudio
from torch import Tensor, nn

from msanii.config import OnePassConfig, TransformsConfig
from msanii.one_pass_blocks import ChannelMix, ConvNeXtBlock, FrameSplit, pad_frames
from msanii.one_pass_synthesis import KnownPhase, Prediction, Synthesis

# Mean and spread of log-mels of music, roughly: the first layer should see values around one.
TYPICAL_LOG_MEL, SPREAD_LOG_MEL = -3.0, 3.0
# No window of music is louder: a bad mel must not become infinite.
LARGEST_LOG_MAGNITUDE = 8.0
# A new network takes a bin's phase to move as its middle does, with a concentration of
FIRST_CONCENTRATION = 4.0


class OnePassVocoder(nn.Module):
    """(B, C, M, T) unscaled log-mel to (B, C, L), L = (T - 1) * mel hop, or T * mel hop on a circle."""

    def __init__(self, config: OnePassConfig, transforms: TransformsConfig) -> None:
        super().__init__()
        self.config, self.hop = config, config.hop_length(transforms.hop_length)
        self.synthesis = Synthesis(config.n_fft, self.hop)
        self.bins = config.n_fft // 2 + 1
        width, blocks = config.d_model, config.mel_blocks + config.blocks

        def stack(count: int) -> nn.ModuleList:
            return nn.ModuleList(
                ConvNeXtBlock(width, config.d_hidden_factor, config.kernel, 1 / max(1, blocks))
                for _ in range(count)
            )

        self.embed = nn.Linear(config.n_mels * config.kernel, width)
        self.mixes = nn.ModuleList(ChannelMix(width) for _ in range(2 if config.stereo == "mixed" else 0))
        self.mel_blocks, self.split = stack(config.mel_blocks), FrameSplit(width, config.upsampling)
        self.blocks = stack(config.blocks)
        self.norm = nn.LayerNorm(width)
        self.envelope = nn.Linear(config.n_mels, self.bins)
        self.head = nn.Linear(width, 3 * self.bins + 2 * config.carried_bins)
        if not self.head.weight.is_meta:  # a network that is to be loaded has no memory yet
            self._set_first_weights(transforms)

    @torch.no_grad()
    def _set_first_weights(self, transforms: TransformsConfig) -> None:
        """Start from the mel's own envelope, with phases that move on as the middle of each bin does."""
        bank = torchaudio.functional.melscale_fbanks(
            self.bins, 0.0, transforms.sample_rate / 2, transforms.n_mels, transforms.sample_rate
        )  # (K, M)
        shares = bank / bank.sum(dim=1, keepdim=True).clamp(min=1e-3)
        self.envelope.weight.copy_(shares)
        self.envelope.bias.copy_(-(shares @ bank.sum(dim=0).clamp(min=1e-3).log()))
        self.head.bias.zero_()
        start = 3 * self.bins
        self.head.bias[start : start + self.config.carried_bins] = FIRST_CONCENTRATION

    @property
    def reach(self) -> int:
        """How many mel frames before and after a frame of the mel have a part in its sound."""
        config = self.config
        side = config.kernel // 2
        # The embedding, the blocks, and the successor that each frame is split with.
        return side * (1 + config.mel_blocks) + 1 + -(-side * config.blocks // config.upsampling)

    def forward(self, log_mel: Tensor, *, circle_samples: int | None = None) -> Tensor:
        """The waveform (B, C, L), float32; on a circle L is `circle_samples`, at or near T * mel hop."""
        prediction = self.predict(log_mel, circular=circle_samples is not None)
        return self.waveform(prediction, log_mel.shape[1], circle_samples=circle_samples)

    def waveform(
        self,
        prediction: Prediction,
        channels: int,
        *,
        circle_samples: int | None = None,
        known: KnownPhase | None = None,
    ) -> Tensor:
        """What a prediction for B * channels sequences sounds like, (B, C, L)."""
        if circle_samples is None:
            line = self.synthesis.line(prediction, known)
        else:
            line = self.synthesis.circle(prediction, circle_samples, known)
        return line.reshape(-1, channels, line.shape[1])

    def predict(self, log_mel: Tensor, *, circular: bool = False) -> Prediction:
        """Magnitudes and phases for mel (B, C, M, T): J = (T - 1) * upsampling + 1, or T * upsampling."""
        return self.read(*self.outputs(log_mel, circular=circular))

    def outputs(self, log_mel: Tensor, *, circular: bool = False) -> tuple[Tensor, Tensor]:
        """All that is computed in the network's own type: its head (N, J, ...) and the envelope (N, J, K)."""
        channels, mels, frames = log_mel.shape[1:]
        x = log_mel.transpose(2, 3).reshape(-1, frames, mels)  # (N, T, M)
        y = pad_frames((x - TYPICAL_LOG_MEL) / SPREAD_LOG_MEL, self.config.kernel // 2, circular=circular)
        y = self.embed(y.unfold(1, self.config.kernel, 1).flatten(2)).float()  # (N, T, W)
        y = self._mixed(0, y, channels)
        for block in self.mel_blocks:
            y = block(y, circular=circular)
        y = self._mixed(1, self.split(y, circular=circular), channels)
        for block in self.blocks:
            y = block(y, circular=circular)
        count = y.shape[1] if circular else (frames - 1) * self.config.upsampling + 1
        return self.head(self.norm(y[:, :count])).float(), self._envelope(x, count)

    def _mixed(self, place: int, y: Tensor, channels: int) -> Tensor:
        if not self.mixes:
            return y
        mixed: Tensor = self.mixes[place](y.reshape(-1, channels, *y.shape[1:]))  # (B, C, T, W)
        return mixed.flatten(0, 1)

    def _envelope(self, log_mel: Tensor, count: int) -> Tensor:
        """The log-mel (N, T, M) as log magnitudes (N, count, K), each frame held until the next."""
        envelope: Tensor = self.envelope(log_mel)
        return envelope.float().repeat_interleave(self.config.upsampling, dim=1)[:, :count]

    def read(self, head: Tensor, envelope: Tensor) -> Prediction:
        """What `outputs` say, in float32."""
        bins, carried = self.bins, self.config.carried_bins
        magnitude, *vectors = torch.split(head, [bins, bins, bins, carried, carried], dim=-1)
        entry, motion = torch.complex(*vectors[:2]), torch.complex(*vectors[2:])
        return Prediction((envelope + magnitude).clamp(max=LARGEST_LOG_MAGNITUDE), entry, motion)
