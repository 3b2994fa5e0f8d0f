"""Level control for music that is continued from its own output, bar after bar.

Letters: B batch, C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msanii.choices import Edition
from msanii.diffusion.infill import LevelConstraint
from msanii.metrics.loudness import loudness
from msanii.rendering.codec import Codec
from msanii.rendering.context import ContinuationState

Audio = NDArray[np.float32]

# A network that hears its own output get quieter plays quieter still; the correction must outpace it.
MOST_CORRECTION_DB = 6.0
# Bars that replace others need more: the first bar of a piece came 10 dB too quiet.
MOST_RENEWED_DB = 12.0
# dB of correction per missing dB: with 1, the first default model settled 4 dB too low within 32 bars.
CORRECTION_SHARE = 2.0


def level_of(audio: Audio) -> float:
    """The RMS level of (C, L); 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if audio.size else 0.0


def correction(past: ContinuationState, new: Audio) -> float:
    """The gain that steers the music back to its level, at most 6 dB a pass; small errors would accumulate.

    It is based on the level of past and new audio together, so that a quiet bar after a loud one stays quiet.
    """
    both = level_of(np.concatenate((past.audio, new), axis=1))
    if both <= 0 or past.level <= 0:
        return 1.0
    most = 10 ** (MOST_CORRECTION_DB / 20)
    return float(min(max((past.level / both) ** CORRECTION_SHARE, 1 / most), most))


def held_by(
    codec: Codec, mel: Tensor, known: Tensor, new: Tensor, edition: Edition
) -> LevelConstraint | None:
    """Return the constraint that holds `new` frames (T,) of a mel (1, C, M, T) to the level of `known` ones.

    None in edition 1.
    """
    return (
        None
        if edition == 1
        else LevelConstraint(mel=mel, kept=known, groups=[(new, known)], level=codec.mel_level)
    )


def held_as_before(codec: Codec, mel: Tensor, known: Tensor, new: Tensor) -> LevelConstraint:
    """Return the constraint that holds each run of `new` frames (T,) to its level in a mel (1, C, M, T)."""
    changes = torch.diff(new.int(), prepend=new.new_zeros(1).int()) > 0
    number = changes.cumsum(0) * new
    runs = [number == run for run in range(1, int(number.max()) + 1)]
    return LevelConstraint(mel=mel, kept=known, groups=[(run, run) for run in runs], level=codec.mel_level)


def lost_gains(codec: Codec, mel: Tensor, made: Tensor, new: Tensor, edition: Edition) -> Tensor:
    """The gains (B, 1, 1) that restore to audio (B, C, L) the power of its scaled mels (B, C, M, T).

    Decoding loses some power, and a network that hears the loss increases it. Measured over the `new` frames
    (T,), at most 6 dB; 1 where nothing can be compared.
    """
    counted = new.to(codec.placement.signal_device)
    gains = []
    for wanted, sound in zip(mel, made.to(codec.placement.signal_device), strict=True):
        asked, there = (
            float(codec.frame_power(one, edition)[counted].sum())
            for one in (wanted[None], codec.encode(sound))
        )
        gains.append(_lost_gain(asked, there))
    return torch.tensor(gains, device=made.device)[:, None, None]


def surrounding_gains(made: Tensor, line: Tensor, kept: Tensor, new: Tensor) -> Tensor:
    """The gains (B, 1, 1) that bring `new` samples (L,) of audio (B, C, L) to the RMS level of `kept` ones.

    `line` (C, L) holds the kept samples. At most 6 dB; 1 where nothing can be compared.
    """
    if not (kept.any() and new.any()):
        return made.new_ones(len(made), 1, 1)
    wanted = _power(line[:, kept])
    gains = [_lost_gain(wanted, _power(one[:, new])) for one in made]
    return made.new_tensor(gains)[:, None, None]


def at_level_of(
    made: Tensor, old: Tensor, regions: Sequence[tuple[int, int]], *, loop: bool = False
) -> Tensor:
    """Bring regions of audio (B, C, L) to their RMS level in `old` (C, M), M <= L, by at most 12 dB each.

    In a loop the regions at its end and its start are one, and what follows in `made` belongs to its end.
    """
    samples = old.shape[-1]
    groups = [[region] for region in regions]
    if loop and len(groups) > 1 and regions[0][0] == 0 and regions[-1][1] == samples:
        groups[0] += groups.pop()
    levelled = made.clone()
    for group in groups:
        places = torch.cat([torch.arange(start, end) for start, end in group])
        scaled = places
        if loop and any(end == samples for _, end in group):
            scaled = torch.cat((places, torch.arange(samples, made.shape[-1])))
        wanted = _power(old[:, places])
        for one in levelled:
            one[:, scaled] *= _lost_gain(wanted, _power(one[:, places]), MOST_RENEWED_DB)
    return levelled


def _power(audio: Tensor) -> float:
    return float(audio.double().square().mean())


def _lost_gain(wanted_power: float, power: float, most_db: float = MOST_CORRECTION_DB) -> float:
    if wanted_power <= 0 or power <= 0:
        return 1.0
    most = 10 ** (most_db / 20)
    return float(min(max((wanted_power / power) ** 0.5, 1 / most), most))


def gain_to(audio: Audio, rate: int, loudness_lufs: float) -> float:
    """The ratio of the model's level to the stream's, for a stream at that loudness."""
    measured = loudness(audio, rate)
    return 10 ** ((measured - loudness_lufs) / 20) if math.isfinite(measured) else 1.0
