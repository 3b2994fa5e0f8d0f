"""Spectrogram pictures, to look at what was rendered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

N_FFT = 4096
ROWS, WIDEST_COLUMNS = 384, 1600
LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
RANGE_DB = 80.0
# Black, violet, orange, white: light rises steadily, so that loudness reads without a legend.
COLOURS = ((0, 0, 0), (60, 20, 110), (170, 45, 95), (245, 130, 40), (255, 250, 210))


def spectrogram_decibels(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Loudness (ROWS, columns) of (C, L) audio in dB under its peak, high frequencies first."""
    mono = audio.mean(axis=0)
    hop = max(N_FFT // 4, -(-len(mono) // WIDEST_COLUMNS))
    padded = np.pad(mono, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(N_FFT).astype(np.float32), axis=-1))
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-6))
    bins = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate / 2.1), ROWS)[::-1] * N_FFT / rate
    rows = np.stack([np.interp(bins, np.arange(frame.size), frame) for frame in decibels], axis=1)
    relative: NDArray[np.float32] = (rows - rows.max()).astype(np.float32)
    return relative


def write_spectrogram(path: Path, audio: NDArray[np.float32], rate: int) -> None:
    """Write a PNG of (C, L) audio, 40 Hz to 16 kHz on a log axis, 80 dB from black to white."""
    level = np.clip(spectrogram_decibels(audio, rate) / RANGE_DB + 1, 0, 1)
    anchors = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(level, anchors, values) for values in np.array(COLOURS).T]
    Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8)).save(path)
