"""What can be measured of any sound by itself: offset, subsonic energy, clicks, mono, bandwidth. Pure numpy.

Shapes: C audio channels, L samples, F bins. Every measure takes audio (C, L) and its rate in hertz, whether
it needs the rate or not, and every one is finite.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray, power_spectrogram

# Below the lowest note of a piano (27.5 Hz); with a window of this length, so is what leaks from an offset.
SUBSONIC_HZ = 25.0
_WINDOW_SECONDS = 0.4
# Quieter than the last bit of a 16-bit file.
FLOOR_DB = -120.0
MOST_LOSS_DB = 60.0
# Bands of this width are sound as far up as they lie within so much of the loudest one.
_BAND_HZ, _AUDIBLE_DB = 100.0, -60.0


def dc_share(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all measures are called alike)
    """How much of a sound is offset: its mean sample over its root mean square, 0 to 1; 0 for silence.

    A sine of amplitude 1 on an offset of 0.1 has 0.14; of several channels the root mean square counts.
    """
    line = audio.astype(np.float64)
    power = float(np.mean(line**2)) if line.size else 0.0
    return float(np.sqrt(np.mean(line.mean(axis=1) ** 2) / power)) if power > 0 else 0.0


def subsonic_share(audio: Audio, rate: int) -> float:
    """The share of a sound's energy that lies below 25 Hz, its offset with it, 0 to 1; 0 for silence."""
    power, bin_hz = _mean_power(audio, rate)
    total = float(power.sum())
    below = float(power[np.arange(len(power)) * bin_hz < SUBSONIC_HZ].sum())
    return below / total if total > 0 else 0.0


def edge_step_db(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all measures are called alike)
    """The step out of silence or into it with which a file begins or ends, the larger of both, dBFS.

    That is its first or last sample, in its loudest channel; -120 for less, and for no samples.
    """
    if not audio.size:
        return FLOOR_DB
    step = float(np.abs(audio[:, [0, -1]]).max())
    return max(FLOOR_DB, 20 * float(np.log10(max(step, 1e-12))))


def mono_loss_db(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all measures are called alike)
    """How much quieter than its channels their mean is, dB: what is lost on one loudspeaker.

    0 for channels that are alike, 3 for two that have nothing in common, at most 60; 0 for silence.
    """
    line = audio.astype(np.float64)
    whole = float(np.mean(line**2)) if line.size else 0.0
    if whole <= 0:
        return 0.0
    folded = float(np.mean(line.mean(axis=0) ** 2))
    # Channels that are alike may come out a rounding error above 0.
    return float(np.clip(-10 * np.log10(max(folded / whole, 1e-12)), 0.0, MOST_LOSS_DB))


def bandwidth_hz(audio: Audio, rate: int) -> float:
    """Up to where a sound has anything: the highest 100 Hz within 60 dB of its loudest; 0 for silence."""
    power, bin_hz = _mean_power(audio, rate)
    bands = np.bincount((np.arange(len(power)) * bin_hz / _BAND_HZ).astype(int), weights=power)
    loudest = float(bands.max(initial=0.0))
    if loudest <= 0:
        return 0.0
    heard = np.flatnonzero(bands >= loudest * 10 ** (_AUDIBLE_DB / 10))
    return min((int(heard[-1]) + 1) * _BAND_HZ, rate / 2)


def _mean_power(audio: Audio, rate: int) -> tuple[FloatArray, float]:
    """The mean spectrum (F,) of audio (C, L), and how far its bins lie apart, hertz.

    Of whole windows alone: an end that is cut would put some of every note below 25 Hz.
    """
    samples = audio.shape[-1]
    window = min(round(_WINDOW_SECONDS * rate), samples)
    if window < 2:
        return np.zeros(1), float(rate)
    hop = window // 2
    frames = power_spectrogram(audio, window, hop)  # (F, T), the first one around the first sample
    power = frames[:, 1 : (samples - hop) // hop + 1].sum(axis=1)
    power[1:] *= 2  # a bin stands for its mirror image too, which an offset has not
    return power, rate / window
