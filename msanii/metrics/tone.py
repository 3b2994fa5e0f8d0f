"""Metrics of register, dynamics and melody, from audio alone. Pure numpy.

Shapes: C audio channels, L samples, P pitches, T frames, F linear bins.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray, power_spectrogram

LOWEST_PITCH, HIGHEST_PITCH = 36, 100
_WINDOW, _HOP = 8192, 2048
_HARMONICS = 8
_HARMONIC_DECAY = 0.8
_CENTS = 35.0
_FRAME_SAMPLES = 4096
_AUDIBLE_DB, _SILENT_DB = -45.0, -110.0
_SHORTEST_FRAMES = 3
_MELODY_WINDOW, _MELODY_HOP = 4096, 1024


def measured_register(audio: Audio, rate: int) -> float:
    """The mean MIDI pitch of `audio` (C, L) by harmonic salience; NaN for silence.

    Biased low by some semitones, because octaves and twelfths below a note fit its harmonics too.
    """
    salience = pitch_salience(power_spectrogram(audio, _WINDOW, _HOP), rate, _WINDOW)  # (P, T)
    # Only salient pitches of a frame are notes; the others share some of their harmonics.
    strong = np.where(salience >= 0.6 * salience.max(axis=0, keepdims=True), salience, 0.0)
    total = strong.sum()
    pitches = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1)
    return float((strong * pitches[:, None]).sum() / total) if total > 0 else float("nan")


def measured_dynamics(audio: Audio) -> float:
    """The level of `audio` (C, L) while it sounds, dB; measure before loudness normalisation."""
    levels = _frame_levels_db(audio)
    audible = levels[levels > levels.max() + _AUDIBLE_DB] if len(levels) else levels
    return float(10 * np.log10(np.mean(10 ** (audible / 10)))) if len(audible) else float("nan")


def melody(audio: Audio, rate: int) -> list[int]:
    """The MIDI pitches of the most prominent voice in `audio` (C, L), without repetitions.

    The most salient pitch of each audible frame; notes shorter than 70 ms are ignored.
    """
    power = power_spectrogram(audio, _MELODY_WINDOW, _MELODY_HOP)
    best = pitch_salience(power, rate, _MELODY_WINDOW).argmax(axis=0) + LOWEST_PITCH
    level = 10 * np.log10(power.sum(axis=0) + 1e-20)
    audible = level > max(level.max() + _AUDIBLE_DB, _SILENT_DB)
    notes: list[int] = []
    start = 0
    for frame in range(1, len(best) + 1):
        if frame < len(best) and best[frame] == best[start] and audible[frame] == audible[start]:
            continue
        held = frame - start >= _SHORTEST_FRAMES and bool(audible[start])
        if held and (not notes or notes[-1] != best[start]):
            notes.append(int(best[start]))
        start = frame
    return notes


def pitch_salience(power: FloatArray, rate: int, window_samples: int) -> FloatArray:
    """(P, T): the weight of a spectrum (F, T) on each pitch's first eight harmonics, from C2 to E7."""
    magnitude = np.sqrt(np.sqrt(power))
    hertz = 440.0 * 2 ** ((np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1) - 69) / 12)
    salience = np.zeros((len(hertz), power.shape[1]))
    for place, fundamental in enumerate(hertz):
        for harmonic in range(1, _HARMONICS + 1):
            low, high = (fundamental * harmonic * 2 ** (side * _CENTS / 1200) for side in (-1, 1))
            first = round(low * window_samples / rate)
            last = max(round(high * window_samples / rate), first)
            if last >= len(magnitude):
                break
            salience[place] += _HARMONIC_DECAY ** (harmonic - 1) * magnitude[first : last + 1].max(axis=0)
    return salience


def rank_correlation(asked: FloatArray, measured: FloatArray) -> float:
    """Spearman's rank correlation, -1 to 1, over finite pairs; NaN if it is undefined."""
    from scipy.stats import rankdata

    known = np.isfinite(asked) & np.isfinite(measured)
    if known.sum() < 3:
        return float("nan")
    first, second = rankdata(asked[known]), rankdata(measured[known])
    spread = float(first.std() * second.std())
    return (
        float(np.mean((first - first.mean()) * (second - second.mean())) / spread) if spread else float("nan")
    )


def _frame_levels_db(audio: Audio) -> FloatArray:
    count = audio.shape[-1] // _FRAME_SAMPLES
    frames = np.atleast_2d(audio)[:, : count * _FRAME_SAMPLES].reshape(-1, count, _FRAME_SAMPLES)
    return np.asarray(10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=(0, 2)) + 1e-12))
