"""Removing subsonic content, such as an offset or a slow drift, without changing anything audible.

A model reproduces what it learned: some soundfont instruments have an offset, and guidance exaggerates what
sets a sound apart from others. It is inaudible, but meters, limiters and loudspeakers react to it.

Letters: C audio channels, L samples.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from msanii.signal.splicing import predict

Audio = NDArray[np.float32]

# Everything below the first is removed, everything above the second kept: a bass's lowest B is at 30.9 Hz.
SILENT_HZ, WHOLE_HZ = 20.0, 30.0
# The reach of a filter that steep.
_REACH_SECONDS = 0.25


def without_subsonic(audio: Audio, rate: int, *, circular: bool = False) -> Audio:
    """Remove everything below 20 Hz from audio (C, L) at `rate` hertz; from 30 Hz on even its phase is kept.

    Only a slow curve is subtracted, so that attacks are unchanged too. Both ends are extended by linear
    prediction (cut off or mirrored there, every note would have energy below 20 Hz); with `circular` the
    audio is a loop, and stays one. Audio that is not finite is returned unchanged.
    """
    if not all(np.isfinite(channel).all() for channel in audio):
        return audio
    # One channel at a time, because the spectra of minutes take memory.
    kept = np.empty_like(audio)
    for channel, line in zip(audio, kept, strict=True):
        np.subtract(channel, _subsonic(channel, rate, circular=circular), out=line)
    return kept


def _subsonic(channel: NDArray[np.float32], rate: int, *, circular: bool) -> NDArray[np.float32]:
    """The subsonic part of a channel (L,)."""
    from scipy import fft

    reach = 0 if circular else round(_REACH_SECONDS * rate)
    line = channel if circular else _gone_on(channel, reach)
    size = len(line) if circular else fft.next_fast_len(len(line), real=True)
    spectrum = fft.rfft(line, size)
    # The only bins that are not removed, and one for the rounding.
    low = min(len(spectrum), math.ceil(WHOLE_HZ * size / rate) + 1)
    hertz = np.arange(low, dtype=np.float32) * (rate / size)
    within = np.clip((hertz - SILENT_HZ) / (WHOLE_HZ - SILENT_HZ), 0, 1)
    spectrum[:low] *= 0.5 + 0.5 * np.cos(np.pi * within)
    spectrum[low:] = 0
    slow: NDArray[np.float32] = fft.irfft(spectrum, size, overwrite_x=True)
    return slow[reach : reach + len(channel)]


def _gone_on(channel: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Extend a channel (L,) on both sides by linear prediction, (reach + L + reach,)."""
    after, before = predict(channel[None], reach)[0], predict(channel[None, ::-1], reach)[0, ::-1]
    return np.concatenate((before, channel, after))
