"""Metrics of notes that are heard in a clip, against those that it was asked to play. Pure numpy.

Shapes: N notes, each (onset seconds, end seconds, pitch, velocity); F bins.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray
from msanii.metrics.rhythm import matches, strokes

WINDOW_SECONDS = 0.05
_LEVEL_WINDOW_SAMPLES = 4096
_AROUND_SECONDS = 0.01
_FAINTEST = 1e-12


def missing_and_spurious(
    heard: FloatArray, asked: FloatArray, window_seconds: float = WINDOW_SECONDS
) -> tuple[float, float]:
    """The share of asked notes (N, 4) that are not heard, and of heard ones that nobody asked for.

    A note is heard if one of its pitch begins within the window. NaN where nothing is asked, or heard.
    """
    hits = sum(
        matches(
            np.sort(heard[heard[:, 2] == pitch, 0]), np.sort(asked[asked[:, 2] == pitch, 0]), window_seconds
        )
        for pitch in np.unique(asked[:, 2])
    )
    return _without(hits, len(asked)), _without(hits, len(heard))


def missing_and_spurious_strokes(heard: FloatArray, asked: FloatArray) -> tuple[float, float]:
    """As above for onsets (N,), whatever their pitch; those of one stroke count once."""
    expected = strokes(asked)
    hits = matches(heard, expected, WINDOW_SECONDS)
    return _without(hits, len(expected)), _without(hits, len(heard))


def stroke_levels_db(audio: Audio, rate: int, onsets: FloatArray) -> FloatArray:
    """(N,): how much power each stroke adds to `audio` (C, L), in dB, bin by bin over what rang before it."""
    return np.array([_added_db(audio, rate, float(onset)) for onset in onsets])


def _added_db(audio: Audio, rate: int, onset: float) -> float:
    before = _power(audio, round((onset - _AROUND_SECONDS) * rate) - _LEVEL_WINDOW_SAMPLES)
    after = _power(audio, round((onset + _AROUND_SECONDS) * rate))
    return float(10 * np.log10(np.maximum(after - before, 0.0).sum() + _FAINTEST))


def _power(audio: Audio, start: int) -> FloatArray:
    """The power (F,) of a window from a sample on, summed over channels; outside the audio is silence."""
    window = np.zeros((audio.shape[0], _LEVEL_WINDOW_SAMPLES))
    first, last = max(start, 0), min(start + _LEVEL_WINDOW_SAMPLES, audio.shape[1])
    if last > first:
        window[:, first - start : last - start] = audio[:, first:last]
    spectrum = np.fft.rfft(window * np.hanning(_LEVEL_WINDOW_SAMPLES), axis=-1)
    return np.asarray((np.abs(spectrum) ** 2).sum(axis=0) / _LEVEL_WINDOW_SAMPLES**2, dtype=np.float64)


def _without(hits: int, count: int) -> float:
    return 1 - hits / count if count else float("nan")
