"""Metrics of a vocoder's output against the original. Pure numpy and scipy.

Shapes: C audio channels, L samples, F linear bins, T frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray

SPECTRUM_SIZES = (512, 1024, 2048, 4096)
MAGNITUDE_FLOOR = 1e-4
# Partials in the search for a note's pitch, and its range and resolution.
PARTIALS, PITCH_REACH_CENTS, PITCH_STEP_CENTS = 8, 60.0, 0.25
PITCH_FFT = 1 << 19
# An attack is where the level passes half of its rise; level window and range of the search.
LEVEL_SECONDS, ATTACK_BEFORE_SECONDS, ATTACK_AFTER_SECONDS = 0.002, 0.03, 0.05
LEAST_RISE = 4.0
LEAST_SIDE_DB = -40.0


@dataclass(frozen=True)
class SpectralError:
    """Spectral convergence, and log-spectral distance in dB."""

    convergence: float
    distance_db: float


def spectral_error(made: Audio, real: Audio, size: int) -> SpectralError:
    """Compare (C, L) with (C, L) in STFTs of `size`, a quarter apart.

    The distance is the mean of |20 log10 of the ratio|, with magnitudes of at least 1e-4.
    """
    ours, theirs = _magnitudes(made, size), _magnitudes(real, size)
    convergence = float(np.linalg.norm(ours - theirs) / max(float(np.linalg.norm(theirs)), MAGNITUDE_FLOOR))
    ratio = np.maximum(ours, MAGNITUDE_FLOOR) / np.maximum(theirs, MAGNITUDE_FLOOR)
    return SpectralError(convergence, float(np.abs(20 * np.log10(ratio)).mean()))


def pitch_hz(audio: Audio, rate: int, expected_hz: float) -> float:
    """The fundamental of a single note in (C, L), near `expected_hz`: where its partials have most energy."""
    mono = audio.mean(axis=0, dtype=np.float64)
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), n=PITCH_FFT))
    steps = np.arange(-PITCH_REACH_CENTS, PITCH_REACH_CENTS + PITCH_STEP_CENTS, PITCH_STEP_CENTS)
    candidates = expected_hz * 2 ** (steps / 1200)
    strength = np.zeros(len(candidates))
    for partial in range(1, PARTIALS + 1):
        places = partial * candidates * PITCH_FFT / rate
        if places[-1] < len(spectrum) - 1:
            strength += np.interp(places, np.arange(len(spectrum)), spectrum)
    return float(candidates[int(strength.argmax())])


def cents(made_hz: float, real_hz: float) -> float:
    """The absolute difference of two pitches."""
    return abs(1200 * math.log2(made_hz / real_hz))


def attack_seconds(audio: Audio, rate: int, onset_seconds: float) -> float | None:
    """The time when the level of (C, L) passes half of its rise at an onset; None if it hardly rises."""
    first = round((onset_seconds - ATTACK_BEFORE_SECONDS) * rate)
    last = round((onset_seconds + ATTACK_AFTER_SECONDS) * rate)
    if first < 0 or last > audio.shape[1]:
        return None
    reach = round(LEVEL_SECONDS * rate)
    power = np.square(audio[:, first:last], dtype=np.float64).mean(axis=0)
    level = np.sqrt(np.convolve(power, np.ones(reach) / reach, mode="same"))
    quiet = float(level[: round(ATTACK_BEFORE_SECONDS * rate / 2)].mean())
    loud = int(level.argmax())
    if level[loud] < LEAST_RISE * max(quiet, 1e-4):
        return None
    half = (quiet + level[loud]) / 2
    passed = int(np.flatnonzero(level[: loud + 1] >= half)[0])
    return (first + passed) / rate


def side_to_mid_db(audio: Audio) -> float | None:
    """The energy of side over mid of stereo audio (2, L), in dB; None for mono or silence."""
    if audio.shape[0] != 2:
        return None
    middle, side = audio[0] + audio[1], audio[0] - audio[1]
    energies = (float(np.square(part, dtype=np.float64).sum()) for part in (middle, side))
    mid_energy, side_energy = energies
    if mid_energy <= 0 or side_energy <= mid_energy * 10 ** (LEAST_SIDE_DB / 10):
        return None
    return 10 * math.log10(side_energy / mid_energy)


def _magnitudes(audio: Audio, size: int) -> FloatArray:
    """(C, T, F) with a Hann window, whole windows only."""
    frames = np.lib.stride_tricks.sliding_window_view(audio, size, axis=-1)[:, :: size // 4]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    return np.abs(np.fft.rfft(frames * window, axis=-1)).astype(np.float64)
