"""Transferring a source's spectral fine structure to its variation, where the mel hardly changed.

A mel spectrogram has a tenth of the detail of a linear one, and a vocoder guesses the rest. Where the network
left the source's mel unchanged there is no need to guess: the source's magnitude is known, and is scaled by
the change in the mel. Letters: B batch, C audio channels, M mels, F linear bins, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

# The change in a mel, in nats (1 is 8.7 dB), at which most of the fine structure becomes the vocoder's.
NEAR_NATS = 1.0
# Smaller changes than about this are the network's error, not the music: they are not applied.
STILL_NATS = 0.5
_FLOOR = 1e-7


def transfer_detail(
    magnitude: Tensor, log_mel: Tensor, source: Tensor, source_log_mel: Tensor, mel_bank: Tensor
) -> Tensor:
    """The magnitude (B, C, F, T) of a variation whose mel is `log_mel` (B, C, M, T).

    `magnitude` (B, C, F, T) is a vocoder's output for that mel, `source` (C, F, T) and `source_log_mel`
    (C, M, T) are the source's magnitude and mel, `mel_bank` (F, M) maps bins to mels. Magnitudes are linear,
    mels natural logarithms.
    """
    moved = log_mel - source_log_mel
    nearness = torch.exp(-((moved / NEAR_NATS) ** 2))
    # Bins that no mel band covers have zero weights, hence zero nearness: they are left to the vocoder.
    weights = mel_bank / mel_bank.sum(dim=1, keepdim=True).clamp(min=_FLOOR)  # (F, M)
    near = weights @ nearness
    meant = moved * (1 - torch.exp(-((moved / STILL_NATS) ** 2)))
    kept = torch.log(source + _FLOOR) + weights @ meant
    return torch.exp(torch.lerp(torch.log(magnitude + _FLOOR), kept, near))
