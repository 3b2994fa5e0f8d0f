"""Putting new audio into old: what is kept comes back sample for sample, the fades lie in what is new.

Letters: C audio channels, L samples. Works at any sample rate, so that a source is kept at its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from msanii.errors import AudioError
from msanii.limits import PEAK_DBTP
from msanii.signal.limiting import limit_peak, true_peak_dbtp

Audio = npt.NDArray[np.float32]

FADE_SECONDS = 0.03
# Enough to hold a chord's partials steady over 30 ms, from the last 46 ms (at 44.1 kHz) before the seam.
PREDICTION_ORDER = 128
PREDICTION_HISTORY = 2048


def splice(new: Audio, source: Audio, *, start: int, end: int, rate: int, offset: int = 0) -> Audio:
    """`new` (C, L) between the samples `start` and `end`, and `source` (C, M) everywhere else, as (C, L).

    `source` begins at sample `offset` of the result and must cover all of it outside the span. At each seam
    with the source a fade of 30 ms, inside the span, leads from what the source does there (where it ends,
    from its linear prediction) to the new audio: at equal gain as far as the two are correlated, at equal
    power as far as not. Raises AudioError for a span outside the result or a source that leaves a gap.
    """
    samples = new.shape[1]
    if not 0 <= start < end <= samples:
        raise AudioError(f"region: got samples {start} to {end}, expected a part of 0 to {samples}")
    if (start > 0 and offset > 0) or (end < samples and offset + source.shape[1] < samples) or end < offset:
        raise AudioError("region: the source does not reach all of what is kept")
    fade = min(round(FADE_SECONDS * rate), (end - start) // 2)
    result = new.astype(np.float32, copy=True)
    if start > 0:
        span = slice(start, start + fade)
        result[:, span] = crossfade(_going_on(source, start - offset, fade), new[:, span])
    if end < samples:
        span = slice(end - fade, end)
        backwards = _going_on(source[:, ::-1], source.shape[1] - (end - offset), fade)
        result[:, span] = crossfade(backwards, new[:, span][:, ::-1])[:, ::-1]
    result[:, :start] = source[:, -offset : start - offset] if start > 0 else result[:, :0]
    result[:, end:] = source[:, end - offset : samples - offset]
    return result


def insert(
    new: Audio, source: Audio, *, first: int, start: int, end: int, rate: int, offset: int = 0
) -> Audio:
    """`splice` for a `new` (C, W) that covers only a part of the result, from its sample `first` on.

    Its true peak is held under -1 dBTP, or under the source's own where that is higher.
    """
    total = max(end, offset + source.shape[1])
    ceiling = min(0.0, max(PEAK_DBTP, true_peak_dbtp(source)))
    whole = np.zeros((new.shape[0], total), dtype=np.float32)
    whole[:, first : first + new.shape[1]] = limit_peak(new, rate, ceiling)
    return splice(whole, source, start=start, end=end, rate=rate, offset=offset)


def crossfade(old: Audio, new: Audio) -> Audio:
    """From `old` (C, L) to `new` (C, L): equal gain where they are correlated, equal power where not."""
    both = float(np.sqrt(np.vdot(old, old) * np.vdot(new, new)))
    correlation = max(0.0, float(np.vdot(old, new)) / both) if both > 0 else 0.0
    rise = (np.arange(old.shape[1], dtype=np.float32) + 1) / (old.shape[1] + 1)
    fall = 1 - rise
    # The power of the weighted sum of two signals of equal power stays 1 along the fade.
    power = fall**2 + rise**2 + 2 * correlation * fall * rise
    mixed: Audio = ((old * fall + new * rise) / np.sqrt(power)).astype(np.float32)
    # Two peaks that meet by chance must not clip where neither does.
    highest = np.abs(np.stack((old, new))).max(initial=0)
    return mixed.clip(-highest, highest)


def predict(history: Audio, samples: int) -> Audio:
    """The next `samples` of audio (C, L) by linear prediction (Burg): its partials go on and die away."""
    from scipy.signal import lfilter, lfiltic

    continued = []
    for channel in history[:, -PREDICTION_HISTORY:].astype(np.float64):
        filter_ = _burg(channel, min(PREDICTION_ORDER, len(channel) // 3))
        state = lfiltic([1.0], filter_, channel[: -len(filter_) : -1])
        continued.append(lfilter([1.0], filter_, np.zeros(samples), zi=state)[0])
    return np.stack(continued).astype(np.float32)


def _going_on(source: Audio, at: int, samples: int) -> Audio:
    """What `source` (C, L) does from sample `at` on; predicted where it has no more samples."""
    there = source[:, at : at + samples]
    missing = samples - there.shape[1]
    return there if missing == 0 else np.concatenate((there, predict(source, missing)), axis=1)


def _burg(signal: npt.NDArray[np.float64], order: int) -> npt.NDArray[np.float64]:
    """Prediction error filter [1, a1, ...] by Burg's method, which is stable by construction."""
    filter_ = np.ones(1)
    forward = backward = signal
    for _ in range(order):
        ahead, behind = forward[1:], backward[:-1]
        power = float(ahead @ ahead + behind @ behind)
        if power < 1e-12:
            break
        reflection = -2 * float(ahead @ behind) / power
        longer = np.append(filter_, 0.0)
        filter_ = longer + reflection * longer[::-1]
        forward, backward = ahead + reflection * behind, behind + reflection * ahead
    return filter_
