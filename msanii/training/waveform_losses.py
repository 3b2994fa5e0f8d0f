"""Losses between waveforms, for vocoders that make the waveform themselves.

Letters: N sequences, L samples, K bins, J frames. Each loss is a mean, so that weights mean the same at any
size of clip.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torchaudio
from torch import Tensor

from msanii.signal.split_complex import SplitComplex

# About -100 dB under a full-scale sine: softer is silence, and its logarithm teaches nothing.
LOG_FLOOR = 1e-3
SMALLEST_POWER = 1e-9
# Below, a window of 2,048 samples tells no octaves apart.
LOWEST_BIN = 2


@dataclass(frozen=True)
class Weights:
    """How much each part counts."""

    convergence: float
    log_magnitude: float
    mel: float
    phase: float


def waveform_loss(
    predicted: Tensor, target: Tensor, sizes: Sequence[int], weights: Weights, *, mel: Mel | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum over STFTs of `sizes` of (N, L) against (N, L), and each part unweighted.

    Mels are compared as `mel` hears them, if given.
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
    """(N, L) to complex (N, J, K): windows of `size` a quarter apart, none of them over an edge."""
    window = torch.hann_window(size, device=waveform.device)
    bins: Tensor = torch.fft.rfft(waveform.unfold(1, size, size // 4) * window)
    return bins


def magnitude(spectrum: Tensor) -> Tensor:
    """The magnitude, with a gradient at zero too."""
    return torch.sqrt(spectrum.real.square() + spectrum.imag.square() + SMALLEST_POWER)


def convergence(predicted: Tensor, target: Tensor) -> Tensor:
    """Spectral convergence of magnitudes (N, J, K), a mean over clips; silent clips count little."""
    distance = torch.linalg.vector_norm(target - predicted, dim=(1, 2))
    share: Tensor = distance / torch.linalg.vector_norm(target, dim=(1, 2)).clamp(min=1.0)
    return share.mean()


def log_distance(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of log magnitudes."""
    return (torch.log(predicted + LOG_FLOOR) - torch.log(target + LOG_FLOOR)).abs().mean()


def phase_motion(predicted: Tensor, target: Tensor, ours: Tensor, theirs: Tensor) -> Tensor:
    """How far the phase's steps in time and in frequency are from the target's: 0 none, 2 opposite.

    Of complex (N, J, K) and their magnitudes. Steps, since no mel tells the phase itself; weighted by the
    root of the target's magnitude, so that soft partials count too (anti-wrapping losses: arXiv 2305.07952).
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
    """Negative log likelihood of the steps that the phase of (N, L) takes from frame to frame.

    `motion` (N, J, K) is the parameter of a von Mises distribution of each step past that of the
    bin's middle, for the lowest K bins of centred windows; each step's weight is the root of its magnitude.
    Every octave counts alike: the same error puts a bass out of tune by far more than a treble.
    """
    # Windows over an edge are left out: what is reflected there moves backwards.
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
    """Log-mels of waveforms (N, L), at a quarter of the window's hop so that no place is skipped."""

    def __init__(self, *, n_fft: int, n_mels: int, rate: int) -> None:
        self.n_fft = n_fft
        self._bank = functools.partial(
            torchaudio.functional.melscale_fbanks, n_fft // 2 + 1, 0.0, rate / 2, n_mels, rate
        )
        self._banks: dict[torch.device, Tensor] = {}

    def __call__(self, waveform: Tensor) -> Tensor:
        """(N, J, M) unscaled log-mel."""
        bank = self._banks.setdefault(waveform.device, self._bank().to(waveform.device))
        return torch.log(magnitude(spectrum(waveform, self.n_fft)) @ bank + 1e-5)
