"""What lies below hearing taken out of a sound, without a trace of it above: an offset, and a slow drift.

A model gives what it learned: some instruments of soundfonts stand on an offset, and guidance makes what sets
a sound apart from others the greater. No one hears it, but meters, limiters and loudspeakers do.

Letters: C audio channels, L samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from msanii.signal.splicing import predict

Audio = NDArray[np.float32]

# Nothing is left below the first, everything above the second: the lowest B of a bass has 30.9 Hz.
SILENT_HZ, WHOLE_HZ = 20.0, 30.0
# So far a filter that steep reaches.
_REACH_SECONDS = 0.25


def without_subsonic(audio: Audio, rate: int, *, circular: bool = False) -> Audio:
    """Audio (C, L) at `rate` hertz without what lies below 20 Hz; from 30 Hz on it stays, phase and all.

    What is taken away is a slow curve, so that attacks stay too. A line goes on at both ends as its linear
    prediction does (cut there, or mirrored, every note would have some of it below 20 Hz); with `circular` it
    is a loop, and stays one. What is not finite comes back as it is.
    """
    if not np.isfinite(audio).all():
        return audio
    # One channel at a time, since spectra of minutes take room.
    return np.stack([channel - _subsonic(channel, rate, circular=circular) for channel in audio])


def _subsonic(channel: NDArray[np.float32], rate: int, *, circular: bool) -> NDArray[np.float32]:
    """What is to go from a channel (L,)."""
    from scipy import fft

    reach = 0 if circular else round(_REACH_SECONDS * rate)
    line = channel if circular else _gone_on(channel, reach)
    size = len(line) if circular else fft.next_fast_len(len(line), real=True)
    spectrum = fft.rfft(line, size)
    hertz = np.arange(len(spectrum), dtype=np.float32) * (rate / size)
    within = np.clip((hertz - SILENT_HZ) / (WHOLE_HZ - SILENT_HZ), 0, 1)
    low: NDArray[np.float32] = fft.irfft(spectrum * (0.5 + 0.5 * np.cos(np.pi * within)), size)
    return low[reach : reach + len(channel)]


def _gone_on(channel: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """A channel (L,) with what would come before and after it, (reach + L + reach,)."""
    after, before = predict(channel[None], reach)[0], predict(channel[None, ::-1], reach)[0, ::-1]
    return np.concatenate((before, channel, after))
