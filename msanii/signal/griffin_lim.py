"""Magnitude spectrogram -> waveform, by fast Griffin-Lim.

Letters: F linear bins (n_fft / 2 + 1), T frames, L samples; `...` is any batch and channel axes.
The transform is the one of `transforms.py`: periodic Hann window of n_fft samples, centred frames,
reflected edges, no normalisation; for loops that of `circular_stft.py`, which has no edges.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.signal.circular_stft import CircularStft
from msanii.signal.stft import CentredStft, Stft

OnStep = Callable[[float], None]

# Far below any audible magnitude; keeps an exact zero from becoming NaN.
SMALLEST_POWER = 1e-20


@dataclass(frozen=True, slots=True)
class Kept:
    """Samples that the result must hold: `waveform` (..., L) wherever `mask` (L,) is true."""

    waveform: Tensor
    mask: Tensor

    def put_into(self, made: Tensor) -> Tensor:
        """What was made (..., L), with what is kept in its place; as long as the shorter."""
        length = min(made.shape[-1], self.waveform.shape[-1])
        return torch.where(self.mask[:length], self.waveform.to(made)[..., :length], made[..., :length])


def griffin_lim(
    magnitude: Tensor,
    *,
    n_fft: int,
    hop: int,
    iterations: int,
    momentum: float = 0.99,
    length: int | None = None,
    circle_samples: int | None = None,
    phase: Tensor | None = None,
    generators: Sequence[torch.Generator] | None = None,
    kept: Kept | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """Find a waveform (..., L) whose STFT magnitude is close to `magnitude` (..., F, T), in float32.

    The phase starts from `phase` (..., F, T) in radians; without one from `generators`, one (CPU) generator
    for each entry of the first axis, so that a variation's phase does not depend on its neighbours; without
    either from zero. `length` is L in samples (default (T - 1) * hop); or the result is a loop of
    `circle_samples`, on which the frames lie evenly and `hop` says nothing. `on_step(fraction)` is called
    after every iteration and may raise to stop. Raises ValueError for shapes that do not belong together.
    """
    *batch, bins, frames = magnitude.shape
    stft: Stft
    if circle_samples is not None:
        _check_bins(bins, n_fft)
        samples = circle_samples
        stft = CircularStft(n_fft, frames, samples, magnitude.device)
    else:
        _check(bins, frames, n_fft, hop, length)
        samples = (frames - 1) * hop if length is None else length
        stft = CentredStft(n_fft, hop, frames, samples, magnitude.device)
    target = magnitude.float().transpose(-1, -2).reshape(-1, frames, bins).contiguous()  # (N, T, F)
    spectrum = _starting_spectrum(target, batch, phase, generators)
    held = None if kept is None else _held(kept, batch, samples)
    # torchaudio's convention: the step beyond the projection, as a share of the new point.
    share = momentum / (1 + momentum)
    waveform = _hold(stft.inverse(spectrum), held)
    # From here `spectrum` holds the last projection, which is zero before the first one.
    spectrum.zero_()
    for done in range(iterations):
        waveform = _hold(_iterate(stft, waveform, target, spectrum, share), held)
        if on_step is not None:
            on_step((done + 1) / iterations)
    return waveform.reshape(*batch, samples)


def _iterate(stft: Stft, waveform: Tensor, target: Tensor, previous: Tensor, share: float) -> Tensor:
    """One projection of waveform (N, L) on both constraints; replaces `previous` (N, T, F) in place."""
    padded = stft.padded(waveform)
    line = stft.empty_line(waveform.shape[0])
    # A span at a time: its spectrum stays in the processor's cache through all of these passes.
    for start in range(0, stft.frames, stft.span(waveform)):
        span = slice(start, min(start + stft.span(waveform), stft.frames))
        rebuilt = torch.fft.rfft(stft.frames_of(padded, span) * stft.window)
        spectrum = torch.sub(rebuilt, previous[:, span], alpha=share)
        previous[:, span] = rebuilt
        _set_magnitude(spectrum, target[:, span])
        stft.add(line, spectrum, start)
    return stft.finish(line)


def stft(waveform: Tensor, *, n_fft: int, hop: int, circle_frames: int | None = None) -> Tensor:
    """The spectrum (..., F, T) of a waveform (..., L), T = L // hop + 1; or of a loop, in `circle_frames`."""
    *batch, samples = waveform.shape
    line = waveform.float().reshape(-1, samples)
    if circle_frames is None:
        spectrum = CentredStft(n_fft, hop, samples // hop + 1, samples, waveform.device).forward(line)
    else:
        spectrum = CircularStft(n_fft, circle_frames, samples, waveform.device).forward(line)
    return spectrum.transpose(-1, -2).reshape(*batch, n_fft // 2 + 1, -1)


def _check_bins(bins: int, n_fft: int) -> None:
    if bins != n_fft // 2 + 1:
        raise ValueError(f"magnitude has {bins} bins, n_fft {n_fft} needs {n_fft // 2 + 1}")


def _check(bins: int, frames: int, n_fft: int, hop: int, length: int | None) -> None:
    _check_bins(bins, n_fft)
    if n_fft % hop:
        raise ValueError(f"hop: got {hop}, expected a divisor of n_fft {n_fft}")
    most = (frames - 1) * hop + n_fft // 2
    if length is not None and not n_fft // 2 < length <= most:
        raise ValueError(f"length: got {length} samples, {frames} frames give {n_fft // 2 + 1} to {most}")
    if length is None and (frames - 1) * hop <= n_fft // 2:
        raise ValueError(f"magnitude has {frames} frames, too few for windows of {n_fft} samples")


def _starting_spectrum(
    target: Tensor,
    batch: Sequence[int],
    phase: Tensor | None,
    generators: Sequence[torch.Generator] | None,
) -> Tensor:
    if phase is not None:
        angles = phase.float().expand(*batch, target.shape[2], target.shape[1]).transpose(-1, -2)
        return torch.polar(target, angles.reshape(target.shape).contiguous())
    if generators is None:
        return torch.complex(target, torch.zeros_like(target))
    shape = (target.shape[0] // len(generators), *target.shape[1:])
    turns = torch.cat([torch.rand(shape, generator=generator) for generator in generators])
    if turns.shape != target.shape:
        raise ValueError(f"generators: got {len(generators)}, expected one for each of {batch[0]} variations")
    return torch.polar(target, turns.to(target.device) * (2 * torch.pi))


def _set_magnitude(spectrum: Tensor, target: Tensor) -> None:
    parts = torch.view_as_real(spectrum)
    scale = parts.square().sum(-1).add_(SMALLEST_POWER).rsqrt_().mul_(target)
    parts.mul_(scale.unsqueeze(-1))


def _held(kept: Kept, batch: Sequence[int], samples: int) -> tuple[Tensor, Tensor]:
    waveform = kept.waveform.float().expand(*batch, samples).reshape(-1, samples)
    return kept.mask.to(waveform.device), waveform


def _hold(waveform: Tensor, held: tuple[Tensor, Tensor] | None) -> Tensor:
    return waveform if held is None else torch.where(held[0], held[1], waveform)
