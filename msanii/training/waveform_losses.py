"""Losses between waveforms, for vocoders that synthesise waveforms.

Letters: N sequences, L samples, K bins, J frames. Each loss is a mean, so that a weight means the same for
any clip length.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torchaudio
from torch import Tensor

from msanii.signal.split_complex import SplitComplex

# About 100 dB below a full-scale sine: anything softer counts as silence.
LOG_FLOOR = 1e-3
SMALLEST_POWER = 1e-9
# Below this bin, a window of 2,048 samples cannot resolve octaves.
LOWEST_BIN = 2


@dataclass(frozen=True)
class Weights:
    """The weight of each loss."""

    convergence: float
    log_magnitude: float
    mel: float
    phase: float


def waveform_loss(
    predicted: Tensor, target: Tensor, sizes: Sequence[int], weights: Weights, *, mel: Mel | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Weighted sum over STFTs of `sizes` of the losses between (N, L) and (N, L), and each loss unweighted.

    Includes the mel loss if `mel` is given.
    """
    parts = {name: predicted.new_zeros(()) for name in ("convergence", "log_magnitude", "phase")}
    for size in sizes:
        ours, theirs = spectrum(predicted, size), spectrum(target, size)
        magnitudes = magnitude(ours), magnitude(theirs)
        parts["convergence"] = parts["convergence"] + convergence(*magnitudes) / len(sizes)
        parts["log_magnitude"] = parts["log_magnitude"] + log_distance(*magnitudes) / len(sizes)
        parts["phase"] = parts["phase"] + phase_motion(ours, theirs, *magnitudes) / len(sizes)
    if mel is not None:
        parts["mel"] = (mel(predicted) - mel(target)).abs().mean()
    total = sum((getattr(weights, name) * part for name, part in parts.items()), predicted.new_zeros(()))
    return total, {name: part.detach() for name, part in parts.items()}


def spectrum(waveform: Tensor, size: int) -> Tensor:
    """Complex STFT (N, J, K) of (N, L): Hann windows of `size` a quarter apart, without padding."""
    window = torch.hann_window(size, device=waveform.device)
    bins: Tensor = torch.fft.rfft(waveform.unfold(1, size, size // 4) * window)
    return bins


def magnitude(spectrum: Tensor) -> Tensor:
    """Magnitude, with a finite gradient at zero."""
    return torch.sqrt(spectrum.real.square() + spectrum.imag.square() + SMALLEST_POWER)


def convergence(predicted: Tensor, target: Tensor) -> Tensor:
    """Spectral convergence of magnitudes (N, J, K), averaged over clips; near-silent clips count less."""
    distance = torch.linalg.vector_norm(target - predicted, dim=(1, 2))
    share: Tensor = distance / torch.linalg.vector_norm(target, dim=(1, 2)).clamp(min=1.0)
    return share.mean()


def log_distance(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of log magnitudes."""
    return (torch.log(predicted + LOG_FLOOR) - torch.log(target + LOG_FLOOR)).abs().mean()


def phase_motion(predicted: Tensor, target: Tensor, ours: Tensor, theirs: Tensor) -> Tensor:
    """Distance of the phase steps in time and frequency between two spectra (N, J, K): 0 equal, 2 opposite.

    `ours` and `theirs` are their magnitudes. Steps are compared because a mel does not determine the absolute
    phase. The weight is the square root of the target's magnitude, so that soft partials count too
    (anti-wrapping losses: arXiv 2305.07952).
    """
    total = predicted.new_zeros((), dtype=torch.float32)
    for axis in (1, 2):
        steps, wanted = _step(predicted, axis), _step(target, axis)
        agreement = steps.real * wanted.real + steps.imag * wanted.imag
        sizes = _product(ours, axis), _product(theirs, axis)
        weight = sizes[1].sqrt()
        error = weight * (1 - agreement / (sizes[0] * sizes[1]))
        total = total + error.sum() / weight.sum().clamp(min=1.0) / 2
    return total


def _step(spectrum: Tensor, axis: int) -> Tensor:
    count = spectrum.shape[axis] - 1
    return spectrum.narrow(axis, 1, count) * spectrum.narrow(axis, 0, count).conj()


def _product(size: Tensor, axis: int) -> Tensor:
    count = size.shape[axis] - 1
    return size.narrow(axis, 1, count) * size.narrow(axis, 0, count)


def motion_loss(motion: SplitComplex, target: Tensor, *, n_fft: int, hop: int) -> Tensor:
    """Negative log likelihood of the phase steps of (N, L) from frame to frame, under the predicted motion.

    `motion` (N, J, K) holds the parameter of a von Mises distribution of each step, relative to the step of
    the bin's centre frequency, for the lowest K bins of centred windows. Weighted by the root of the step's
    magnitude, and equally by octave: the same phase error detunes a bass far more than a treble.
    """
    # Skip windows that reach over an edge: the phase of their reflected part runs backwards.
    edge, window = n_fft // 2 // hop, torch.hann_window(n_fft, device=target.device)
    count = motion.real.shape[2]
    bins = torch.fft.rfft(target.unfold(1, n_fft, hop) * window)[..., :count]
    step = _step(bins, 1)
    numbers = torch.arange(count, device=target.device)
    middle = numbers * (2 * torch.pi * hop / n_fft)
    size = step.abs()
    weight = size.sqrt() / numbers.clamp(min=LOWEST_BIN)
    wanted = step / size.clamp(min=SMALLEST_POWER) * torch.polar(torch.ones_like(middle), -middle)
    ours = motion.map(lambda part: part[:, edge + 1 : edge + bins.shape[1]])
    concentration = ours.magnitude()
    agreement = ours.real * wanted.real + ours.imag * wanted.imag
    # log I0(k) - agreement, with I0 as exp(k) * i0e(k): neither overflows.
    surprise = concentration - agreement + torch.log(torch.special.i0e(concentration))
    return (weight * surprise).sum() / weight.sum().clamp(min=1.0)


class Mel:
    """Log-mels of waveforms (N, L), with a hop of a quarter window so that every sample counts."""

    def __init__(self, *, n_fft: int, n_mels: int, rate: int) -> None:
        self.n_fft = n_fft
        self._bank = functools.partial(
            torchaudio.functional.melscale_fbanks, n_fft // 2 + 1, 0.0, rate / 2, n_mels, rate
        )
        self._banks: dict[torch.device, Tensor] = {}

    def __call__(self, waveform: Tensor) -> Tensor:
        """Return unscaled log-mels (N, J, M)."""
        bank = self._banks.setdefault(waveform.device, self._bank().to(waveform.device))
        return torch.log(magnitude(spectrum(waveform, self.n_fft)) @ bank + 1e-5)
