"""Keeping stereo audible in mono, as on a phone, a club's single sub or a broadcast. Pure PyTorch.

Letters: B batch (variations), C audio channels, L samples.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Samples at once: minutes in double precision would take four times their memory.
_PIECE = 1 << 16


def survive_mono(audio: Tensor) -> Tensor:
    """Narrow each stereo variation of (B, 2, L) that would lose more than 3 dB in a mono sum, to lose 3 dB.

    That is the loss of two independent channels; more means that they cancel. What differs between the
    channels is turned down to the level of what they share; the sum stays as it is. Audio of another number
    of channels, and audio without a mono sum, is returned unchanged.
    """
    if audio.shape[1] != 2:
        return audio
    gains = [_side_gain(variation) for variation in audio]
    if all(gain == 1 for gain in gains):
        return audio
    narrowed = audio.clone()
    for variation, gain in zip(narrowed, gains, strict=True):
        if gain < 1:
            for piece in torch.split(variation, _PIECE, dim=1):
                middle, side = _middle_and_side(piece)
                piece.copy_(torch.stack((middle + gain * side, middle - gain * side)))
    return narrowed


def _side_gain(stereo: Tensor) -> Tensor:
    """The gain that brings what differs in (2, L) down to what is shared; 1 if it is no more than that."""
    shared = differing = torch.zeros((), dtype=torch.float64, device=stereo.device)
    for piece in torch.split(stereo, _PIECE, dim=1):
        middle, side = _middle_and_side(piece)
        shared = shared + middle.double().square().sum()
        differing = differing + side.double().square().sum()
    is_wide = (differing > shared) & (shared > 0)
    return torch.where(is_wide, (shared / differing.clamp(min=1e-30)).sqrt(), 1.0).to(stereo)


def _middle_and_side(stereo: Tensor) -> tuple[Tensor, Tensor]:
    return stereo.mean(dim=0), (stereo[0] - stereo[1]) / 2
