"""True-peak measurement, and a look-ahead limiter that brings audio to a loudness and holds the peak.

Letters: C audio channels, L samples. All audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from msanii.metrics.loudness import loudness

Audio = npt.NDArray[np.float32]

OVERSAMPLING = 4
# The oversampling filter's reach to each side, its block size, and the samples processed at once.
_REACH, _BLOCK, _PIECE = 10, 64, 1 << 15
LOOK_AHEAD_SECONDS = 0.015
# Harder limiting would be heard as pumping; the file then stays below the requested loudness.
MOST_LIMITING_DB = 12.0
LOUDNESS_TOLERANCE_LU = 0.1


def true_peak_dbtp(audio: Audio) -> float:
    """The true (inter-sample) peak of audio (C, L), in dB relative to full scale; -inf for silence."""
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(_whole_envelope(audio).max()))


def limit_peak(audio: Audio, rate: int, peak_dbtp: float) -> Audio:
    """Limit the true peak of audio (C, L) to `peak_dbtp`, reducing the gain for 15 ms around louder peaks."""
    return Limiter(audio, rate, peak_dbtp).at(0.0)


class Limiter:
    """Audio (C, L) at any gain, its true peak held under `peak_dbtp`; the input's peak is measured only once.

    Signals `beside` it, such as the parts of a mix, get the same gain at every sample; all peaks are held.
    """

    def __init__(self, audio: Audio, rate: int, peak_dbtp: float, beside: Sequence[Audio] = ()) -> None:
        self._audio, self._beside, self._rate, self._peak_dbtp = audio, beside, rate, peak_dbtp
        self._envelope = _largest_envelope((audio, *beside))
        # Slightly lower, since the smoothed gain also changes the curve between the samples.
        self._ceiling = 10 ** ((peak_dbtp - 0.05) / 20)

    def at_loudness(self, loudness_lufs: float, heard: slice = slice(None)) -> Audio:
        """The audio with the gain that brings its `heard` part to a loudness, within 0.1 LU.

        Where that would take more than 12 dB of limiting, the peak wins. Silence stays silence.
        """
        return self.all_at_loudness(loudness_lufs, heard)[0]

    def all_at_loudness(self, loudness_lufs: float, heard: slice = slice(None)) -> list[Audio]:
        """The audio as in `at_loudness`, then the signals beside it with the same gain."""
        if not self._envelope.any():
            return [self._audio, *self._beside]
        headroom_db = self._peak_dbtp - float(20 * np.log10(self._envelope.max()))
        loud = loudness(self._audio[:, heard], self._rate)
        if not np.isfinite(loud):
            return self._all_at(headroom_db)
        most_db = headroom_db + MOST_LIMITING_DB
        gain_db = min(loudness_lufs - loud, most_db)
        lines = [np.empty_like(line) for line in (self._audio, *self._beside)]
        for _ in range(6):
            self._all_at(gain_db, lines)
            if not self._limits(gain_db):
                break  # without limiting, the loudness changes by exactly the gain
            missing_db = loudness_lufs - loudness(lines[0][:, heard], self._rate)
            if abs(missing_db) <= LOUDNESS_TOLERANCE_LU or gain_db >= most_db:
                break
            gain_db = min(gain_db + missing_db, most_db)
        return lines

    def at(self, gain_db: float) -> Audio:
        """The audio with a gain, reduced for 15 ms around peaks that would be too loud."""
        return self._all_at(gain_db)[0]

    def _all_at(self, gain_db: float, into: Sequence[Audio] | None = None) -> list[Audio]:
        """All signals at a gain; trials of several gains write `into` the same arrays, which saves time."""
        factor = np.float32(10 ** (gain_db / 20))
        signals = (self._audio, *self._beside)
        if into is None and gain_db == 0 and not self._limits(gain_db):
            return list(signals)
        lines = [np.empty_like(line) for line in signals] if into is None else list(into)
        for line, signal in zip(lines, signals, strict=True):
            np.multiply(signal, factor, out=line)
        if not self._limits(gain_db):
            return lines
        limited = set()
        for begin in range(0, len(self._envelope), _PIECE):
            gain = self._gain(begin, factor)
            if gain is not None:
                limited.add(begin)
                for line in lines:
                    line[:, begin : begin + _PIECE] *= gain
        # Elsewhere no peak is above the ceiling, but a changed sample changes the curve beside it.
        near = {begin + shift for begin in limited for shift in (-_PIECE, 0, _PIECE)}
        pieces = [begin for begin in near if 0 <= begin < len(self._envelope)]
        peak = max((_envelope(line, begin).max() for line in lines for begin in pieces), default=0.0)
        over = np.float32(max(1.0, peak / 10 ** (self._peak_dbtp / 20)))
        if over > 1:
            for line in lines:
                np.divide(line, over, out=line)
        return lines

    def _gain(self, begin: int, factor: np.float32) -> Audio | None:
        """The smoothed gain of `_PIECE` samples from `begin` on; None if nothing near them is too loud."""
        from scipy.ndimage import minimum_filter1d, uniform_filter1d

        reach = max(1, round(LOOK_AHEAD_SECONDS * self._rate))
        first = max(0, begin - 2 * reach)
        needed = self._envelope[first : begin + _PIECE + 2 * reach] * factor
        np.maximum(needed, self._ceiling, out=needed)
        np.divide(self._ceiling, needed, out=needed)
        np.minimum(1.0, needed, out=needed)
        if needed.min() == 1:
            return None
        # The two averages together span as much as the minimum, so the smoothed gain never exceeds `needed`.
        # Their sums of float32 values are exact in double precision, so that pieces equal the whole.
        gain: Audio = minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
        for _ in range(2):
            gain = uniform_filter1d(gain, reach | 1, mode="nearest")
        return gain[begin - first : begin - first + _PIECE]

    def _limits(self, gain_db: float) -> bool:
        return bool(self._envelope.max() * np.float32(10 ** (gain_db / 20)) > self._ceiling)


def _largest_envelope(lines: Sequence[Audio]) -> npt.NDArray[np.float32]:
    """(L,): the largest envelope of all signals around each sample."""
    return functools.reduce(np.maximum, map(_whole_envelope, lines))


def _whole_envelope(audio: Audio) -> Audio:
    """(L,): the largest magnitude of all channels around each sample, four times oversampled."""
    found = np.empty(audio.shape[1], dtype=np.float32)
    for begin in range(0, len(found), _PIECE):
        found[begin : begin + _PIECE] = _envelope(audio, begin)
    return found


def _envelope(audio: Audio, begin: int) -> Audio:
    """The envelope of the `_PIECE` samples from `begin` on, as far as there are any."""
    channels, samples = audio.shape
    matrix = _between()
    end = min(samples, begin + _PIECE)
    blocks = -(-(end - begin) // _BLOCK)
    some = np.zeros((channels, blocks * _BLOCK + 2 * _REACH), dtype=np.float32)
    first, last = max(0, begin - _REACH), min(samples, begin - _REACH + some.shape[1])
    some[:, first - begin + _REACH : last - begin + _REACH] = audio[:, first:last]
    around = np.lib.stride_tricks.sliding_window_view(some, _BLOCK + 2 * _REACH, axis=1)[:, ::_BLOCK]
    # As one contiguous matrix, numpy's product is ten times as fast.
    between = np.ascontiguousarray(around).reshape(-1, len(matrix)) @ matrix
    np.abs(between, out=between)
    # Row by row: numpy's `max` over such axes takes twice as long.
    loudest = functools.reduce(np.maximum, between.reshape(channels, blocks, OVERSAMPLING, _BLOCK))
    loudest = functools.reduce(np.maximum, loudest.swapaxes(0, 1)).reshape(-1)[: end - begin]
    found: Audio = np.maximum(loudest, np.abs(audio[:, begin:end]).max(axis=0))
    return found


@functools.cache
def _between() -> npt.NDArray[np.float32]:
    """The matrix that turns `_BLOCK` samples and `_REACH` more on each side into four values per sample.

    The filter is that of scipy.signal.resample_poly; as a matrix product it takes a fifth of the time.
    """
    from scipy.signal import firwin

    half = _REACH * OVERSAMPLING
    filter_taps = OVERSAMPLING * firwin(2 * half + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
    # Ordered by filter phase, so that values to be compared lie in rows.
    places = np.arange(_BLOCK * OVERSAMPLING).reshape(_BLOCK, OVERSAMPLING).T.ravel()
    matrix = np.zeros((_BLOCK + 2 * _REACH, _BLOCK * OVERSAMPLING), dtype=np.float32)
    for sample in range(len(matrix)):
        taps = places - (sample - _REACH) * OVERSAMPLING + half
        heard = (taps >= 0) & (taps <= 2 * half)
        matrix[sample, heard] = filter_taps[taps[heard]]
    return matrix
