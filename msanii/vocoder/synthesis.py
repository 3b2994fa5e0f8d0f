"""What a one-pass vocoder predicts -> waveform: on a line, on a circle, or stretch by stretch.

A network of convolutions gives a steady sound the same answer in every frame, so a phase that it predicts
outright repeats with the hop, and only multiples of rate / hop can be held. Here the phase of the lower bins
is carried on instead: z[t] = (1 - share) * turn[t] * z[t - 1] + share * entry[t], where `turn` says how far
a bin's phase moves in a hop, and `entry` lets an onset set it anew. The share is one number for both: memory
that fades by itself would leave the phase to the trickle of a steady `entry`, which holds it in place.

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

# Where the windows hardly cover a sample, dividing by their sum would amplify rounding errors.
SMALLEST_COVER = 1e-4
# How sharply a phase goes over from being set anew to being held, around a concentration of 1.
HOLD_POWER = 6
# A new network takes a bin's phase to move as its middle does, with a concentration of
FIRST_CONCENTRATION = 4.0
# No window of music is louder: a bad mel must not become infinite.
LARGEST_LOG_MAGNITUDE = 8.0
# Beyond, nothing is forgotten in hours; and no power of it overflows.
MOST_CONCENTRATION = 100.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of every frame and bin.

    `log_magnitude` (N, J, K) float32; `entry` (N, J, K), taken shortened to less than 1. `motion`
    (N, J, carried bins) is the step of a bin's phase from the frame before, as the parameter of a von Mises
    distribution: its angle is the step expected, past that of the bin's middle, its length the concentration.
    `phase_offset` (N, J, S) turns the phases that are found for the lowest S bins, without a part in how they move.
    """

    log_magnitude: Tensor
    entry: SplitComplex
    motion: SplitComplex
    phase_offset: SplitComplex | None = None

    def map(self, change: Callable[[Tensor], Tensor]) -> Prediction:
        """With all parts changed alike: cut, or their frames in another order."""
        phase_offset = None if self.phase_offset is None else self.phase_offset.map(change)
        return Prediction(
            change(self.log_magnitude), self.entry.map(change), self.motion.map(change), phase_offset
        )


