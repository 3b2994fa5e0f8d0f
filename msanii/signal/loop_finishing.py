"""Finishing a rendered loop for a file: rate, loudness and peaks, with the seam as smooth as rendered.

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

# How far the limiter and the resampling filter reach across a seam.
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
    """Turn a rendered loop (C, `loop_samples` + tail) into a file's (C, `samples`) at `rate`, and its tail.

    The tail fades out and has the same gain as the loop, so that it continues where the loop ends; None if
    nothing was rendered after the loop, or nothing audible. Loudness and peaks are held as in
    `finishing.finish`, across the seam as well. Raises OutputError for audio that is not finite, silent, too
    short or clipped.
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
    tail = resampled_tail(rendered, ringing, source_rate, rate)
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
    """Apply one gain to loops (C, L) of equal length: the first reaches the loudness, all peaks are held."""
    reach, samples = round(_REACH_SECONDS * rate), loops[0].shape[1]
    first, *beside = (_around(loop, reach, reach) for loop in loops)
    limited = Limiter(first, rate, peak_dbtp, beside).all_at_loudness(
        loudness_lufs, slice(reach, reach + samples)
    )
    return [line[:, reach : reach + samples] for line in limited]


def resample_loop(loop: Audio, samples: int) -> Audio:
    """Resample a loop (C, L) to (C, samples), exactly periodic as before.

    Uses its Fourier series: the only resampling without edges, at any ratio of the two lengths.
    """
    from scipy.signal import resample as by_fourier_series

    if loop.shape[1] == samples:
        return loop
    # One channel at a time, because double precision takes memory.
    return np.stack([by_fourier_series(channel.astype(np.float64), samples) for channel in loop]).astype(
        np.float32
    )


def resampled_tail(loop: Audio, tail: Audio, source_rate: int, rate: int) -> Audio:
    """Resample the tail (C, L) of a loop, with the end of the loop before it in the filter's view."""
    if tail.shape[1] == 0 or source_rate == rate:
        return tail
    before = round(_REACH_SECONDS * source_rate)
    line = np.concatenate((_around(loop, before, 0)[:, :before], tail), axis=1)
    return resample(line, source_rate, rate)[:, round(before * rate / source_rate) :]


def _normalised(
    loop: Audio, tail: Audio, rate: int, loudness_lufs: float, peak_dbtp: float
) -> tuple[Audio, Audio]:
    """Apply one gain to both that brings the loop to its loudness, holding the peaks of both."""
    if not tail.shape[1]:
        return loops_at_loudness([loop], rate, loudness_lufs, peak_dbtp)[0], tail
    reach, samples = round(_REACH_SECONDS * rate), loop.shape[1]
    # Twice around, then into the tail: this contains every join that is heard.
    line = np.concatenate((_around(loop, reach, samples), tail), axis=1)
    once = slice(reach, reach + samples)
    line = Limiter(line, rate, peak_dbtp).at_loudness(loudness_lufs, once)
    return line[:, once], line[:, reach + 2 * samples :]


def _around(loop: Audio, before: int, after: int) -> Audio:
    """Extend the loop (C, L) periodically on both sides, (C, before + L + after)."""
    return np.take(loop, np.arange(-before, loop.shape[1] + after), axis=1, mode="wrap")
