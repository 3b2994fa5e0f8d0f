"""How the tensors of a network's layers lie in memory: convolutions are faster in the one or the other.

Which one depends on the processor and on the length of the music, so that a probe measures it. The two differ
in the last bits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.errors import MsaniiError

_FROM = re.compile(r"channels_last from ([1-9][0-9]{0,8}) frames")


@dataclass(frozen=True, slots=True)
class MemoryLayout:
    """Channels last for music of `from_frames` or more; None: never, as the paper's author computes."""

    from_frames: int | None = None

    def __str__(self) -> str:
        """`contiguous`, `channels_last`, or `channels_last from N frames`."""
        if self.from_frames is None:
            return "contiguous"
        return f"channels_last from {self.from_frames} frames" if self.from_frames else "channels_last"

    def applied(self, x: Tensor) -> Tensor:
        """Return `x` (B, D, C, T) in this layout; the layers that follow keep it."""
        if self.from_frames is None or x.shape[-1] < self.from_frames:
            return x
        return x.contiguous(memory_format=torch.channels_last)


CONTIGUOUS = MemoryLayout()
CHANNELS_LAST = MemoryLayout(0)


def parse_layout(text: str) -> MemoryLayout:
    """Read what `str` of a layout gives. Raises MsaniiError."""
    for layout in (CONTIGUOUS, CHANNELS_LAST):
        if text == str(layout):
            return layout
    if (found := _FROM.fullmatch(text)) is None:
        raise MsaniiError(
            f"layout: got {text!r}, expected contiguous, channels_last, or channels_last from N frames"
        )
    return MemoryLayout(int(found[1]))
