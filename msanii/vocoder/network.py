"""Network of the one-pass vocoder: log-mel to the inputs of its inverse STFT (Vocos, arXiv 2306.00814).

Letters: B batch, C channels, N = B * C, M mels, T mel frames, J frames of the head's STFT, K bins, L samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from msanii.config import LowBandConfig, OnePassConfig, TransformsConfig
from msanii.vocoder.blocks import (
    ChannelMix,
    ConvNeXtBlock,
    FrameSplit,
    mel_to_linear,
    normal_log_mel,
    pad_frames,
)
from msanii.vocoder.low_band import LowBand
from msanii.vocoder.stereo_width import StereoWidth, phase_offsets, share_phases
from msanii.vocoder.synthesis import FIRST_CONCENTRATION, KnownPhase, Prediction, Synthesis, split_outputs


class OnePassVocoder(nn.Module):
    """(B, C, M, T) unscaled log-mel to (B, C, L), L = (T - 1) * mel hop, or T * mel hop on a circle.

    Its output is that of a single synthesis, or with a low band the sum of two; predictions are in their
    order.
    """

    def __init__(self, config: OnePassConfig, transforms: TransformsConfig) -> None:
        super().__init__()
        self.config, self.hop = config, config.hop_length(transforms.hop_length)
        self.bins = config.n_fft // 2 + 1
        self.syntheses: tuple[Synthesis, ...] = (Synthesis(config.n_fft, self.hop),)
        self.low: LowBand | None = None
        if config.low is not None:
            self.syntheses = (
                Synthesis(config.n_fft, self.hop, _rest(config.low, config.n_fft)),
                Synthesis(config.low.n_fft, transforms.hop_length, config.low.shares(config.low.n_fft)),
            )
            self.low = LowBand(config.low, transforms)
        self.bin_hz = tuple(transforms.sample_rate / synthesis.n_fft for synthesis in self.syntheses)
        self.sides: StereoWidth | None = None
        if config.sides is not None:
            self.offset_bins = [config.sides.bins, *([] if config.low is None else [config.low.bins])]
            self.sides = StereoWidth(config.sides, config.n_mels, sum(self.offset_bins))
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
        """Start from the mel's own envelope, with phases that advance at each bin's centre frequency."""
        weight, bias = mel_to_linear(self.bins, transforms)
        self.envelope.weight.copy_(weight)
        self.envelope.bias.copy_(bias)
        self.head.bias.zero_()
        start = 3 * self.bins
        self.head.bias[start : start + self.config.carried_bins] = FIRST_CONCENTRATION

    @property
    def reach(self) -> int:
        """The number of mel frames on either side that influence a frame's audio."""
        config = self.config
        side = config.kernel // 2
        # The embedding, the blocks, and the next frame, which `split` uses.
        main = side * (1 + config.mel_blocks) + 1 + -(-side * config.blocks // config.upsampling)
        return max([main, *(part.reach for part in (self.low, self.sides) if part is not None)])

    @property
    def frames_per_mel(self) -> tuple[int, ...]:
        """The frames of each synthesis per mel frame."""
        return (self.config.upsampling, 1)[: len(self.syntheses)]

    def forward(self, log_mel: Tensor, *, circle_samples: int | None = None) -> Tensor:
        """Return the waveform (B, C, L), float32; on a circle L is `circle_samples`, about T * mel hop."""
        predictions = self.predict(log_mel, circular=circle_samples is not None)
        return self.waveform(predictions, log_mel.shape[1], circle_samples=circle_samples)

    def waveform(
        self,
        predictions: Sequence[Prediction],
        channels: int,
        *,
        circle_samples: int | None = None,
        known: Sequence[KnownPhase] | None = None,
    ) -> Tensor:
        """Synthesise the predictions of B * channels sequences: (B, C, L)."""
        phases = [None] * len(predictions) if known is None else known
        bands = zip(self.syntheses, predictions, phases, strict=True)
        waveforms = [
            synthesis.waveform(prediction, phase)
            if circle_samples is None
            else synthesis.loop(prediction, circle_samples, phase)
            for synthesis, prediction, phase in bands
        ]
        waveform = torch.stack(waveforms).sum(dim=0)
        return waveform.reshape(-1, channels, waveform.shape[1])

    def predict(self, log_mel: Tensor, *, circular: bool = False) -> tuple[Prediction, ...]:
        """Predict for mel (B, C, M, T): J = (T - 1) * upsampling + 1, or T * upsampling; low band: T."""
        return self.read(*self.outputs(log_mel, circular=circular))

    def outputs(self, log_mel: Tensor, *, circular: bool = False) -> tuple[Tensor, ...]:
        """Return each network's outputs in its own type: head (N, J, ...) and envelope (N, J, K).

        For stereo also the log odds of the side channel's energy, (B, T, S).
        """
        made = self._main_outputs(log_mel, circular=circular)
        if self.low is not None:
            made += self.low(log_mel, circular=circular)
        if self.sides is not None and log_mel.shape[1] == 2:
            made += (self.sides(log_mel, circular=circular),)
        return made

    def _main_outputs(self, log_mel: Tensor, *, circular: bool) -> tuple[Tensor, ...]:
        channels, mels, frames = log_mel.shape[1:]
        x = log_mel.transpose(2, 3).reshape(-1, frames, mels)  # (N, T, M)
        y = pad_frames(normal_log_mel(x), self.config.kernel // 2, circular=circular)
        y = self.embed(y.unfold(1, self.config.kernel, 1).flatten(2)).float()  # (N, T, W)
        y = self._mixed(0, y, channels)
        for block in self.mel_blocks:
            y = block(y, circular=circular)
        y = self._mixed(1, self.split(y, circular=circular), channels)
        for block in self.blocks:
            y = block(y, circular=circular)
        count = y.shape[1] if circular else (frames - 1) * self.config.upsampling + 1
        return self.head(self.norm(y[:, :count])), self._envelope(x, count)

    def _mixed(self, place: int, y: Tensor, channels: int) -> Tensor:
        if not self.mixes:
            return y
        mixed: Tensor = self.mixes[place](y.reshape(-1, channels, *y.shape[1:]))  # (B, C, T, W)
        return mixed.flatten(0, 1)

    def _envelope(self, log_mel: Tensor, count: int) -> Tensor:
        """The log-mel (N, T, M) as log magnitudes (N, count, K), each frame held until the next."""
        envelope: Tensor = self.envelope(log_mel)
        return _held(envelope.float(), self.config.upsampling, count)

    def read(self, head: Tensor, envelope: Tensor, *others: Tensor) -> tuple[Prediction, ...]:
        """Convert `outputs` to predictions in float32."""
        predictions = [split_outputs(head, envelope, self.config.carried_bins)]
        if self.low is not None:
            predictions.append(self.low.read(*others[:2]))
        sides = others[2 * (len(predictions) - 1) :]
        if not sides:
            return tuple(predictions)
        # The low band's channels share their phases already.
        predictions[0] = share_phases(predictions[0], self.offset_bins[0])
        odds = torch.split(sides[0], self.offset_bins, dim=-1)
        pairs = zip(predictions, odds, self.frames_per_mel, self.bin_hz, strict=True)
        return tuple(
            replace(one, phase_offset=phase_offsets(_held(part, factor, one.log_magnitude.shape[1]), hertz))
            for one, part, factor, hertz in pairs
        )


def _held(waveform: Tensor, factor: int, count: int) -> Tensor:
    """Repeat each frame of (N, T, K) `factor` times, up to `count` frames."""
    return waveform.repeat_interleave(factor, dim=1)[:, :count]


def _rest(low: LowBandConfig, n_fft: int) -> tuple[float, ...]:
    """The share of each bin, in windows of `n_fft` samples, that the low band leaves to the main band."""
    shares = low.shares(n_fft)
    return tuple(1 - share for share in shares) + (1.0,) * (n_fft // 2 + 1 - len(shares))
