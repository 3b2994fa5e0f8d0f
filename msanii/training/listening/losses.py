"""The losses of the listening network's heads.

Letters: B batch, T frames, S slow frames, K keys.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from msanii.training.listening.targets import UNKNOWN

# So that no head's gradient drowns another's: a frame of onsets is nearly all zeros, a chord is one of 133.
WEIGHTS = {
    "beat": 6.0, "downbeat": 2.0, "onset": 40.0, "sustain": 6.0, "velocity": 1.0, "chord": 0.6, "bass": 0.3,
    "key": 0.3, "meter": 0.4, "sound": 0.2, "part": 0.1, "family": 0.1,
}  # fmt: skip


def listening_losses(heard: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss of each head: of logits of `ListenerNetwork` and targets of `ListeningClips`."""
    heard = {name: values.float() for name, values in heard.items()}
    found = {
        name: F.binary_cross_entropy_with_logits(heard[name], wanted[name])
        for name in ("beat", "onset", "sustain")
    }
    # Whether a bar starts is asked at beats alone.
    bars = F.binary_cross_entropy_with_logits(heard["downbeat"], wanted["downbeat"], reduction="none")
    found["downbeat"] = _mean(bars, wanted["beat"])
    loudness = (heard["velocity"].sigmoid() - wanted["velocity"]).square()
    found["velocity"] = _mean(loudness, wanted["onset"])
    for name in ("chord", "bass"):
        found[name] = F.cross_entropy(heard[name].flatten(0, 1), wanted[name].flatten())
    for name in ("key", "meter"):
        known = (wanted[name] != UNKNOWN).float()
        each = F.cross_entropy(heard[name], wanted[name], reduction="none", ignore_index=UNKNOWN)
        found[name] = _mean(each, known)
    for name in ("sound", "part", "family"):
        each = -(wanted[name] * heard[name].log_softmax(dim=-1)).sum(dim=-1)
        found[name] = _mean(each, wanted[name].sum(dim=-1))
    return found


def weighted_sum(losses: dict[str, Tensor]) -> Tensor:
    """What the training lowers."""
    return torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean; 0 without weight."""
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)
