"""How music that goes on from itself keeps its level, bar after bar.

Letters: B batch, C audio channels, L samples, M mels, T frames.
"""

from __future__ import annotations

import math

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

# A network that hears itself grow quieter goes on growing quieter: what corrects it must be able to
# overtake it.
MOST_CORRECTION_DB = 6.0
# How many dB for each dB that is missing: with 1 the first default model settled
# 4 dB too low within 32 bars.
CORRECTION_SHARE = 2.0


def level_of(audio: Audio) -> float:
    """The root mean square of (C, L); 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if audio.size else 0.0


def correction(past: ContinuationState, new: Audio) -> float:
    """The gain that leads the music back to its level, by at most 6 dB a pass: small errors add up for ever.

    It goes by the level of past and new together, so that a quiet bar after a loud one stays quiet.
    """
    both = level_of(np.concatenate((past.audio, new), axis=1))
    if both <= 0 or past.level <= 0:
        return 1.0
    most = 10 ** (MOST_CORRECTION_DB / 20)
    return float(min(max((past.level / both) ** CORRECTION_SHARE, 1 / most), most))


def held_by(
    codec: Codec, mel: Tensor, known: Tensor, new: Tensor, edition: Edition
) -> LevelConstraint | None:
    """What `new` frames (T,) of a mel (1, C, M, T) are held to, the `known` ones; None in edition 1."""
    return None if edition == 1 else LevelConstraint(mel=mel, kept=known, new=new, level=codec.mel_level)


def lost_gains(codec: Codec, mel: Tensor, made: Tensor, new: Tensor, edition: Edition) -> Tensor:
    """The gains (B, 1, 1) that give back what sounds (B, C, L) lost of their scaled mels (B, C, M, T).

    Between spectrum and sound some power is lost; a network that hears its own loss makes it greater. Counted
    in the frames that are `new` (T,), and by at most 6 dB; 1 where nothing can be compared.
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


def _lost_gain(wanted_power: float, power: float) -> float:
    if wanted_power <= 0 or power <= 0:
        return 1.0
    most = 10 ** (MOST_CORRECTION_DB / 20)
    return float(min(max((wanted_power / power) ** 0.5, 1 / most), most))


def gain_to(audio: Audio, rate: int, loudness_lufs: float) -> float:
    """The model's level over the stream's, for a stream of that loudness."""
    measured = loudness(audio, rate)
    return 10 ** ((measured - loudness_lufs) / 20) if math.isfinite(measured) else 1.0
