"""Correction of a vocoder's output: its frames are scaled to the target mel, band by band, in three passes.

Overlapping windows whose phases disagree cancel in part, and smear attacks over a window's length; both show
in the output's mel. Letters: N batch times channels, L samples, M mels, T mel frames, F bins.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from msanii.signal.split_complex import SplitComplex
from msanii.signal.transforms import LOG_FLOOR, Transforms
from msanii.vocoder.blocks import mel_to_linear
from msanii.vocoder.synthesis import OverlapAdd, Synthesis

# Limits of the gain in nats: 17 dB, then 4 dB twice; larger differences are not phase errors. Overlap-add
# undoes part of each gain, hence over-relaxation and more than one pass: the mels differ by 0.116 after one
# plain pass (22 clips), and by 0.081 and 0.069 after two and three over-relaxed passes.
MOST_LOG_GAINS = (2.0, 0.5, 0.5)
RELAXATION = 1.3


class MelCorrection:
    """Scales spectra with the mel's own windows towards a target mel."""

    def __init__(self, transforms: Transforms) -> None:
        config = transforms.config
        self.synthesis = Synthesis(config.n_fft, config.hop_length)
        self._bank = cast(Tensor, transforms.mel_scale.fb)  # (F, M)
        # The bands' weights in each bin; a bin of no band keeps its level.
        self._shares = mel_to_linear(config.n_fft // 2 + 1, config)[0].T.to(self._bank)

    def correct(self, spectrum: Tensor, log_mel: Tensor, most: float) -> Tensor:
        """Scale a spectrum (N, T, F) towards the mel (N, T, M), by at most `most` nats."""
        current = (spectrum.abs() @ self._bank + LOG_FLOOR).log()
        gain = (RELAXATION * (log_mel - current)).clamp(-most, most)
        return SplitComplex.of(spectrum).scaled((gain @ self._shares).exp()).complex()


class CorrectionStream:
    """Corrects audio as it arrives, a few windows behind; the pieces equal the correction of the whole."""

    def __init__(self, correction: MelCorrection) -> None:
        self._passes = [_Pass(correction, most) for most in MOST_LOG_GAINS]

    def push_mel(self, log_mel: Tensor) -> None:
        """Add mel frames (N, t, M); call before pushing their audio."""
        for one in self._passes:
            one.push_mel(log_mel)

    def push(self, waveform: Tensor, *, last: bool = False) -> Tensor:
        """Add audio (N, l) and return what is final of it, (N, l'), or with `last` all the rest."""
        for one in self._passes:
            waveform = one.push(waveform, last=last)
        return waveform


class _Pass:
    """One pass of the correction."""

    def __init__(self, correction: MelCorrection, most: float) -> None:
        self._most = most
        self._correction, self._overlap = correction, OverlapAdd(correction.synthesis)
        self._mel: Tensor | None = None  # frames not processed yet
        self._waveform: Tensor | None = None  # from the first of those frames on
        self._recent: Tensor | None = None  # the last samples, to reflect at the end
        self._begun = False

    def push_mel(self, log_mel: Tensor) -> None:
        self._mel = _joined(self._mel, log_mel)

    def push(self, waveform: Tensor, *, last: bool) -> Tensor:
        synthesis = self._correction.synthesis
        half = synthesis.n_fft // 2
        self._waveform = _joined(self._waveform, waveform)
        self._recent = _joined(self._recent, waveform)[:, -half - 1 :]
        if not self._begun and self._waveform.shape[1] <= half:
            # Too short for reflection: leave it uncorrected.
            return self._waveform if last else waveform[:, :0]
        if not self._begun:
            self._begun = True
            self._waveform = torch.cat((self._waveform[:, 1 : half + 1].flip(1), self._waveform), dim=1)
        if last:
            self._waveform = torch.cat((self._waveform, self._recent[:, :-1].flip(1)), dim=1)
        return self._done(self._waveform, last=last)

    def _done(self, waveform: Tensor, *, last: bool) -> Tensor:
        synthesis = self._correction.synthesis
        count = (waveform.shape[1] - synthesis.n_fft) // synthesis.hop + 1
        if count < 1 or self._mel is None:
            return waveform[:, :0]
        spectrum = synthesis.analyse_frames(waveform[:, : (count - 1) * synthesis.hop + synthesis.n_fft])
        spectrum = self._correction.correct(spectrum, self._mel[:, :count], self._most)
        made = self._overlap.add(spectrum, last=last)
        self._waveform, self._mel = waveform[:, count * synthesis.hop :], self._mel[:, count:]
        return made


def _joined(before: Tensor | None, after: Tensor) -> Tensor:
    return after if before is None else torch.cat((before, after), dim=1)
