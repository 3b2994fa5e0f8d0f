"""Integrated loudness (ITU-R BS.1770). Letters: C audio channels, L samples."""

from __future__ import annotations

import warnings

import numpy as np

from msanii.metrics.harmony import Audio

SHORTEST_LOUDNESS_SECONDS = 0.4


def loudness(audio: Audio, rate: int) -> float:
    """Integrated loudness of audio (C, L) in LUFS (ITU-R BS.1770), -inf for silence.

    Audio shorter than the standard's 0.4 s block is repeated. More than two channels are summed unweighted.
    """
    from pyloudnorm import Meter

    peak = float(np.abs(audio).max())
    if peak == 0:
        return -np.inf
    # Normalise to full scale, or the absolute gate would drop quiet files.
    samples = np.asarray(audio, dtype=np.float64).T / peak  # (L, C)
    repeats = int(np.ceil(SHORTEST_LOUDNESS_SECONDS * rate / len(samples))) + 1
    if len(samples) < SHORTEST_LOUDNESS_SECONDS * rate:
        samples = np.tile(samples, (repeats, 1))
    groups = [samples] if samples.shape[1] <= 2 else np.hsplit(samples, samples.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        powers = [10 ** (Meter(rate).integrated_loudness(group) / 10) for group in groups]
        return float(10 * np.log10(sum(powers)) + 20 * np.log10(peak))
