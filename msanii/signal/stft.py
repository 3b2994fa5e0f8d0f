"""The short-time Fourier transform in steps, so that Griffin-Lim can work on a few frames at a time.

Letters: N batch and channels, L samples, T frames, t some of them, F linear bins (n_fft / 2 + 1). Frames come
last but one: nothing is transposed in Griffin-Lim's loop. Periodic Hann window of n_fft samples, no
normalisation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

# Where the windows hardly cover a sample, dividing by their sum would amplify rounding errors.
SMALLEST_COVER = 1e-4
# Frames worked on at once on a CPU. Measured: 64 to 256 take half the time of the whole spectrum at once.
_CPU_SPAN = 128


class Stft(ABC):
    """Both directions, (N, L) <-> (N, T, F), of waveforms of one length."""

    n_fft: int
    frames: int
    window: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """The spectrum (N, T, F) of a waveform (N, L)."""
        frames = self.frames_of(self.padded(waveform), slice(None))
        spectrum: Tensor = torch.fft.rfft(frames * self.window)
        return spectrum

    def inverse(self, spectrum: Tensor) -> Tensor:
        """The waveform (N, L) whose spectrum is nearest to (N, T, F) in the least squares."""
        line = self.empty_line(spectrum.shape[0])
        self.add(line, spectrum, 0)
        return self.finish(line)

    def span(self, waveform: Tensor) -> int:
        """How many frames of a waveform (N, L) to work on at once."""
        return max(1, _CPU_SPAN // waveform.shape[0]) if waveform.device.type == "cpu" else self.frames

    @abstractmethod
    def padded(self, waveform: Tensor) -> Tensor:
        """The waveform (N, L), continued on both sides as far as the frames reach."""

    @abstractmethod
    def frames_of(self, padded: Tensor, span: slice) -> Tensor:
        """(N, t, n_fft): some of the frames of a padded waveform."""

    @abstractmethod
    def empty_line(self, count: int) -> Tensor:
        """Room for what `add` puts together of `count` waveforms."""

    @abstractmethod
    def add(self, line: Tensor, spectrum: Tensor, start: int) -> None:
        """Put the frames of spectrum (N, t, F) into `line`, the first of them at frame `start`."""

    @abstractmethod
    def finish(self, line: Tensor) -> Tensor:
        """The waveform (N, L) that the frames in `line` overlap to."""


class CentredStft(Stft):
    """Centred frames `hop` samples apart, edges reflected."""

    def __init__(self, n_fft: int, hop: int, frames: int, samples: int, device: torch.device) -> None:
        self.n_fft, self.hop, self.frames, self.samples = n_fft, hop, frames, samples
        self.window = torch.hann_window(n_fft, device=device)
        cover = self.empty_line(1)
        self._overlap_add(cover, self.window.square().expand(1, frames, n_fft), 0)
        self._gain = self._crop(cover).clamp(min=SMALLEST_COVER).reciprocal()

    def padded(self, waveform: Tensor) -> Tensor:
        centred = functional.pad(waveform, (self.n_fft // 2, self.n_fft // 2), mode="reflect")
        short = (self.frames - 1) * self.hop + self.n_fft - centred.shape[-1]
        return functional.pad(centred, (0, max(0, short)))

    def frames_of(self, padded: Tensor, span: slice) -> Tensor:
        return padded.unfold(-1, self.n_fft, self.hop)[:, : self.frames][:, span]

    def empty_line(self, count: int) -> Tensor:
        blocks = self.frames + self.n_fft // self.hop - 1
        return torch.zeros(count, blocks, self.hop, device=self.window.device)

    def add(self, line: Tensor, spectrum: Tensor, start: int) -> None:
        self._overlap_add(line, torch.fft.irfft(spectrum, n=self.n_fft).mul_(self.window), start)

    def finish(self, line: Tensor) -> Tensor:
        return self._crop(line) * self._gain

    def _overlap_add(self, line: Tensor, frames: Tensor, start: int) -> None:
        count = self.n_fft // self.hop
        blocks = frames.reshape(*frames.shape[:2], count, self.hop)
        for block in range(count):
            line[:, start + block : start + block + frames.shape[1]] += blocks[:, :, block]

    def _crop(self, line: Tensor) -> Tensor:
        return line.reshape(line.shape[0], -1)[:, self.n_fft // 2 : self.n_fft // 2 + self.samples]
