"""Keeping stereo audible in mono, as on a phone, a club's single sub or a broadcast. Pure PyTorch.

Letters: B batch (variations), C audio channels, L samples.
"""

from __future__ import annotations

import torch
from torch import Tensor


def survive_mono(audio: Tensor) -> Tensor:
    """Narrow each stereo variation of (B, 2, L) that would lose more than 3 dB in a mono sum, to lose 3 dB.

    That is the loss of two independent channels; more means that they cancel. What differs between the
    channels is turned down to the level of what they share; the sum stays as it is. Audio of another number
    of channels, and audio without a mono sum, is returned unchanged.
    """
    if audio.shape[1] != 2:
        return audio
    middle, side = audio.mean(dim=1), (audio[:, 0] - audio[:, 1]) / 2  # (B, L)
    shared, differing = (one.double().square().mean(dim=1) for one in (middle, side))
    is_wide = (differing > shared) & (shared > 0)
    gain = torch.where(is_wide, (shared / differing.clamp(min=1e-30)).sqrt(), 1.0).to(audio)[:, None]
    narrowed = torch.stack((middle + gain * side, middle - gain * side), dim=1)
    return torch.where(is_wide[:, None, None], narrowed, audio)
