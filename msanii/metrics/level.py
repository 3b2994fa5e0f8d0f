"""Level metrics: loudness, octave levels and crest factor, without normalisation.

Letters: C audio channels, L samples. Full scale is 1; levels are in dB of mean power over all channels.
"""

from __future__ import annotations

import math

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray, power_spectrogram
from msanii.metrics.loudness import loudness

OCTAVES_HZ = (31, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
"""Nominal centre frequencies, as on an equalizer; the exact ones are 1,000 Hz times powers of two."""
OCTAVES = tuple(f"octave_{hz}" for hz in OCTAVES_HZ)
LEVELS = ("loudness", "above_8000", "crest", *OCTAVES)
# An octave this far below the loudest is masked.
OCTAVE_RANGE_DB = 45.0
HIGH_HZ = 8000.0
LOWEST_DB = -120.0
_WINDOW_SAMPLES = 8192
_KILOHERTZ = OCTAVES_HZ.index(1000)


def level_metrics(audio: Audio, rate: int) -> dict[str, float]:
    """The metrics `LEVELS` of a clip (C, L); NaN for silence.

    Loudness in LUFS, power above 8 kHz in dB of the whole, crest factor in dB, and the level of each octave
    in dB.
    """
    rms = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if audio.size else 0.0
    if rms == 0:
        return dict.fromkeys(LEVELS, math.nan)
    frequencies, power = _spectrum(audio, rate)
    high = float(power[frequencies > HIGH_HZ].sum() / power.sum())
    return {
        "loudness": loudness(audio, rate),
        "above_8000": _decibels(high),
        "crest": 20 * math.log10(float(np.abs(audio).max()) / rms),
        **dict(zip(OCTAVES, _octaves(frequencies, power).tolist(), strict=True)),
    }


def level_db(audio: Audio) -> float:
    """The mean power of (C, L) in dB, at least -120."""
    return _decibels(float(np.mean(np.square(audio, dtype=np.float64)))) if audio.size else LOWEST_DB


def octave_levels(audio: Audio, rate: int) -> FloatArray:
    """(10,): the level of each of `OCTAVES_HZ` over a whole clip (C, L) in dB, at least -120."""
    return _octaves(*_spectrum(audio, rate))


def _octaves(frequencies: FloatArray, power: FloatArray) -> FloatArray:
    octave = np.round(np.log2(np.maximum(frequencies, 1e-9) / 1000)) + _KILOHERTZ
    return np.array([_decibels(float(power[octave == place].sum())) for place in range(len(OCTAVES_HZ))])


def _spectrum(audio: Audio, rate: int) -> tuple[FloatArray, FloatArray]:
    """Frequencies (F,) in Hz and the mean power (F,) at each; their sum is the clip's power."""
    power = power_spectrogram(audio, _WINDOW_SAMPLES, _WINDOW_SAMPLES // 2).mean(axis=1)
    # A Hann window's noise bandwidth is 1.5 bins, and each frequency but 0 has a negative one.
    frequencies = np.arange(len(power), dtype=np.float64) * rate / _WINDOW_SAMPLES
    return frequencies, np.asarray(power * (2 / 1.5), dtype=np.float64)


def _decibels(power: float) -> float:
    return max(LOWEST_DB, 10 * math.log10(max(power, 1e-30)))
