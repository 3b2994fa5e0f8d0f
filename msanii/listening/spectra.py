"""What the network sees: the model's log-mel, and a spectrum of semitones.

The windows of the mel last 46 ms, which places attacks, but its bins are 21.5 Hz apart, and the main lobe of
a window is four bins wide: neighbouring keys below 1.5 kHz are one blur. The second spectrum, at the same
hop, has windows four times as long and three bins a semitone.

Shapes: B batch, L samples, M mels, P bins of pitch, T frames. Frame t is centred t * hop samples after the
start.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from msanii.listening.config import LOWEST_PITCH, PITCHES, ListenerConfig
from msanii.signal.transforms import LOG_FLOOR, Transforms

BINS_A_SEMITONE = 3
# Up to the fifth harmonic of the highest key, or as high as audio reaches.
_OVERTONE_SEMITONES = 28
PITCH_BINS = (PITCHES + _OVERTONE_SEMITONES) * BINS_A_SEMITONE
# Rough mean and standard deviation of both in music.
_TYPICAL, _SPREAD = -3.0, 3.0
FLOOR = (torch.log(torch.tensor(LOG_FLOOR)).item() - _TYPICAL) / _SPREAD
_LOUDNESS = 0.1
_MOST_GAIN = 100.0


class Spectra(nn.Module):
    """Mono waveforms to both spectra. It has no weights: its buffers follow from the configuration."""

    bank: Tensor
    window: Tensor

    def __init__(self, config: ListenerConfig) -> None:
        super().__init__()
        self.config = config
        self.transforms = Transforms(config.transforms).eval()
        bank = pitch_bank(config.pitch_n_fft, config.transforms.sample_rate)
        self.register_buffer("bank", bank, persistent=False)
        self.register_buffer("window", torch.hann_window(config.pitch_n_fft), persistent=False)

    @torch.no_grad()
    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """(B, L) to normal log-mel (B, M, T) and pitch spectrum (B, P, T).

        L is at least `shortest_samples`.
        """
        mel = self.transforms.log_mel(waveform)
        n_fft = self.config.pitch_n_fft
        spectrum = torch.stft(
            waveform, n_fft, self.config.transforms.hop_length, window=self.window, return_complex=True
        )
        # The same tone is as loud in both, though the long window sums four times as many samples.
        magnitude = spectrum.abs() * (self.config.transforms.n_fft / n_fft)
        pitch = torch.log(self.bank @ magnitude + LOG_FLOOR)
        return normal(mel), normal(pitch)

    @property
    def shortest_samples(self) -> int:
        """The shortest waveform that can be padded by reflection."""
        return self.config.pitch_n_fft // 2 + 1


def normal(log_magnitude: Tensor) -> Tensor:
    """Log magnitudes with about zero mean and unit variance."""
    return (log_magnitude - _TYPICAL) / _SPREAD


def levelled(waveform: Tensor) -> Tensor:
    """Waveforms (..., L) at one loudness, so that a quiet recording is heard; silence stays silence."""
    rms = waveform.square().mean(dim=-1, keepdim=True).sqrt()
    return waveform * (_LOUDNESS / rms.clamp(min=1e-9)).clamp(max=_MOST_GAIN)


def pitch_bank(n_fft: int, rate: int) -> Tensor:
    """Triangles (P, n_fft // 2 + 1) about each third of a semitone, at least a bin wide on each side."""
    steps = torch.arange(PITCH_BINS, dtype=torch.float64)
    # The middle one of the three bins of a key is on its pitch.
    semitones = LOWEST_PITCH + (steps - (BINS_A_SEMITONE - 1) / 2) / BINS_A_SEMITONE
    centres = 440 * 2 ** ((semitones - 69) / 12) * n_fft / rate
    widths = (centres * (2 ** (1 / (12 * BINS_A_SEMITONE)) - 1)).clamp(min=1.0)
    bins = torch.arange(n_fft // 2 + 1, dtype=torch.float64)
    bank = (1 - (bins - centres[:, None]).abs() / widths[:, None]).clamp(min=0)
    return (bank / bank.sum(dim=1, keepdim=True).clamp(min=1.0)).float()
