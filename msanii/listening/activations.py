"""What the network hears in a file of any length, window by window, in bounded memory.

Letters: T frames of the mel, S slow frames, K keys, L samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.devices import Placement, choose_placement
from msanii.listening.config import SLOW_FRAMES
from msanii.listening.network import NOTE_MAPS, ListenerNetwork
from msanii.listening.spectra import Spectra, levelled

Floats = NDArray[np.float32]

# A window is heard whole, but of its edges, where the network lacks a part of what it looks at, only what no
# other window has in its middle.
_WINDOW_FRAMES, _EDGE_FRAMES = 1728, 192
_HALVES = ("onset", "sustain", "velocity")
_POOLED = ("sound", "part", "family", "key", "meter")


@dataclass(frozen=True, eq=False, kw_only=True)
class Activations:
    """What the network hears, frame by frame.

    Logits `beat`, `downbeat` (T,), `onset`, `sustain`, `velocity` (K, T); log probabilities `chord`, `bass`
    (S, classes), and `pooled` (classes,) of sound, part, family, key, meter.
    """

    frames_per_second: float
    beat: Floats
    downbeat: Floats
    onset: Floats
    sustain: Floats
    velocity: Floats
    chord: Floats
    bass: Floats
    pooled: dict[str, Floats]

    @property
    def slow_frames_per_second(self) -> float:
        return self.frames_per_second / SLOW_FRAMES


class Ears:
    """The network and its spectra, in evaluation mode; `placement` None chooses the best device."""

    def __init__(self, network: ListenerNetwork, placement: Placement | None = None) -> None:
        self.config = network.config
        self.placement = placement or choose_placement()
        self.network = self.placement.place(network.eval())
        self.spectra = Spectra(network.config)
        self.rate = network.config.transforms.sample_rate

    @torch.inference_mode()
    def hear(self, waveform: Floats) -> Activations:
        """Hear mono audio (L,) at `rate`; audio shorter than a window of the spectra is padded by silence."""
        hop = self.config.transforms.hop_length
        frames = len(waveform) // hop + 1
        shortest = max(self.spectra.shortest_samples, SLOW_FRAMES * hop)
        audio = levelled(torch.from_numpy(waveform.astype(np.float32)))
        audio = torch.nn.functional.pad(audio, (0, max(0, shortest - len(audio))))
        pieces: dict[str, list[Tensor]] = {}
        pooled: dict[str, list[Tensor]] = {}
        weights: list[int] = []
        for first, start, end in _windows(frames):
            window = audio[first * hop : (first + _WINDOW_FRAMES - 1) * hop + 1]
            if len(window) < shortest:
                window = torch.nn.functional.pad(window, (0, shortest - len(window)))
            heard = self._window(window)
            for name, values in heard.items():
                if name in _POOLED:
                    pooled.setdefault(name, []).append(values.log_softmax(dim=-1))
                    continue
                axis_start, axis_end = start - first, end - first
                if name in ("chord", "bass"):
                    axis_start, axis_end = axis_start // SLOW_FRAMES, -(-axis_end // SLOW_FRAMES)
                    values = values.log_softmax(dim=-1)[axis_start:axis_end]
                elif name in NOTE_MAPS:
                    values = values[:, axis_start:axis_end].half()
                else:
                    values = values[axis_start:axis_end]
                pieces.setdefault(name, []).append(values)
            weights.append(end - start)
        return self._joined(pieces, pooled, weights)

    def _window(self, waveform: Tensor) -> dict[str, Tensor]:
        mel, pitch = self.spectra(waveform[None])
        device = self.placement.device
        with self.placement.autocast():
            heard = self.network(mel.to(device), pitch.to(device))
        return {name: values[0].float().cpu() for name, values in heard.items()}

    def _joined(
        self, pieces: dict[str, list[Tensor]], pooled: dict[str, list[Tensor]], weights: list[int]
    ) -> Activations:
        shares = torch.tensor(weights, dtype=torch.float32)
        shares /= shares.sum()
        joined = {
            name: torch.cat(parts, dim=1 if name in _HALVES else 0).float().numpy()
            for name, parts in pieces.items()
        }
        means = {
            name: (torch.stack(parts) * shares[:, None]).sum(dim=0).log_softmax(dim=0).numpy()
            for name, parts in pooled.items()
        }
        return Activations(frames_per_second=self.config.frames_per_second, pooled=means, **joined)


def _windows(frames: int) -> list[tuple[int, int, int]]:
    """The first frame of each window, and the span of frames to keep of it.

    All are multiples of SLOW_FRAMES but the last.
    """
    if frames <= _WINDOW_FRAMES:
        return [(0, 0, frames)]
    step = _WINDOW_FRAMES - 2 * _EDGE_FRAMES
    windows = []
    first = 0
    while True:
        start = 0 if first == 0 else first + _EDGE_FRAMES
        if first + _WINDOW_FRAMES >= frames:
            windows.append((first, start, frames))
            return windows
        windows.append((first, start, first + _WINDOW_FRAMES - _EDGE_FRAMES))
        first += step
