"""Filters whose cutoff moves, as overlapping frames with one causal response each, and fixed ones.

Letters: L samples, F frames.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from msanii.data.instruments.playing import RATE, Audio

Slope = Literal["ladder", "two_pole"]
HOP_SAMPLES = 256
_WINDOW_SAMPLES = 2 * HOP_SAMPLES
# The rest of a frame's transform is for its response to ring: 12, 35 or 81 ms.
_FFT_SAMPLES, _LADDER_FFT_SAMPLES, _RESONANT_FFT_SAMPLES = 1024, 2048, 4096
_RESONANT = 0.5
_MOST_FEEDBACK = 3.7  # a ladder oscillates at 4
_LOWEST_HZ, _HIGHEST_HZ = 20.0, 20_000.0


def moving_lowpass(audio: Audio, cutoff_hz: Audio, resonance: float, slope: Slope = "ladder") -> Audio:
    """Filter audio (L,) or (2, L) with a cutoff for every `HOP_SAMPLES`, (F,); the last one holds on.

    `resonance` is 0 to 1. "ladder" falls by 24 dB an octave, as Moog's (1965), "two_pole" by 12.
    """
    samples = audio.shape[-1]
    frames = samples // HOP_SAMPLES + 2
    size = _FFT_SAMPLES if slope == "two_pole" else _LADDER_FFT_SAMPLES
    size = _RESONANT_FFT_SAMPLES if resonance > _RESONANT else size
    padded = np.zeros((*audio.shape[:-1], (frames + 1) * HOP_SAMPLES), np.float32)
    padded[..., HOP_SAMPLES : HOP_SAMPLES + samples] = audio
    window = scipy.signal.windows.hann(_WINDOW_SAMPLES, sym=False).astype(np.float32)
    cut = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES, axis=-1)[..., ::HOP_SAMPLES, :]
    at_frame = cutoff_hz[np.minimum(np.arange(frames), len(cutoff_hz) - 1)]
    response = _response(at_frame, resonance, slope, size)
    filtered = scipy.fft.irfft(scipy.fft.rfft(cut * window, size) * response, size)
    return _overlapped(filtered)[..., HOP_SAMPLES : HOP_SAMPLES + samples]


def _response(cutoff_hz: Audio, resonance: float, slope: Slope, size: int) -> NDArray[np.complex64]:
    """(F, size / 2 + 1), by the bilinear transform, so that it is causal; of unit gain in the lows."""
    half = np.minimum(np.arange(size // 2 + 1) * (np.pi / size), np.pi / 2 - 1e-4)
    wanted = np.clip(cutoff_hz, _LOWEST_HZ, _HIGHEST_HZ)
    # The real and imaginary parts of the denominator are written out: complex powers are slow.
    x = np.tan(half)[None].astype(np.float32) / np.tan(np.pi * wanted / RATE)[:, None].astype(np.float32)
    x = np.minimum(x, np.float32(1e4))
    square = x * x
    if slope == "two_pole":
        width = np.float32(1.4 * (1 - resonance) + 0.1 * resonance)
        real, imaginary = 1 - square, width * x
        gain = np.float32(1.0)
    else:
        feedback = np.float32(_MOST_FEEDBACK * resonance)
        real = 1 - 6 * square + square * square + feedback
        imaginary = 4 * x - 4 * x * square
        gain = 1 + feedback * np.float32(0.6)  # a part of the lows that resonance takes away
    response = np.empty(x.shape, np.complex64)
    scale = gain / (real * real + imaginary * imaginary)
    response.real, response.imag = scale * real, -scale * imaginary
    return response


def _overlapped(frames: Audio) -> Audio:
    """Overlap-add of (..., F, size) at `HOP_SAMPLES`."""
    *lead, count, size = frames.shape
    parts = size // HOP_SAMPLES
    total = np.zeros((*lead, count + parts, HOP_SAMPLES), np.float32)
    blocks = frames.reshape(*lead, count, parts, HOP_SAMPLES)
    for part in range(parts):
        total[..., part : part + count, :] += blocks[..., part, :]
    return total.reshape(*lead, -1)


def highpass(audio: Audio, hertz: float, order: int = 2) -> Audio:
    """A Butterworth high-pass."""
    return _filtered(audio, _sections("highpass", hertz, 0.0, order))


def lowpass(audio: Audio, hertz: float, order: int = 2) -> Audio:
    """A Butterworth low-pass."""
    return _filtered(audio, _sections("lowpass", hertz, 0.0, order))


def bandpass(audio: Audio, low_hz: float, high_hz: float, order: int = 1) -> Audio:
    """A Butterworth band-pass."""
    return _filtered(audio, _sections("bandpass", low_hz, high_hz, order))


@lru_cache(maxsize=512)
def _sections(kind: str, low_hz: float, high_hz: float, order: int) -> NDArray[np.float32]:
    edges = low_hz if kind != "bandpass" else (low_hz, min(high_hz, 0.49 * RATE))
    sections = scipy.signal.butter(order, edges, kind, fs=RATE, output="sos")
    return np.asarray(sections, np.float32)


def _filtered(audio: Audio, sections: NDArray[np.float32]) -> Audio:
    made: Audio = scipy.signal.sosfilt(sections, audio, axis=-1).astype(np.float32)
    return made
