"""Figures of the sound itself, by plain arithmetic. Audio is (2, L), full scale 1; levels are in dB."""

from __future__ import annotations

import numpy as np

from tests.outside_ears.clips import FloatArray

HIGH_HZ = 8_000.0
LOW_HZ = 25.0  # below what anything plays: rumble, and an offset
_FFT = 4096
_JITTER_SECONDS = 0.02
_JITTER_RANGE_DB = 60.0
_JITTER_SMOOTH = 25  # of 20 ms: odd, so that it has a middle
_FLOOR = 1e-14


def is_silent(audio: FloatArray) -> bool:
    """Whether nothing sounds: never above -100 dB of full scale."""
    return float(np.abs(audio).max(initial=0.0)) < 1e-5


def sound_figures(audio: FloatArray, rate: int) -> dict[str, float]:
    """Every figure of this module."""
    return {
        "above 8 kHz, dB": share_db(audio, rate, HIGH_HZ, rate),
        "below 25 Hz, dB": share_db(audio, rate, 0.0, LOW_HZ),
        "crest, dB": crest_db(audio),
        "level jitter at 20 ms, dB": jitter_db(audio, rate),
        "L/R correlation": side_correlation(audio),
    }


def share_db(audio: FloatArray, rate: int, low: float, high: float) -> float:
    """The share of the power from `low` Hz to below `high` Hz, both channels together."""
    # Windows leak: a bass at 40 Hz must not count as rumble, so they are as long as its period needs.
    size = _FFT * 4 if high <= LOW_HZ else _FFT
    padded = np.pad(audio, ((0, 0), (0, max(0, size - audio.shape[1]))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, :: size // 2]
    power = (np.abs(np.fft.rfft(frames * np.blackman(size), axis=2)) ** 2).mean(axis=(0, 1))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    within = power[(hertz >= low) & (hertz < high)].sum()
    return float(10 * np.log10(within / power.sum() + _FLOOR))


def crest_db(audio: FloatArray) -> float:
    """The peak above the mean level: 3 for a sine, 20 and more for drums."""
    return float(20 * np.log10(np.abs(audio).max() / np.sqrt((audio**2).mean())))


def jitter_db(audio: FloatArray, rate: int) -> float:
    """The spread of the level of each 20 ms around its mean over half a second.

    What is 60 dB down counts as the floor. A drone has 0.6 and less, pads and mixes 2 to 3, drums about 10;
    less than half a second has none (NaN).
    """
    mono = audio.mean(axis=0)
    size = round(_JITTER_SECONDS * rate)
    count = len(mono) // size
    if count < _JITTER_SMOOTH:
        return float("nan")
    levels = 10 * np.log10((mono[: count * size].reshape(count, size) ** 2).mean(axis=1) + _FLOOR)
    levels = np.maximum(levels, levels.max() - _JITTER_RANGE_DB)
    smooth = np.convolve(levels, np.full(_JITTER_SMOOTH, 1 / _JITTER_SMOOTH), mode="valid")
    middle = _JITTER_SMOOTH // 2
    return float((levels[middle : count - middle] - smooth).std())


def side_correlation(audio: FloatArray) -> float:
    """1 where left and right are the same, 0 where nothing is in common; NaN where a side is silent."""
    left, right = audio - audio.mean(axis=1, keepdims=True)
    norm = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum() / norm) if norm > 0 else float("nan")
