"""From a rendered loop to its file: rate, loudness and peaks, with a seam as smooth as it was rendered.

Letters: C audio channels, L samples. All audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from msanii.choices import LATEST_EDITION, Edition
from msanii.errors import OutputError
from msanii.limits import LOUDNESS_LUFS, PEAK_DBTP
from msanii.signal.finishing import check_audible, check_output, decayed, resample
from msanii.signal.limiting import Audio, Limiter

# What the limiter and the filters around it can hear beyond a seam.
_REACH_SECONDS = 0.1


def finish_loop(
    audio: Audio,
    *,
    loop_samples: int,
    samples: int,
    source_rate: int,
    rate: int,
    loudness_lufs: float | None = LOUDNESS_LUFS,
    peak_dbtp: float = PEAK_DBTP,
    edition: Edition = LATEST_EDITION,
) -> tuple[Audio, Audio | None]:
    """Make a rendered loop (C, `loop_samples` + tail) into a file's (C, `samples`) at `rate`, and its tail.

    The tail has decayed at its end, and the same gain as the loop, so that it goes on where the loop ends;
    None where nothing was rendered after the loop, or nothing of it can be heard. Loudness and peaks are held
    as by `finishing.finish`, across the seam as well. Raises OutputError for audio that is not finite,
    silent, too short or clipped.
    """
    check_output(audio, clipping=False)
    if audio.shape[1] < loop_samples:
        raise OutputError(
            f"the rendered loop is {loop_samples - audio.shape[1]} samples short of its {loop_samples}"
        )
    rendered, ringing = audio[:, :loop_samples], audio[:, loop_samples:]
    loop = resample_loop(rendered, samples)
    if edition > 1:
        check_audible(loop, rate)
    tail = _resampled_tail(rendered, ringing, source_rate, rate)
    if loudness_lufs is not None:
        loop, tail = _normalised(loop, tail, rate, loudness_lufs, peak_dbtp)
    check_output(loop)
    tail = decayed(tail)
    if not tail.shape[1]:
        return loop, None
    check_output(tail, silence=False)
    return loop, tail


def loops_at_loudness(
    loops: Sequence[Audio], rate: int, loudness_lufs: float, peak_dbtp: float
) -> list[Audio]:
    """Loops (C, L) of one length under one gain: the first at its loudness, all peaks held."""
    reach, samples = round(_REACH_SECONDS * rate), loops[0].shape[1]
    first, *beside = (_around(loop, reach, reach) for loop in loops)
    limited = Limiter(first, rate, peak_dbtp, beside).all_at_loudness(
        loudness_lufs, slice(reach, reach + samples)
    )
    return [line[:, reach : reach + samples] for line in limited]


def resample_loop(loop: Audio, samples: int) -> Audio:
    """A loop (C, L) in another number of samples, (C, samples), as exactly periodic as before.

    By its Fourier series: the only resampling that knows no edge, at any ratio of the two lengths.
    """
    from scipy.signal import resample as by_fourier_series

    if loop.shape[1] == samples:
        return loop
    # One channel at a time, since double precision takes room.
    return np.stack([by_fourier_series(channel.astype(np.float64), samples) for channel in loop]).astype(
        np.float32
    )


def _resampled_tail(loop: Audio, tail: Audio, source_rate: int, rate: int) -> Audio:
    """The tail (C, L) at another rate, with what comes before it heard by the filter."""
    if tail.shape[1] == 0 or source_rate == rate:
        return tail
    before = round(_REACH_SECONDS * source_rate)
    line = np.concatenate((_around(loop, before, 0)[:, :before], tail), axis=1)
    return resample(line, source_rate, rate)[:, round(before * rate / source_rate) :]


def _normalised(
    loop: Audio, tail: Audio, rate: int, loudness_lufs: float, peak_dbtp: float
) -> tuple[Audio, Audio]:
    """Both with one gain that brings the loop to its loudness, and the peaks of both held."""
    reach, samples = round(_REACH_SECONDS * rate), loop.shape[1]
    if tail.shape[1]:
        # Twice round, and then out: each join is one that is heard.
        line = np.concatenate((_around(loop, reach, samples), tail), axis=1)
    else:
        line = _around(loop, reach, reach)
    once = slice(reach, reach + samples)
    line = Limiter(line, rate, peak_dbtp).at_loudness(loudness_lufs, once)
    return line[:, once], line[:, reach + 2 * samples :][:, : tail.shape[1]]


def _around(loop: Audio, before: int, after: int) -> Audio:
    """The loop (C, L) gone on with on both sides, (C, before + L + after), round and round if need be."""
    return np.take(loop, np.arange(-before, loop.shape[1] + after), axis=1, mode="wrap")
