"""Metrics of signal faults: offset, subsonic energy, clicks, mono cancellation, bandwidth. Pure numpy.

Shapes: C audio channels, L samples, F bins. Every metric takes audio (C, L) and its rate in hertz, even if it
does not need the rate, and is always finite.
"""

from __future__ import annotations

import numpy as np

from msanii.metrics.harmony import Audio, FloatArray, power_spectrogram

# Below a piano's lowest note (27.5 Hz). With windows this long, leakage from an offset stays below it too.
SUBSONIC_HZ = 25.0
_WINDOW_SECONDS = 0.4
# Below the last bit of a 16-bit file.
FLOOR_DB = -120.0
MOST_LOSS_DB = 60.0
# Width of the bands, and the level relative to the loudest band down to which they count.
_BAND_HZ, _AUDIBLE_DB = 100.0, -60.0
# Spectra in double precision of minutes at once would take a gigabyte.
_FRAMES_AT_ONCE = 16


def dc_share(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all metrics have the same signature)
    """The DC offset: the mean sample relative to the root mean square, 0 to 1; 0 for silence.

    A sine of amplitude 1 with an offset of 0.1 has 0.14. Channels combine by their root mean square.
    """
    samples = audio.astype(np.float64)
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return float(np.sqrt(np.mean(samples.mean(axis=1) ** 2) / power)) if power > 0 else 0.0


def subsonic_share(audio: Audio, rate: int) -> float:
    """The share of energy below 25 Hz, including the offset, 0 to 1; 0 for silence."""
    power, bin_hz = _mean_power(audio, rate)
    total = float(power.sum())
    below = float(power[np.arange(len(power)) * bin_hz < SUBSONIC_HZ].sum())
    return below / total if total > 0 else 0.0


def edge_step_db(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all metrics have the same signature)
    """The step from or to silence at the start or end of a file, whichever is larger, dBFS.

    This is the first or last sample of the loudest channel; at least -120, also for no samples.
    """
    if not audio.size:
        return FLOOR_DB
    step = float(np.abs(audio[:, [0, -1]]).max())
    return max(FLOOR_DB, 20 * float(np.log10(max(step, 1e-12))))


def mono_loss_db(audio: Audio, rate: int) -> float:  # noqa: ARG001 (all metrics have the same signature)
    """The level lost in a mono sum: how much quieter the mean of the channels is than the channels, dB.

    0 for equal channels, 3 for two uncorrelated ones, at most 60; 0 for silence.
    """
    samples = audio.astype(np.float64)
    whole = float(np.mean(samples**2)) if samples.size else 0.0
    if whole <= 0:
        return 0.0
    folded = float(np.mean(samples.mean(axis=0) ** 2))
    # Equal channels may give a rounding error above 0.
    return float(np.clip(-10 * np.log10(max(folded / whole, 1e-12)), 0.0, MOST_LOSS_DB))


def bandwidth_hz(audio: Audio, rate: int) -> float:
    """The upper edge of the highest 100 Hz band within 60 dB of the loudest; 0 for silence."""
    power, bin_hz = _mean_power(audio, rate)
    bands = np.bincount((np.arange(len(power)) * bin_hz / _BAND_HZ).astype(int), weights=power)
    loudest = float(bands.max(initial=0.0))
    if loudest <= 0:
        return 0.0
    audible = np.flatnonzero(bands >= loudest * 10 ** (_AUDIBLE_DB / 10))
    return min((int(audible[-1]) + 1) * _BAND_HZ, rate / 2)


def _mean_power(audio: Audio, rate: int) -> tuple[FloatArray, float]:
    """The mean spectrum (F,) of audio (C, L), and the spacing of its bins, hertz.

    Only of whole windows: a cut end would put some of every note below 25 Hz.
    """
    samples = audio.shape[-1]
    window = min(round(_WINDOW_SECONDS * rate), samples)
    if window < 2:
        return np.zeros(1), float(rate)
    hop = window // 2
    power = np.zeros(window // 2 + 1)
    count = (samples - hop) // hop
    for first in range(0, count, _FRAMES_AT_ONCE):
        # Frame 0 is centred on the first sample of its piece, so that only those after it are whole.
        here = min(_FRAMES_AT_ONCE, count - first)
        piece = audio[..., first * hop : (first + here - 1) * hop + window]
        power += power_spectrogram(piece, window, hop)[:, 1 : here + 1].sum(axis=1)
    power[1:] *= 2  # add the negative frequencies; bin 0 has none
    return power, rate / window
