"""From rendered samples to a file's: rate, exact length, ending, loudness, and the check before "done".

Letters: C audio channels, L samples. All audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

import functools
import warnings
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from msanii.errors import OutputError

Audio = npt.NDArray[np.float32]
End = Literal["cut", "fade", "ring"]

FADE_SECONDS = 0.25
# About one piano key hit very softly, at the far end of a 16-bit file.
SILENCE_PEAK = 1e-4
# Where a ringing tail has become inaudible, against its own peak.
TAIL_FLOOR = 1e-3
OVERSAMPLING = 4
# How far the oversampling filter hears to each side, and how much goes through it at once, in samples.
_REACH, _BLOCK, _BLOCKS_AT_ONCE = 10, 64, 512
LOOK_AHEAD_SECONDS = 0.015
# Harder limiting would be heard as pumping; the file then stays below the loudness asked for.
MOST_LIMITING_DB = 12.0
LOUDNESS_TOLERANCE_LU = 0.1
SHORTEST_LOUDNESS_SECONDS = 0.4


def finish(
    audio: Audio,
    *,
    samples: int,
    source_rate: int,
    rate: int,
    end: End,
    loudness_lufs: float | None = -18.0,
    peak_dbtp: float = -1.0,
) -> Audio:
    """Make rendered audio (C, L) at `source_rate` into a file's (C, samples) at `rate`, checked.

    What lies beyond `samples` is dropped, or with `end="ring"` kept as a tail that decays, so that the result
    is longer. `loudness_lufs` is reached within 0.1 LU by a gain and a gentle look-ahead limiter that holds
    the true peak under `peak_dbtp`; where that would take more than 12 dB of limiting, the peak wins. None
    leaves the level alone. Raises OutputError for audio that is not finite, silent, too short or clipped.
    """
    check_output(audio, clipping=False)
    line = shape_end(resample(audio, source_rate, rate), samples, rate, end)
    if loudness_lufs is not None:
        line = normalise(line, rate, loudness_lufs, peak_dbtp)
    check_output(line)
    return line


def check_output(audio: Audio, *, clipping: bool = True, silence: bool = True) -> None:
    """Raise OutputError where audio (C, L) must not be called done; the last two checks can be left out."""
    if audio.ndim != 2 or 0 in audio.shape:
        raise OutputError(f"the rendered audio has shape {audio.shape}, expected channels and samples")
    broken = int(np.count_nonzero(~np.isfinite(audio)))
    if broken:
        raise OutputError(
            f"the rendered audio holds {broken} samples that are not finite; "
            "try another seed or a lower guidance, and if it stays, the model is damaged"
        )
    peak = float(np.abs(audio).max())
    if silence and peak < SILENCE_PEAK:
        raise OutputError("the rendered audio is silent; try another seed, more steps or a louder source")
    if clipping and peak > 1.0:
        raise OutputError(
            f"the rendered audio clips (its peak is {peak:.3f}, full scale is 1); ask for less loudness"
        )


def resample(audio: Audio, source_rate: int, rate: int) -> Audio:
    """Audio (C, L) at another sample rate, by soxr's best filter."""
    if source_rate == rate:
        return audio
    import soxr

    # soxr reads frames: (L, C).
    return np.ascontiguousarray(soxr.resample(audio.T, source_rate, rate, quality="VHQ").T, dtype=np.float32)


