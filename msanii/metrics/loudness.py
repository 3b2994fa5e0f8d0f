"""Integrated loudness (ITU-R BS.1770). Letters: C audio channels, L samples, N blocks of 400 ms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msanii.metrics.harmony import Audio

SHORTEST_LOUDNESS_SECONDS = 0.4
_BLOCK_SECONDS, _STEP = 0.4, 0.25
_PIECE = 1 << 15  # samples
_OFFSET_LU, _ABSOLUTE_LUFS, _RELATIVE_LU = -0.691, -70.0, 10.0


def loudness(audio: Audio, rate: int) -> float:
    """Integrated loudness of audio (C, L) in LUFS (ITU-R BS.1770), -inf for silence.

    Audio shorter than the standard's 0.4 s block is repeated. More than two channels are summed unweighted.
    The numbers are those of pyloudnorm 0.2, whose filters these are; it takes twice the time.
    """
    peak = float(max(max(line.max(), -line.min()) for line in audio))
    if peak == 0:
        return -np.inf
    samples = audio.shape[1]
    if samples < SHORTEST_LOUDNESS_SECONDS * rate:
        audio = np.tile(audio, int(np.ceil(SHORTEST_LOUDNESS_SECONDS * rate / samples)) + 1)
    # Normalised to full scale, or the absolute gate would drop quiet files.
    powers = [_block_powers(line, peak, rate) for line in audio]
    groups = [powers] if len(powers) <= 2 else [[one] for one in powers]
    with np.errstate(all="ignore"):
        sums = [10 ** (_gated(group) / 10) for group in groups]
        return float(10 * np.log10(sum(sums)) + 20 * np.log10(peak))


def _block_powers(line: Any, peak: float, rate: int) -> NDArray[np.float64]:
    """The weighted power (N,) of each block of a channel (L,) whose full scale is `peak`."""
    seconds = len(line) / rate
    found = np.empty(int(np.round((seconds - _BLOCK_SECONDS) / (_BLOCK_SECONDS * _STEP)) + 1))
    block, first, held = 0, 0, np.empty(0)
    for squares in _weighted_squares(line, peak, rate):
        held = np.concatenate((held, squares))
        is_last = first + len(held) == len(line)
        while block < len(found):
            begin = int(_BLOCK_SECONDS * (block * _STEP) * rate)
            end = int(_BLOCK_SECONDS * (block * _STEP + 1) * rate)
            if end > first + len(held) and not is_last:
                break
            found[block] = (1.0 / (_BLOCK_SECONDS * rate)) * np.sum(held[begin - first : end - first])
            block += 1
        done = min(len(held), int(_BLOCK_SECONDS * (block * _STEP) * rate) - first)
        first, held = first + done, held[done:]
    return found


def _weighted_squares(line: Any, peak: float, rate: int) -> Iterator[NDArray[np.float64]]:
    """The squares of a channel (L,) after the standard's filters, in pieces that fit a cache."""
    from scipy.signal import lfilter

    stages = _weighting(rate)
    states = [np.zeros(max(len(stage.a), len(stage.b)) - 1) for stage in stages]
    for begin in range(0, len(line), _PIECE):
        piece = np.asarray(line[begin : begin + _PIECE], dtype=np.float64) / peak
        for place, stage in enumerate(stages):
            piece, states[place] = lfilter(stage.b, stage.a, piece, zi=states[place])
            piece = stage.passband_gain * piece
        yield np.square(piece)


def _gated(powers: list[NDArray[np.float64]]) -> float:
    """The loudness of channels by their block powers (N,), without the blocks that the gates leave out."""
    louds = _OFFSET_LU + 10.0 * np.log10(_total(powers))
    heard = louds >= _ABSOLUTE_LUFS
    if not heard.any():
        return -np.inf
    gate = _OFFSET_LU + 10.0 * np.log10(_total([np.mean(one[heard]) for one in powers])) - _RELATIVE_LU
    heard = (louds > gate) & (louds > _ABSOLUTE_LUFS)
    means = [np.mean(one[heard]) if heard.any() else np.float64(0.0) for one in powers]
    return float(_OFFSET_LU + 10.0 * np.log10(_total(means)))


def _total(channels: list[Any]) -> Any:
    total = channels[0]
    for one in channels[1:]:
        total = total + one
    return total


@cache
def _weighting(rate: int) -> tuple[Any, ...]:
    """The standard's two filters, as pyloudnorm designs them."""
    from pyloudnorm import Meter

    return tuple(Meter(rate)._filters.values())
