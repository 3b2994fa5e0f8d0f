"""Synthesis of a one-pass vocoder's predictions: as a waveform, as a loop, or piece by piece.

A convolutional network answers a steady sound the same in every frame, so that a directly predicted phase
repeats with the hop, and only multiples of rate / hop can be sustained. Instead, the phase of the lower bins
is carried on: z[t] = (1 - share) * turn[t] * z[t - 1] + share * entry[t]. `turn` is the step of a bin's phase
per hop; `entry` lets an onset set the phase anew. Both share the same weight: with a memory that fades by
itself, the trickle of a steady `entry` would hold the phase in place.

Letters: N batch times channels, J frames, K = n_fft / 2 + 1 bins, L samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from msanii.signal.circular_stft import CircularStft, frame_centres
from msanii.signal.split_complex import SplitComplex, cat, cis
from msanii.vocoder.blocks import recurrence

# At the edges, dividing by a smaller sum of windows would amplify rounding errors.
SMALLEST_COVER = 1e-4
# Steepness of the transition from a new phase to a held one, around a concentration of 1.
HOLD_POWER = 6
# In an untrained network, phases advance at each bin's centre frequency with this concentration.
FIRST_CONCENTRATION = 4.0
# Louder than any window of music; keeps a bad mel from becoming infinite.
LARGEST_LOG_MAGNITUDE = 8.0
# Enough to hold a phase for hours, and its power does not overflow.
MOST_CONCENTRATION = 100.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """The network's output for every frame and bin.

    `log_magnitude` (N, J, K) float32; `entry` (N, J, K), to be shortened below 1. `motion` (N, J, carried
    bins) is the step of a bin's phase from the last frame, as the parameter of a von Mises distribution: its
    angle is the expected step relative to that of the bin's centre frequency, its length the concentration.
    `phase_offset` (N, J, S) rotates the resulting phases of the lowest S bins, without affecting how they
    advance.
    """

    log_magnitude: Tensor
    entry: SplitComplex
    motion: SplitComplex
    phase_offset: SplitComplex | None = None

    def map(self, change: Callable[[Tensor], Tensor]) -> Prediction:
        """Apply a change to all parts, such as slicing or reordering frames."""
        phase_offset = None if self.phase_offset is None else self.phase_offset.map(change)
        return Prediction(
            change(self.log_magnitude), self.entry.map(change), self.motion.map(change), phase_offset
        )


@dataclass(frozen=True, slots=True)
class KnownPhase:
    """Phases to use instead: `spectrum` (N, J, K) complex, `weight` (N, J, K) from 0 (not used) to 1."""

    spectrum: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Inverse STFT with windows of `n_fft` samples, `hop` apart; phases refer to the middle of each window.

    `shares` scale each predicted bin, if another synthesis adds the rest. Bins above the predicted ones are
    silent.
    """

    n_fft: int
    hop: int
    shares: tuple[float, ...] | None = None

    def waveform(self, prediction: Prediction, known: KnownPhase | None = None) -> Tensor:
        """Synthesise (N, L), L = (J - 1) * hop; the middle of the first frame is the first sample."""
        spectrum, _ = self.spectrum(prediction, known=known)
        count, half = spectrum.shape[1], self.n_fft // 2
        waveform, cover = self.overlap_add(spectrum)
        return (waveform / cover.clamp(min=SMALLEST_COVER))[:, half : half + (count - 1) * self.hop]

    def loop(self, prediction: Prediction, samples: int, known: KnownPhase | None = None) -> Tensor:
        """Synthesise a loop (N, samples) of evenly spaced frames; the last is carried on into the first.

        The phase starts where it is least certain, at the strongest onset: a mismatch ends up there.
        """
        count = prediction.log_magnitude.shape[1]
        order = _from_least_sure(prediction)
        ratio = samples / (count * self.hop)
        begun = prediction.map(lambda part: _frames(part, order))
        if known is not None:
            known = KnownPhase(_frames(known.spectrum, order), _frames(known.weight, order))
        spectrum, _ = self.spectrum(begun, hop_ratio=ratio, known=known)
        spectrum = _frames(spectrum, order.argsort(dim=1))
        # Windows start on whole samples: rotate the phases by the difference.
        exact = torch.arange(count, dtype=torch.float64) * samples / count
        late = (frame_centres(count, samples) - exact).float().to(spectrum.device)
        bins = torch.arange(spectrum.shape[2], device=spectrum.device)
        angle = 2 * torch.pi / self.n_fft * late[:, None] * bins
        spectrum = spectrum * torch.polar(torch.ones_like(angle), angle)
        return CircularStft(self.n_fft, count, samples, spectrum.device).inverse(self.from_start(spectrum))

    def spectrum(
        self,
        prediction: Prediction,
        *,
        hop_ratio: float = 1.0,
        known: KnownPhase | None = None,
        before: SplitComplex | None = None,
    ) -> tuple[Tensor, SplitComplex]:
        """Return the complex spectrum (N, J, K), and the last frame's carried phases (N, carried bins).

        `hop_ratio` is the spacing of frames relative to the network's hop; phase steps are scaled by it.
        `before` holds the carried phases of the previous piece; without it the first frame starts anew.
        """
        share = _share_of_entry(prediction.motion.magnitude())
        turn = self._turned(prediction.motion.unit().scaled(1 - share), hop_ratio)
        carried = share.shape[2]
        if before is None:
            share = torch.cat((torch.ones_like(share[:, :1]), share[:, 1:]), dim=1)
        entry = prediction.entry.map(lambda part: part[..., :carried])
        entry = entry.scaled(_shortening(entry) * share)
        free = prediction.entry.map(lambda part: part[..., carried:])
        if known is not None:
            weight, unit = known.weight, SplitComplex.of(known.spectrum).unit()
            # Known phases contain the offset already.
            unit = (
                unit
                if prediction.phase_offset is None
                else _offset_lowest(unit, prediction.phase_offset.conjugate())
            )
            given = unit.scaled(weight)
            turn = turn.scaled(1 - weight[..., :carried])
            entry = entry.scaled(1 - weight[..., :carried]).plus(given.map(lambda part: part[..., :carried]))
            free = free.scaled(_shortening(free) * (1 - weight[..., carried:]))
            free = free.plus(given.map(lambda part: part[..., carried:]))
        phases, last = recurrence(turn, entry, before)
        level = prediction.log_magnitude.exp()
        if self.shares is not None:
            level = level * torch.tensor(self.shares, device=level.device)
        phase = cat([phases, free], dim=-1).unit()
        if prediction.phase_offset is not None:
            phase = _offset_lowest(phase, prediction.phase_offset)
        return phase.scaled(level).complex(), last

    def overlap_add(self, spectrum: Tensor) -> tuple[Tensor, Tensor]:
        """Sum the windowed frames, (N, (J - 1) * hop + n_fft), and the squared windows, (1, ...)."""
        window = torch.hann_window(self.n_fft, device=spectrum.device)
        frames = torch.fft.irfft(self.from_start(spectrum), n=self.n_fft) * window
        return self._added(frames), self._added(window.square().expand(1, spectrum.shape[1], self.n_fft))

    def from_start(self, spectrum: Tensor) -> Tensor:
        """Refer phases to the start of each window, half a window earlier: odd bins change sign."""
        signs = torch.ones(spectrum.shape[-1], 2, device=spectrum.device)
        signs[1::2] = -1
        parts = torch.view_as_real(spectrum)
        return torch.view_as_complex((parts.flatten(-2) * signs.flatten()).view_as(parts))

    def analyse(self, waveform: Tensor) -> Tensor:
        """Return the spectrum (N, J, K) of a waveform (N, L), J = L // hop + 1; phases as in `spectrum`."""
        half = self.n_fft // 2
        return self.analyse_frames(F.pad(waveform[:, None], (half, half), mode="reflect")[:, 0])

    def analyse_frames(self, waveform: Tensor) -> Tensor:
        """Return the spectrum of a waveform (N, L) from its first whole window to the last."""
        window = torch.hann_window(self.n_fft, device=waveform.device)
        return self.from_start(torch.fft.rfft(waveform.unfold(1, self.n_fft, self.hop) * window))

    def analyse_loop(self, waveform: Tensor, frames: int) -> Tensor:
        """Return the spectrum of a loop (N, L), with frames spaced as in `loop`."""
        stft = CircularStft(self.n_fft, frames, waveform.shape[1], waveform.device)
        return self.from_start(stft.forward(waveform))

    def _turned(self, turn: SplitComplex, hop_ratio: float) -> SplitComplex:
        """The phase step of each bin per hop: that of its centre frequency plus the network's."""
        step = 2 * torch.pi * self.hop / self.n_fft
        middle = torch.arange(turn.real.shape[2], device=turn.real.device) * step
        if hop_ratio == 1.0:
            return turn.times(cis(middle))
        angle = (torch.atan2(turn.imag, turn.real) + middle) * hop_ratio
        return cis(angle).scaled(turn.magnitude())

    def _added(self, frames: Tensor) -> Tensor:
        """Overlap-add frames (N, J, n_fft), a hop apart."""
        number, count, size = frames.shape
        blocks = frames.reshape(number, count, size // self.hop, self.hop)
        waveform = frames.new_zeros(number, count + size // self.hop - 1, self.hop)
        for block in range(size // self.hop):
            waveform[:, block : block + count] += blocks[:, :, block]
        return waveform.reshape(number, -1)


class OverlapAdd:
    """Overlap-adds spectra as they arrive; the middle of the first frame is the first sample."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._synthesis = synthesis
        self._sums: tuple[Tensor, Tensor] | None = None
        self._left_out = 0  # samples skipped of the half window before the first sample

    def add(self, spectrum: Tensor, *, last: bool) -> Tensor:
        """Add frames (N, J, K) and return the audio (N, l) that is final now, with `last` up to the end."""
        hop, half = self._synthesis.hop, self._synthesis.n_fft // 2
        sums = self._synthesis.overlap_add(spectrum)
        if self._sums is not None:
            for new, old in zip(sums, self._sums, strict=True):
                new[:, : old.shape[1]] += old
        count = spectrum.shape[1] * hop
        self._sums = sums[0][:, count:], sums[1][:, count:]
        end = count + half - hop if last else count
        waveform = sums[0][:, :end] / sums[1][:, :end].clamp(min=SMALLEST_COVER)
        skipped = min(half - self._left_out, waveform.shape[1])
        self._left_out += skipped
        return waveform[:, skipped:]


def split_outputs(head: Tensor, envelope: Tensor, carried: int) -> Prediction:
    """Split a network's head (N, J, 3 K + 2 carried bins) and envelope (N, J, K) into a prediction."""
    bins = envelope.shape[-1]
    magnitude, *vectors = (
        part.float() for part in torch.split(head, [bins, bins, bins, carried, carried], dim=-1)
    )
    level = (envelope + magnitude).clamp(max=LARGEST_LOG_MAGNITUDE)
    return Prediction(level, SplitComplex(*vectors[:2]), SplitComplex(*vectors[2:]))


def _from_least_sure(prediction: Prediction) -> Tensor:
    """Frame order (N, J), starting from the frame with the least certain phases, weighted by magnitude."""
    motion, count = prediction.motion, prediction.log_magnitude.shape[1]
    weight = prediction.log_magnitude[..., : motion.real.shape[2]].exp()
    certainty = motion.magnitude() * _shortening(motion)
    sure = (certainty * weight).sum(dim=2) / weight.sum(dim=2).clamp(min=1e-9)
    if prediction.phase_offset is not None:
        # Both channels must start at the same frame, or their phases would differ.
        sure = sure.reshape(-1, 2, count).mean(dim=1).repeat_interleave(2, dim=0)
    first = sure.argmin(dim=1, keepdim=True)
    return (first + torch.arange(count, device=first.device)) % count


def _offset_lowest(phase: SplitComplex, phase_offset: SplitComplex) -> SplitComplex:
    """Rotate the lowest S bins of (N, J, K) by phasors (N, J, S)."""
    bins = phase_offset.real.shape[2]
    lowest, rest = phase.map(lambda part: part[..., :bins]), phase.map(lambda part: part[..., bins:])
    return cat([lowest.times(phase_offset), rest], dim=-1)


def _frames(x: Tensor, order: Tensor) -> Tensor:
    """Reorder the frames of (N, J, K) by (N, J)."""
    return torch.take_along_dim(x, order[:, :, None], dim=1)


def _share_of_entry(concentration: Tensor) -> Tensor:
    """The weight of `entry` in a phase, 0 to 1; the last phase has the rest."""
    return 1 / (1 + concentration.clamp(max=MOST_CONCENTRATION) ** HOLD_POWER)


def _shortening(vector: SplitComplex) -> Tensor:
    """Factors that shorten vectors to lengths from 0 to 1."""
    return (1 + vector.power()).rsqrt()
