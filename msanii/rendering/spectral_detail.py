"""How a variation keeps what it did not change: the source's own fine structure, where the mel stayed near.

A mel spectrogram has a tenth of the detail of a linear one, and a vocoder guesses the rest. Where the network
left the source's mel as it was, nothing need be guessed: the source's magnitude is known, and moves by what
the mel moved. Letters: B batch, C audio channels, M mels, F linear bins, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

# How far a mel may move, in nats (1 is 8.7 dB), until most of its fine structure is the vocoder's.
NEAR_NATS = 1.0
# Below about this the network's own error moves a mel, not the music: such moves are not made.
STILL_NATS = 0.5
_FLOOR = 1e-7


def transfer_detail(
    magnitude: Tensor, log_mel: Tensor, source: Tensor, source_log_mel: Tensor, mel_bank: Tensor
) -> Tensor:
    """The magnitude (B, C, F, T) of a variation whose mel is `log_mel` (B, C, M, T).

    `magnitude` (B, C, F, T) is what a vocoder makes of that mel, `source` (C, F, T) and `source_log_mel`
    (C, M, T) are the source's, `mel_bank` (F, M) weighs bins into mels. All of it is linear or natural log.
    """
    moved = log_mel - source_log_mel
    nearness = torch.exp(-((moved / NEAR_NATS) ** 2))
    # Bins that no mel hears have nobody to say that they stayed: their weights, and so their nearness, are 0.
    weights = mel_bank / mel_bank.sum(dim=1, keepdim=True).clamp(min=_FLOOR)  # (F, M)
    near = weights @ nearness
    meant = moved * (1 - torch.exp(-((moved / STILL_NATS) ** 2)))
    kept = torch.log(source + _FLOOR) + weights @ meant
    return torch.exp(torch.lerp(torch.log(magnitude + _FLOOR), kept, near))
