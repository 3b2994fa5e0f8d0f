"""Independent time stretching and pitch shifting, with Signalsmith Stretch (python-stretch)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

LOWEST_RATIO, HIGHEST_RATIO = 1 / 64, 64.0
MOST_SEMITONES = 60.0


def stretch(audio: Audio, rate: float, ratio: float, semitones: float = 0.0) -> Audio:
    """Stretch audio (C, L) to `ratio` times its length and shift it up by `semitones`.

    Returns (C, round(L * ratio)), exact to the sample; with ratio 1 and no pitch shift, the samples
    themselves. `rate` is in hertz. Sample n of the input sounds at n * ratio of the output: the library
    compensates its own latency.

    Raises:
        ValueError: for a shape, ratio, rate or pitch shift out of range, or samples that are not finite.
    """
    import numpy as np

    if audio.ndim != 2 or audio.shape[0] < 1:
        raise ValueError(f"audio: got shape {audio.shape}, expected (channels, samples)")
    if not (LOWEST_RATIO <= ratio <= HIGHEST_RATIO and abs(semitones) <= MOST_SEMITONES and rate > 0):
        raise ValueError(
            f"ratio {ratio:g}, {semitones:g} semitones at {rate:g} Hz: expected {LOWEST_RATIO:g} to "
            f"{HIGHEST_RATIO:g} times the length and at most {MOST_SEMITONES:g} semitones up or down"
        )
    length = round(audio.shape[1] * ratio)  # L
    if length == 0 or audio.shape[1] == 0:
        return np.zeros((audio.shape[0], length), np.float32)
    if semitones == 0 and length == audio.shape[1]:
        return np.array(audio, np.float32)
    if not np.isfinite(audio).all():
        raise ValueError("audio: holds samples that are not finite numbers")
    return _exactly(_stretched(audio, rate, audio.shape[1] / length, semitones), length)


def _stretched(audio: Audio, rate: float, speed: float, semitones: float) -> Audio:
    import numpy as np
    from python_stretch import Signalsmith

    engine = Signalsmith.Stretch()
    engine.preset(audio.shape[0], rate)
    engine.setTransposeSemitones(semitones)
    engine.timeFactor = speed
    return np.asarray(engine.process(np.ascontiguousarray(audio, np.float32)), np.float32)


def _exactly(audio: Audio, length: int) -> Audio:
    """Correct the library's rounding of lengths: hold the last sample, or drop the excess."""
    import numpy as np

    missing = max(0, length - audio.shape[1])
    return np.ascontiguousarray(np.pad(audio, ((0, 0), (0, missing)), mode="edge")[:, :length])
