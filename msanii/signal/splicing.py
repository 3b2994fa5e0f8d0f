"""Splicing new audio into old: kept samples do not change, and the fades lie in the new audio.

Letters: C audio channels, L samples. Works at any sample rate, so that a source keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    """Return `new` (C, L) between samples `start` and `end`, and `source` (C, M) everywhere else, as (C, L).

    `source` begins at sample `offset` of the result and must cover all of it outside the span. At each seam
    with the source, a 30 ms crossfade inside the span leads from the source (where it ends, from its linear
    prediction) to the new audio: equal gain to the extent that the two are correlated, equal power to the
    extent that they are not. Raises AudioError for a span outside the result or a source that leaves a gap.
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
    """Splice a `new` (C, W) that covers only a part of the result, from its sample `first` on.

    The true peak of `new` is held under -1 dBTP, or under the source's own where that is higher.
    """
    total = max(end, offset + source.shape[1])
    ceiling = min(0.0, max(PEAK_DBTP, true_peak_dbtp(source)))
    whole = np.zeros((new.shape[0], total), dtype=np.float32)
    whole[:, first : first + new.shape[1]] = limit_peak(new, rate, ceiling)
    return splice(whole, source, start=start, end=end, rate=rate, offset=offset)


def splice_regions(
    new: Audio, source: Audio, regions: Sequence[tuple[int, int]], *, rate: int, loop: bool = False
) -> Audio:
    """Return `new` (C, L) in the regions, from a first sample to an end each, and `source` (C, L) elsewhere.

    Peaks and fades are as in `insert`. With `loop` the end is followed by the start: a region at one of them
    is faded there too. Raises AudioError for a region outside the source.
    """
    ceiling = min(0.0, max(PEAK_DBTP, true_peak_dbtp(source)))
    new = limit_peak(new, rate, ceiling)
    samples = source.shape[1]
    turn = _amid_kept(regions, samples) if loop else 0
    if turn is None:
        return new.copy()
    turned = [((start - turn) % samples, (end - turn - 1) % samples + 1) for start, end in regions]
    line, new = (np.roll(one, -turn, axis=1) for one in (source, new))
    for start, end in joined(turned):
        line = splice(new, line, start=start, end=end, rate=rate)
    return np.roll(line, turn, axis=1)


def joined(regions: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Regions, from a start to an end each, in order; those that touch become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(regions):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _amid_kept(regions: Sequence[tuple[int, int]], samples: int) -> int | None:
    """The middle of a loop's longest stretch outside the regions; None if they cover all of it."""
    ordered = joined(regions)
    following = [*(start for start, _ in ordered[1:]), ordered[0][0] + samples]
    length, end = max((start - end, end) for (_, end), start in zip(ordered, following, strict=True))
    return (end + length // 2) % samples if length > 0 else None


def crossfade(old: Audio, new: Audio) -> Audio:
    """Crossfade `old` (C, L) to `new` (C, L): equal gain if they are correlated, equal power if not."""
    both = float(np.sqrt(np.vdot(old, old) * np.vdot(new, new)))
    correlation = max(0.0, float(np.vdot(old, new)) / both) if both > 0 else 0.0
    rise = (np.arange(old.shape[1], dtype=np.float32) + 1) / (old.shape[1] + 1)
    fall = 1 - rise
    # The power of the weighted sum of two signals of equal power stays 1 along the fade.
    power = fall**2 + rise**2 + 2 * correlation * fall * rise
    mixed: Audio = ((old * fall + new * rise) / np.sqrt(power)).astype(np.float32)
    # Coinciding peaks must not clip where neither signal does.
    highest = np.abs(np.stack((old, new))).max(initial=0)
    return mixed.clip(-highest, highest)


def predict(history: Audio, samples: int) -> Audio:
    """Predict the next `samples` of audio (C, L) linearly (Burg): its partials continue and decay."""
    from scipy.signal import lfilter, lfiltic

    continued = []
    for channel in history[:, -PREDICTION_HISTORY:].astype(np.float64):
        filter_ = _burg(channel, min(PREDICTION_ORDER, len(channel) // 3))
        state = lfiltic([1.0], filter_, channel[: -len(filter_) : -1])
        continued.append(lfilter([1.0], filter_, np.zeros(samples), zi=state)[0])
    return np.stack(continued).astype(np.float32)


def _going_on(source: Audio, at: int, samples: int) -> Audio:
    """The next `samples` of `source` (C, L) from `at` on, predicted where it has ended."""
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