@dataclass(frozen=True, slots=True)
class KnownPhase:
    """Phases to take over: `spectrum` (N, J, K) complex, `weight` (N, J, K) from 0 (not at all) to 1."""

    spectrum: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Synthesis:
    """An inverse STFT with windows of `n_fft` samples, `hop` apart; phases count from a window's middle.

    `shares` are what each bin predicted has in the sound, where another synthesis has the rest. Bins above
    those that are predicted are silent.
    """

    n_fft: int
    hop: int
    shares: tuple[float, ...] | None = None

    def waveform(self, prediction: Prediction, known: KnownPhase | None = None) -> Tensor:
        """(N, L), L = (J - 1) * hop: the first frame's middle is the first sample."""
        spectrum, _ = self.spectrum(prediction, known=known)
        count, half = spectrum.shape[1], self.n_fft // 2
        line, cover = self.overlap_add(spectrum)
        return (line / cover.clamp(min=SMALLEST_COVER))[:, half : half + (count - 1) * self.hop]

    def loop(self, prediction: Prediction, samples: int, known: KnownPhase | None = None) -> Tensor:
        """A loop (N, samples): frames lie evenly on it, and its last one is carried on into its first.

        The phase begins where it is least sure, which is the strongest onset: what does not close is there.
        """
        count = prediction.log_magnitude.shape[1]
        order = _from_least_sure(prediction)
        ratio = samples / (count * self.hop)
        begun = prediction.map(lambda part: _frames(part, order))
        if known is not None:
            known = KnownPhase(_frames(known.spectrum, order), _frames(known.weight, order))
        spectrum, _ = self.spectrum(begun, hop_ratio=ratio, known=known)
        spectrum = _frames(spectrum, order.argsort(dim=1))
        # Windows lie on whole samples: their phases are those of where they lie.
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
        """The complex spectrum (N, J, K), and the last frame's carried phases (N, carried bins).

        `hop_ratio` is how far the frames are placed apart over the network's own hop: the phases move on as
        far. `before` is what the stretch before this one ended with; without it the first frame begins anew.
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
            # What is known leans already.
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
        """The windowed frames' sum (N, (J - 1) * hop + n_fft) and that of the squared windows (1, ...)."""
        window = torch.hann_window(self.n_fft, device=spectrum.device)
        frames = torch.fft.irfft(self.from_start(spectrum), n=self.n_fft) * window
        return self._added(frames), self._added(window.square().expand(1, spectrum.shape[1], self.n_fft))

    def from_start(self, spectrum: Tensor) -> Tensor:
        """Phases from the start of each window: half a window earlier, where odd bins are half a turn off."""
        signs = torch.ones(spectrum.shape[-1], 2, device=spectrum.device)
        signs[1::2] = -1
        parts = torch.view_as_real(spectrum)
        return torch.view_as_complex((parts.flatten(-2) * signs.flatten()).view_as(parts))

    def analyse(self, waveform: Tensor) -> Tensor:
        """The spectrum (N, J, K) of a waveform (N, L), J = L // hop + 1, phases as in `spectrum`."""
        half = self.n_fft // 2
        return self.analyse_frames(F.pad(waveform[:, None], (half, half), mode="reflect")[:, 0])

    def analyse_frames(self, line: Tensor) -> Tensor:
        """The same of a line (N, L) that begins with the first window and ends with the last one."""
        window = torch.hann_window(self.n_fft, device=line.device)
        return self.from_start(torch.fft.rfft(line.unfold(1, self.n_fft, self.hop) * window))

    def analyse_loop(self, waveform: Tensor, frames: int) -> Tensor:
        """The same of a loop (N, L), with frames as `circle` lays them."""
        stft = CircularStft(self.n_fft, frames, waveform.shape[1], waveform.device)
        return self.from_start(stft.forward(waveform))

    def _turned(self, turn: SplitComplex, hop_ratio: float) -> SplitComplex:
        """How far each bin's phase moves in a hop: the middle of the bin's way, and the network's share."""
        step = 2 * torch.pi * self.hop / self.n_fft
        middle = torch.arange(turn.real.shape[2], device=turn.real.device) * step
        if hop_ratio == 1.0:
            return turn.times(cis(middle))
        angle = (torch.atan2(turn.imag, turn.real) + middle) * hop_ratio
        return cis(angle).scaled(turn.magnitude())

    def _added(self, frames: Tensor) -> Tensor:
        """Overlap-add (N, J, n_fft), a hop apart."""
        number, count, size = frames.shape
        blocks = frames.reshape(number, count, size // self.hop, self.hop)
        line = frames.new_zeros(number, count + size // self.hop - 1, self.hop)
        for block in range(size // self.hop):
            line[:, block : block + count] += blocks[:, :, block]
        return line.reshape(number, -1)


class OverlapAdd:
    """Spectra as they come -> what no later one adds to; the first frame's middle is the first sample."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._synthesis = synthesis
        self._sums: tuple[Tensor, Tensor] | None = None
        self._left_out = 0  # samples so far of the half window before the first one

    def add(self, spectrum: Tensor, *, last: bool) -> Tensor:
        """(N, J, K), the next frames: the sound (N, l) that is now certain, with `last` up to its end."""
        hop, half = self._synthesis.hop, self._synthesis.n_fft // 2
        sums = self._synthesis.overlap_add(spectrum)
        if self._sums is not None:
            for new, old in zip(sums, self._sums, strict=True):
                new[:, : old.shape[1]] += old
        count = spectrum.shape[1] * hop
        self._sums = sums[0][:, count:], sums[1][:, count:]
        end = count + half - hop if last else count
        line = sums[0][:, :end] / sums[1][:, :end].clamp(min=SMALLEST_COVER)
        skipped = min(half - self._left_out, line.shape[1])
        self._left_out += skipped
        return line[:, skipped:]


def split_outputs(head: Tensor, envelope: Tensor, carried: int) -> Prediction:
    """What a network's head (N, J, 3 K + 2 carried bins) and its envelope (N, J, K) say."""
    bins = envelope.shape[-1]
    magnitude, *vectors = (
        part.float() for part in torch.split(head, [bins, bins, bins, carried, carried], dim=-1)
    )
    level = (envelope + magnitude).clamp(max=LARGEST_LOG_MAGNITUDE)
    return Prediction(level, SplitComplex(*vectors[:2]), SplitComplex(*vectors[2:]))


def _from_least_sure(prediction: Prediction) -> Tensor:
    """(N, J): the frames in order, from the one on whose phases are least certain by their magnitude."""
    motion, count = prediction.motion, prediction.log_magnitude.shape[1]
    weight = prediction.log_magnitude[..., : motion.real.shape[2]].exp()
    certainty = motion.magnitude() * _shortening(motion)
    sure = (certainty * weight).sum(dim=2) / weight.sum(dim=2).clamp(min=1e-9)
    if prediction.phase_offset is not None:
        # Both channels of a clip stay together only where they begin together.
        sure = sure.reshape(-1, 2, count).mean(dim=1).repeat_interleave(2, dim=0)
    first = sure.argmin(dim=1, keepdim=True)
    return (first + torch.arange(count, device=first.device)) % count


def _offset_lowest(phase: SplitComplex, phase_offset: SplitComplex) -> SplitComplex:
    """(N, J, K), the lowest S bins turned by (N, J, S)."""
    bins = phase_offset.real.shape[2]
    lowest, rest = phase.map(lambda part: part[..., :bins]), phase.map(lambda part: part[..., bins:])
    return cat([lowest.times(phase_offset), rest], dim=-1)


def _frames(x: Tensor, order: Tensor) -> Tensor:
    """(N, J, K) with its frames in another order (N, J)."""
    return torch.take_along_dim(x, order[:, :, None], dim=1)


def _share_of_entry(concentration: Tensor) -> Tensor:
    """How much of `entry` goes into a phase, and is forgotten of the phase before, 0 to 1."""
    return 1 / (1 + concentration.clamp(max=MOST_CONCENTRATION) ** HOLD_POWER)


def _shortening(vector: SplitComplex) -> Tensor:
    """What gives the same directions lengths from 0 to 1."""
    return (1 + vector.power()).rsqrt()
