"""Metrics of harmony against a chord progression, and onset detection. Pure numpy.

Shapes: C audio channels, L samples, T frames, F linear bins, N events. `chords` (N, 15) hold start seconds,
end seconds, root and twelve chord tones: those of `msanii.controls.features.Events` without the bass note.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
FloatArray = NDArray[np.float64]

TRITONE = 6
_A4_HZ = 440.0
_A4_CLASS = 9
# Tuned on ten rendered songs with known notes: nine of ten settings agree within two per cent. This one has
# a recall of 98 % and a precision of 97 %.
_FLUX_SAMPLES, _FLUX_HOP, _FLUX_HIGH_HZ = 2048, 441, 8000.0
_PEAK_REACH_SECONDS, _AVERAGE_REACH_SECONDS = 0.03, 0.15
_PEAK_OVER_AVERAGE, _PEAK_OVER_LOUD = 1.5, 0.2
_COMPRESSION = 1000.0


@dataclass(frozen=True)
class Band:
    """A frequency range, and the window length that resolves semitones in it."""

    low_hz: float
    high_hz: float
    window_samples: int


MIDDLE = Band(110.0, 2000.0, 8192)
BASS = Band(35.0, 500.0, 32_768)


def chord_tone_energy(
    audio: Audio, rate: int, chords: FloatArray, band: Band = MIDDLE, *, transpose: int = 0
) -> float:
    """The share, 0 to 1, of a band's energy that is on the tones of the current chord.

    `audio` is (C, L), `chords` (N, 15); `transpose` shifts the chords up by semitones first. Time without a
    chord does not count; NaN without any chord or sound.
    """
    hop = band.window_samples // 4
    power = power_spectrogram(audio, band.window_samples, hop)  # (F, T)
    chroma = _fold(power, rate, band)  # (12, T)
    tones = _tones_at(np.arange(chroma.shape[1]) * hop / rate, chords)  # (12, T)
    total = float(chroma[:, tones.any(axis=0)].sum())
    return float((chroma * np.roll(tones, transpose, axis=0)).sum()) / total if total > 0 else float("nan")


def onset_seconds(audio: Audio, rate: int) -> FloatArray:
    """Onset times, ascending: the peaks of the spectral flux of `audio` (C, L)."""
    power = power_spectrogram(audio, _FLUX_SAMPLES, _FLUX_HOP)
    audible = power[: round(_FLUX_HIGH_HZ * _FLUX_SAMPLES / rate)]
    compressed = np.log1p(_COMPRESSION * np.sqrt(audible))
    flux = np.maximum(np.diff(compressed, axis=1, prepend=compressed[:, :1]), 0.0).mean(axis=0)
    frames_per_second = rate / _FLUX_HOP
    highest = _sliding(flux, round(_PEAK_REACH_SECONDS * frames_per_second)).max(axis=1)
    average = _sliding(flux, round(_AVERAGE_REACH_SECONDS * frames_per_second)).mean(axis=1)
    strong = (flux > _PEAK_OVER_AVERAGE * average) & (flux > _PEAK_OVER_LOUD * np.percentile(flux, 99))
    return np.flatnonzero(strong & (flux == highest)) / frames_per_second


def power_spectrogram(audio: Audio, window_samples: int, hop: int) -> FloatArray:
    """Power (F, T) of `audio` (C, L), averaged over channels; frame t is centred on sample t * hop."""
    pad = window_samples // 2
    padded = np.pad(np.atleast_2d(audio).astype(np.float64), ((0, 0), (pad, pad)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window_samples, axis=-1)[:, ::hop]  # (C, T, W)
    window = np.hanning(window_samples + 1)[:-1]
    # A sine of amplitude 1 has power 1/4 in its bin, for any window length.
    scale = window.sum() ** -2
    return np.asarray(
        sum(np.abs(np.fft.rfft(channel * window, axis=-1)).T ** 2 for channel in frames) * scale / len(frames)
    )


def _fold(power: FloatArray, rate: int, band: Band) -> FloatArray:
    """Sum the power (F, T) in the band by pitch class, from C up: (12, T)."""
    frequencies = np.arange(1, power.shape[0]) * rate / band.window_samples
    inside = (frequencies >= band.low_hz) & (frequencies <= band.high_hz)
    classes = (np.round(12 * np.log2(frequencies / _A4_HZ)).astype(int) + _A4_CLASS) % 12
    chroma = np.zeros((12, power.shape[1]))
    np.add.at(chroma, classes[inside], power[1:][inside])
    return chroma


def _tones_at(seconds: FloatArray, chords: FloatArray) -> FloatArray:
    """(12, T): 1 for the tones of the chord at each time, all 0 without a chord."""
    tones = np.zeros((12, len(seconds)))
    for start, end, root, *chord_tones in chords:
        if root >= 0:
            tones[:, (seconds >= start) & (seconds < end)] = np.array(chord_tones)[:, None]
    return tones


def _sliding(values: FloatArray, reach: int) -> FloatArray:
    """(T, 2 * reach + 1): the neighbourhood of each value, padded with the first and last value."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="edge"), 2 * reach + 1)
