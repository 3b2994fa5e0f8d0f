"""Metrics of loop seams, tuning, and spectral distance. Pure numpy.

Shapes: C audio channels, L samples, T frames, F linear bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray, power_spectrogram

_STEP_SAMPLES, _STEP_HOP = 1024, 256
# Steps around a sample whose two windows overlap it.
_STEP_REACH = _STEP_SAMPLES // _STEP_HOP // 2 + 1
_JUMP_PERCENTILE = 99.0
_COMPRESSION = 1000.0
_TUNING_SAMPLES = 65_536
_TUNING_LOW_HZ, _TUNING_HIGH_HZ = 110.0, 2000.0
_A4_HZ = 440.0
_FLOOR_DB = -80.0


@dataclass(frozen=True)
class Seam:
    """The seam of a loop; values up to 1 are as smooth as the inside.

    `step` is the largest spectral step at the seam relative to the largest at the inner bar lines, NaN if
    there are none; `jump` is the sample step across the seam relative to the 99th percentile of those inside.
    """

    step: float
    jump: float


def loop_seam(audio: Audio, bar_samples: float) -> Seam:
    """Measure the seam of a loop (C, L) with a bar line every `bar_samples`."""
    samples = audio.shape[-1]
    steps = _spectral_steps(audio)
    lines = np.arange(1, int(np.ceil(samples / bar_samples - 0.5))) * bar_samples
    inner = [_largest_around(steps, line) for line in lines]
    jumps = np.abs(np.diff(audio.astype(np.float64), axis=-1))
    across = float(np.abs(audio[:, 0].astype(np.float64) - audio[:, -1]).max())
    usual = float(np.percentile(jumps, _JUMP_PERCENTILE))
    return Seam(
        step=_ratio(_largest_around(steps, 0.0), max(inner)) if inner else float("nan"),
        jump=_ratio(across, usual),
    )


def tuning_cents(audio: Audio, rate: int) -> float:
    """The deviation of the partials of `audio` (C, L) from equal temperament at 440 Hz, -50 to 50 cents.

    The circular mean over a semitone of the peaks of the average spectrum from 110 to 2,000 Hz, weighted by
    energy. Clips shorter than the window of 65,536 samples use a shorter window.
    """
    window = min(_TUNING_SAMPLES, audio.shape[-1])
    power = power_spectrogram(audio, window, max(1, window // 4)).mean(axis=1)  # (F,)
    level = np.log(power + 1e-20)
    inside = np.arange(len(power)) * rate / window
    peaks = np.flatnonzero(
        (level[1:-1] > level[:-2])
        & (level[1:-1] >= level[2:])
        & (inside[1:-1] > _TUNING_LOW_HZ)
        & (inside[1:-1] < _TUNING_HIGH_HZ)
    )
    before, at, after = (level[peaks + shift] for shift in (0, 1, 2))
    places = peaks + 1 + 0.5 * (before - after) / (before - 2 * at + after)
    semitones = 12 * np.log2(places * rate / window / _A4_HZ)
    mean = np.sum(power[peaks + 1] * np.exp(2j * np.pi * semitones))
    return float(np.angle(mean) / (2 * np.pi) * 100)


def spectral_convergence(audio: Audio, reference: Audio) -> float:
    """The norm of the difference of two magnitude spectrograms relative to the reference's; 0 if equal."""
    ours, theirs = _magnitudes(audio), _magnitudes(reference)
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def log_spectral_distance_db(audio: Audio, reference: Audio) -> float:
    """RMS difference of two spectrograms in dB, with a floor 80 dB below the reference's peak."""
    theirs = _magnitudes(reference)
    floor = theirs.max() * 10 ** (_FLOOR_DB / 20)
    ours, theirs = (20 * np.log10(np.maximum(one, floor)) for one in (_magnitudes(audio), theirs))
    return float(np.sqrt(np.mean((ours - theirs) ** 2)))


def _magnitudes(audio: Audio) -> FloatArray:
    """(C, F, T) of windows of 2,048 samples, 1,024 apart."""
    return np.stack([np.sqrt(power_spectrogram(channel[None], 2048, 1024)) for channel in audio])


def _spectral_steps(audio: Audio) -> FloatArray:
    """(T,): the change of the compressed spectrum up to each frame, on the circle; 256 samples apart."""
    samples = audio.shape[-1]
    around = np.pad(audio, ((0, 0), (_STEP_SAMPLES, _STEP_SAMPLES)), mode="wrap").astype(np.float64)
    # Frame t is centred on t * hop; the step to it is half a hop earlier.
    starts = _STEP_SAMPLES // 2 + np.arange(-_STEP_HOP, samples, _STEP_HOP)
    frames = np.stack([around[:, start : start + _STEP_SAMPLES] for start in starts], axis=1)
    spectra = np.log1p(_COMPRESSION * np.abs(np.fft.rfft(frames * np.hanning(_STEP_SAMPLES + 1)[:-1])))
    return np.asarray(np.linalg.norm(np.diff(spectra, axis=1), axis=(0, 2)))


def _largest_around(steps: FloatArray, sample: float) -> float:
    """The largest step whose windows overlap a sample, on the circle."""
    middle = round(sample / _STEP_HOP + 0.5)
    return float(steps[np.arange(middle - _STEP_REACH, middle + _STEP_REACH) % len(steps)].max())


def _ratio(value: float, reference: float) -> float:
    return value / reference if reference > 0 else float("nan")
