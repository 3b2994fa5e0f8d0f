"""Gains: from decibels to a factor, ramps between two of them, and a deck's channel strip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.equaliser import Equaliser, Tone
from bridge.deck_values import QUIETEST_DB

Audio = NDArray[np.float32]


class GainRamp:
    """A gain that ramps to its target within one block, to avoid clicks."""

    def __init__(self) -> None:
        self.target = 1.0
        self._now = 1.0

    def apply(self, block: Audio) -> None:
        """Scale a block (n, C) in place; at a steady gain of 1 it is unchanged."""
        if self._now != self.target:
            ramp = np.linspace(self._now, self.target, len(block) + 1, dtype=np.float32)[1:]
            block *= ramp[:, None]
            self._now = self.target
        elif self._now != 1.0:
            block *= np.float32(self._now)


class ChannelStrip:
    """A deck's tone, fader and pan."""

    def __init__(self, rate: int) -> None:
        self._equaliser = Equaliser(rate, channels=2)
        self._fader, self._left, self._right = GainRamp(), GainRamp(), GainRamp()

    def hush(self) -> None:
        """Fade out within a block what rings on of earlier sound."""
        self._equaliser.hush()

    def apply(self, block: Audio, tone: Tone, level: float, pan: float) -> None:
        """Filter and scale a block (n, 2) in place; `level` is linear, `pan` is -1 (left) to 1."""
        self._equaliser.apply(block, tone)
        self._fader.target = level
        self._left.target, self._right.target = min(1.0, 1.0 - pan), min(1.0, 1.0 + pan)
        self._fader.apply(block)
        self._left.apply(block[:, :1])
        self._right.apply(block[:, 1:])


def linear(decibels: float) -> float:
    """Return the linear factor of a gain in dB; `QUIETEST_DB` is silence."""
    return 0.0 if decibels <= QUIETEST_DB else 10 ** (decibels / 20)
