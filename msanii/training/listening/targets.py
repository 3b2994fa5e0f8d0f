"""What the listener is to hear in a clip, frame by frame.

Letters: T frames, S slow frames, K keys. Times are seconds from the clip's start; frame t is centred
t / frames_per_second after it.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.listening.config import LOWEST_PITCH, PITCHES, SLOW_FRAMES

UNKNOWN = -100
"""the class that no loss counts"""

_BEAT_FRAMES = 2.0


def beat_targets(beats: NDArray[np.float64], frames: int, frames_per_second: float) -> tuple[Tensor, Tensor]:
    """`beat` and `downbeat` (T,), of beats (N, 2): seconds and place in the bar.

    `beat` is 1 at the nearest frame and falls to 0 two frames from the beat; `downbeat` is 1 where the
    nearest beat starts a bar, and counts as much as `beat` says.
    """
    if not len(beats):
        return torch.zeros(frames), torch.zeros(frames)
    places = beats[:, 0] * frames_per_second
    apart = np.abs(np.arange(frames)[:, None] - places)
    nearest = apart.argmin(axis=1)
    distance = apart.min(axis=1)
    beat = np.where(distance <= 0.5, 1.0, np.maximum(0.0, 1 - distance / _BEAT_FRAMES))
    downbeat = beats[nearest, 1] == 0
    return torch.from_numpy(beat).float(), torch.from_numpy(downbeat).float()


def note_targets(notes: NDArray[np.float64], frames: int, frames_per_second: float) -> dict[str, Tensor]:
    """`onset`, `sustain` and `velocity` (K, T), of notes (N, 4): onset, end, pitch, velocity.

    `velocity` is 0 to 1, at onsets only. Notes that began before the clip have no onset in it.
    """
    maps = {name: np.zeros((PITCHES, frames), np.float32) for name in ("onset", "sustain", "velocity")}
    for onset, end, pitch, velocity in notes:
        key = int(pitch) - LOWEST_PITCH
        first, last = round(onset * frames_per_second), round(end * frames_per_second)
        if not 0 <= key < PITCHES or first >= frames or last < 0:
            continue
        maps["sustain"][key, max(first, 0) : max(last, first + 1)] = 1
        if first >= 0:
            maps["onset"][key, first] = 1
            maps["velocity"][key, first] = velocity / 127
    return {name: torch.from_numpy(values) for name, values in maps.items()}


def chord_targets(
    chords: NDArray[np.float64], frames: int, frames_per_second: float
) -> tuple[Tensor, Tensor]:
    """Classes of `chord` and `bass` (S,), of chords (N, 4): start, end, class, bass pitch class or -1.

    Both are 0 where there is none.
    """
    count = -(-frames // SLOW_FRAMES)
    # A slow frame is centred between the frames that it is the mean of.
    times = (np.arange(count) * SLOW_FRAMES + (SLOW_FRAMES - 1) / 2) / frames_per_second
    chord, bass = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for start, end, number, low in chords:
        inside = (times >= start) & (times < end)
        chord[inside], bass[inside] = int(number), int(low) + 1
    return torch.from_numpy(chord), torch.from_numpy(bass)
