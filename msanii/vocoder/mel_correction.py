"""A vocoder's sound brought to the mel that was heard: each frame is scaled to it, band by band, three times.

Where phases do not fit, overlapping windows cancel, and they smear an attack over their own length; both
stand in the mel of the sound. Letters: N batch times channels, L samples, M mels, T mel frames, F bins.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from msanii.signal.split_complex import SplitComplex
from msanii.signal.transforms import LOG_FLOOR, Transforms
from msanii.vocoder.blocks import mel_to_linear
from msanii.vocoder.synthesis import OverlapAdd, Synthesis

# In log magnitude, 17 dB and then twice 4: what is further off is no error of phases, and overlapping windows
# take back only a part of what each frame is scaled by. For that it is scaled by more, and again: after one
# plain pass the mels are 0.116 apart (22 clips), after two and three relaxed ones 0.081 and 0.069.
MOST_LOG_GAINS = (2.0, 0.5, 0.5)
RELAXATION = 1.3


class MelCorrection:
    """Passes over a sound, with the windows of the mel itself."""

    def __init__(self, transforms: Transforms) -> None:
        config = transforms.config
        self.synthesis = Synthesis(config.n_fft, config.hop_length)
        self._bank = cast(Tensor, transforms.mel_scale.fb)  # (F, M)
        # What each band has in each bin; a bin of none stays as it is.
        self._shares = mel_to_linear(config.n_fft // 2 + 1, config)[0].T.to(self._bank)

    def correct(self, spectrum: Tensor, log_mel: Tensor, most: float) -> Tensor:
        """A spectrum (N, T, F), scaled towards the mel (N, T, M), its logarithm by at most `most`."""
        heard = (spectrum.abs() @ self._bank + LOG_FLOOR).log()
        gain = (RELAXATION * (log_mel - heard)).clamp(-most, most)
        return SplitComplex.of(spectrum).scaled((gain @ self._shares).exp()).complex()


class CorrectionStream:
    """Corrects sound as it comes, behind it by some windows: in pieces what the whole would be at once."""

    def __init__(self, correction: MelCorrection) -> None:
        self._passes = [_Pass(correction, most) for most in MOST_LOG_GAINS]

    def push_mel(self, log_mel: Tensor) -> None:
        """More mel (N, t, M), before the sound of its frames is pushed."""
        for one in self._passes:
            one.push_mel(log_mel)

    def push(self, waveform: Tensor, *, last: bool = False) -> Tensor:
        """More sound (N, l): what is certain of it, (N, l'). With `last` all the rest."""
        for one in self._passes:
            waveform = one.push(waveform, last=last)
        return waveform


class _Pass:
    """One of them."""

    def __init__(self, correction: MelCorrection, most: float) -> None:
        self._most = most
        self._correction, self._overlap = correction, OverlapAdd(correction.synthesis)
        self._mel: Tensor | None = None  # the mel of the frames that are not done
        self._waveform: Tensor | None = None  # from the start of the first of them on
        self._recent: Tensor | None = None  # the last samples, which the end reflects
        self._begun = False

    def push_mel(self, log_mel: Tensor) -> None:
        self._mel = _joined(self._mel, log_mel)

    def push(self, waveform: Tensor, *, last: bool) -> Tensor:
        synthesis = self._correction.synthesis
        half = synthesis.n_fft // 2
        self._waveform = _joined(self._waveform, waveform)
        self._recent = _joined(self._recent, waveform)[:, -half - 1 :]
        if not self._begun and self._waveform.shape[1] <= half:
            # What is shorter than half a window cannot be reflected, and stays as it is.
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
