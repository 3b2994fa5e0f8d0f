"""The short-time Fourier transform of a loop: frames lie evenly on a circle of any number of samples.

Letters: N batch and channels, L samples of the loop, T frames, F linear bins (n_fft / 2 + 1). Periodic Hann
window of n_fft samples, no normalisation, as in `griffin_lim`; no edge, since what passes the end goes on at
the start. Frame t is centred at round(t * L / T) samples: a loop of any length keeps its pitch, because
nothing is resampled, and each sample's overlapping windows are normalised for that sample.
"""

from __future__ import annotations

import torch
from torch import Tensor

from msanii.signal.stft import SMALLEST_COVER, Stft

# So little of each end of a window is left out when frames overlap, where it is below 1e-3: two frames, not
# three, then cover a sample although some lie a little closer than half a window. The round trip stays exact.
EDGE_SHARE = 128


class CircularStft(Stft):
    """Frames that lie evenly on a loop. Raises ValueError where they leave gaps."""

    def __init__(self, n_fft: int, frames: int, samples: int, device: torch.device) -> None:
        if frames < 1 or samples < 1 or 4 * samples > 3 * n_fft * frames:
            raise ValueError(
                f"circle: {frames} frames of {n_fft} samples do not overlap on a loop of {samples} samples"
            )
        self.n_fft, self.frames, self.samples = n_fft, frames, samples
        self.window = torch.hann_window(n_fft, device=device)
        centres = frame_centres(frames, samples)
        self._centres = centres.to(device)
        around = torch.arange(-(n_fft // 2), samples + n_fft // 2) % samples
        self._around = around.to(device)
        edge = n_fft // EDGE_SHARE
        self._places = _covering(centres - n_fft // 2, n_fft, edge, samples).to(device)
        cover = self._folded(self.window.square().expand(1, frames, n_fft).contiguous())
        self._gain = cover.clamp(min=SMALLEST_COVER).reciprocal()

    def padded(self, waveform: Tensor) -> Tensor:
        return waveform.index_select(1, self._around)

    def frames_of(self, padded: Tensor, span: slice) -> Tensor:
        return padded.unfold(-1, self.n_fft, 1)[:, self._centres[span]]

    def empty_line(self, count: int) -> Tensor:
        return torch.empty(count, self.frames, self.n_fft, device=self.window.device)

    def add(self, line: Tensor, spectrum: Tensor, start: int) -> None:
        frames = torch.fft.irfft(spectrum, n=self.n_fft)
        torch.mul(frames, self.window, out=line[:, start : start + spectrum.shape[1]])

    def finish(self, line: Tensor) -> Tensor:
        return self._folded(line) * self._gain

    def _folded(self, frames: Tensor) -> Tensor:
        flat = frames.flatten(1)
        first, *others = self._places
        line = flat.index_select(1, first)
        for places in others:
            line += flat.index_select(1, places)
        return line


def frame_centres(frames: int, samples: int) -> Tensor:
    """(T,): the sample at which each of `frames` frames on a circle of `samples` is centred."""
    return (2 * samples * torch.arange(frames) + frames) // (2 * frames)


def _covering(starts: Tensor, n_fft: int, edge: int, samples: int) -> Tensor:
    """(K, L): for each sample the places, in flattened frames, of all that covers it but for their edges.

    Where fewer than K frames cover a sample, place 0 stands in: the Hann window is zero there.
    """
    frames, turns = len(starts), -(-n_fft // samples)
    # The frames of other turns reach into this one.
    offsets = samples * torch.arange(-turns, turns + 1)
    unrolled = (offsets[:, None] + starts).flatten()  # rising
    sample = torch.arange(samples)
    first = torch.searchsorted(unrolled, sample - n_fft + edge, right=True)
    after = torch.searchsorted(unrolled, sample - edge, right=True)
    places = []
    for number in range(int((after - first).max())):
        covers = first + number < after
        frame = torch.where(covers, first + number, first)
        places.append(torch.where(covers, frame % frames * n_fft + sample - unrolled[frame], 0))
    return torch.stack(places)
