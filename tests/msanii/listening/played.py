"""What a perfect network would say of beats that are known, and a network that is small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msanii.listening.config import ListenerConfig

RATE = 44_100 / 1024
TINY = ListenerConfig(channels=8, width=32, hidden=16, dilations=(1, 4, 16), slow_dilations=(1, 2))


def beat_logits(
    seconds: Sequence[float], places: Sequence[int], length_seconds: float, sure: float = 6.5
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`beat` and `downbeat` (T,) as the training's targets have them, at most `sure`."""
    frames = np.arange(int(length_seconds * RATE) + 1)
    at = np.array(seconds) * RATE
    apart = np.abs(frames[:, None] - at)
    chance = np.clip(1 - apart.min(axis=1) / 2, 1e-3, 1 - 1e-3)
    starts_bar = np.array(places)[apart.argmin(axis=1)] == 0
    beat = np.clip(np.log(chance / (1 - chance)), -sure, sure)
    return beat.astype(np.float32), np.where(starts_bar, sure, -sure).astype(np.float32)


def even_beats(
    bpm: float, beats: int, quarters: float, length_seconds: float, *, first: float = 0.2, place: int = 0
) -> tuple[list[float], list[int]]:
    """Seconds and places in the bar of beats at a steady tempo."""
    step = 60 / bpm * quarters
    seconds = np.arange(first, length_seconds - 0.05, step).tolist()
    return seconds, [(place + number) % beats for number in range(len(seconds))]