def shape_end(audio: Audio, samples: int, rate: int, end: End) -> Audio:
    """Audio (C, L) with the ending asked for: (C, samples), longer where it rings.

    Raises OutputError where more than two samples are missing (rounding at another rate may cost those).
    """
    missing = samples - audio.shape[1]
    if missing > 2:
        raise OutputError(f"the rendered audio is {missing} samples short of the {samples} asked for")
    if missing > 0:
        audio = np.pad(audio, ((0, 0), (0, missing)), mode="edge")
    if end == "ring":
        return np.concatenate((audio[:, :samples], decayed(audio[:, samples:])), axis=1)
    line = audio[:, :samples].copy()
    if end == "fade":
        fade = _falling(min(round(FADE_SECONDS * rate), samples // 2))
        line[:, samples - len(fade) :] *= fade
    return line


def loudness(audio: Audio, rate: int) -> float:
    """Integrated loudness of audio (C, L) in LUFS (ITU-R BS.1770), -inf for silence.

    Audio shorter than the standard's 0.4 s block is repeated. More than two channels add up unweighted.
    """
    from pyloudnorm import Meter

    peak = float(np.abs(audio).max())
    if peak == 0:
        return -np.inf
    # At full scale the measure's absolute gate leaves no quiet file unmeasured.
    line = np.asarray(audio, dtype=np.float64).T / peak  # (L, C)
    repeats = int(np.ceil(SHORTEST_LOUDNESS_SECONDS * rate / len(line))) + 1
    if len(line) < SHORTEST_LOUDNESS_SECONDS * rate:
        line = np.tile(line, (repeats, 1))
    groups = [line] if line.shape[1] <= 2 else np.hsplit(line, line.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        powers = [10 ** (Meter(rate).integrated_loudness(group) / 10) for group in groups]
        return float(10 * np.log10(sum(powers)) + 20 * np.log10(peak))


def true_peak_dbtp(audio: Audio) -> float:
    """The peak of audio (C, L) between its samples too, in dB under full scale; -inf for silence."""
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(_envelope(audio).max()))


def limit_peak(audio: Audio, rate: int, peak_dbtp: float) -> Audio:
    """Audio (C, L) whose true peak is at most `peak_dbtp`, turned down for 15 ms around what is louder."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    ceiling = 10 ** ((peak_dbtp - 0.05) / 20)
    envelope = _envelope(audio)
    if envelope.max() <= ceiling:
        return audio
    needed = np.minimum(1.0, ceiling / np.maximum(envelope, ceiling))
    reach = max(1, round(LOOK_AHEAD_SECONDS * rate))
    # The two averages span what the minimum spans, so the smooth gain never exceeds what is needed.
    gain = minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    for _ in range(2):
        gain = uniform_filter1d(gain, reach | 1, mode="nearest")
    limited: Audio = (audio * gain).astype(np.float32)
    over = np.float32(max(1.0, _envelope(limited).max() / 10 ** (peak_dbtp / 20)))
    return limited / over


def normalise(audio: Audio, rate: int, loudness_lufs: float, peak_dbtp: float) -> Audio:
    """Audio (C, L) at `loudness_lufs` and under `peak_dbtp`."""
    loud = loudness(audio, rate)
    peak = true_peak_dbtp(audio)
    most_db = peak_dbtp - peak + MOST_LIMITING_DB
    gain_db = min(loudness_lufs - loud, most_db) if np.isfinite(loud) else peak_dbtp - peak
    for _ in range(6):
        amplified = _amplified(audio, gain_db)
        line = limit_peak(amplified, rate, peak_dbtp)
        if line is amplified:
            break  # a gain alone moves the loudness by just what it is
        missing_db = loudness_lufs - loudness(line, rate)
        if abs(missing_db) <= LOUDNESS_TOLERANCE_LU or gain_db >= most_db:
            break
        gain_db = min(gain_db + missing_db, most_db)
    return line


def _amplified(audio: Audio, gain_db: float) -> Audio:
    return (audio * np.float32(10 ** (gain_db / 20))).astype(np.float32)


def _envelope(audio: Audio) -> npt.NDArray[np.float32]:
    """(L,): the largest of all channels around each sample, four times oversampled."""
    samples = audio.shape[1]
    matrix = _between()
    missing = -samples % _BLOCK
    padded = np.pad(audio, ((0, 0), (_REACH, _REACH + missing)))
    blocks = np.lib.stride_tricks.sliding_window_view(padded, _BLOCK + 2 * _REACH, axis=1)[:, ::_BLOCK]
    around = np.empty((blocks.shape[1], _BLOCK), dtype=np.float32)
    for first in range(0, len(around), _BLOCKS_AT_ONCE):
        some = blocks[:, first : first + _BLOCKS_AT_ONCE]
        # Laid out as one matrix, for which numpy's product is ten times as fast.
        between = np.ascontiguousarray(some).reshape(-1, len(matrix)) @ matrix
        between = between.reshape(*some.shape[:2], OVERSAMPLING, _BLOCK)
        np.abs(between, out=between).max(axis=(0, 2), out=around[first : first + _BLOCKS_AT_ONCE])
    return cast(npt.NDArray[np.float32], np.maximum(around.reshape(-1)[:samples], np.abs(audio).max(axis=0)))


@functools.cache
def _between() -> npt.NDArray[np.float32]:
    """What `_BLOCK` samples and `_REACH` more on each side are multiplied with, for four values a sample.

    The filter is that of scipy.signal.resample_poly; as one product it takes a fifth of its time.
    """
    from scipy.signal import firwin

    half = _REACH * OVERSAMPLING
    filter_taps = OVERSAMPLING * firwin(2 * half + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0))
    # Phase by phase, so that what is compared lies in rows.
    places = np.arange(_BLOCK * OVERSAMPLING).reshape(_BLOCK, OVERSAMPLING).T.ravel()
    matrix = np.zeros((_BLOCK + 2 * _REACH, _BLOCK * OVERSAMPLING), dtype=np.float32)
    for sample in range(len(matrix)):
        taps = places - (sample - _REACH) * OVERSAMPLING + half
        heard = (taps >= 0) & (taps <= 2 * half)
        matrix[sample, heard] = filter_taps[taps[heard]]
    return matrix


def _falling(samples: int) -> Audio:
    """From 1 to 0 along half a cosine."""
    return (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, samples))).astype(np.float32)


def decayed(tail: Audio) -> Audio:
    """A tail (C, L) that has faded at its end, without what is inaudible there."""
    if tail.shape[1] == 0:
        return tail
    tail = tail * _falling(tail.shape[1]) ** 2
    loudest = np.abs(tail).max(axis=0)
    audible = np.flatnonzero(loudest > TAIL_FLOOR * loudest.max())
    return tail[:, : int(audible[-1]) + 1] if len(audible) else tail[:, :0]
