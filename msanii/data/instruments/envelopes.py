"""Envelopes of notes. Letters: L samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from msanii.data.instruments.playing import RATE, Audio

_INAUDIBLE = 6.9  # time constants until -60 dB


@dataclass(frozen=True, slots=True)
class Envelope:
    """Attack (linear), decay and release (time constants) in seconds, and the sustained level."""

    attack: float = 0.002
    decay: float = 0.3
    sustain: float = 1.0
    release: float = 0.03

    def samples(self, seconds: float) -> int:
        """The length of a note held for `seconds`, until it is 60 dB down."""
        ring = seconds + _INAUDIBLE * self.release
        if self.sustain == 0:
            ring = min(ring, self.attack + _INAUDIBLE * self.decay)
        return max(1, round(ring * RATE))

    def curve(self, seconds: float, samples: int, *, step: int = 1) -> Audio:
        """The level, 0 to 1, at every `step`th of `samples`, of a note held for `seconds`."""
        time = np.arange(0, samples, step, dtype=np.float32) / RATE
        level = self.sustain + (1 - self.sustain) * np.exp(-np.maximum(time - self.attack, 0) / self.decay)
        level *= np.minimum(time / self.attack, 1)
        level *= np.exp(-np.maximum(time - seconds, 0) / self.release)
        return level.astype(np.float32)


def decay(samples: int, seconds: float) -> Audio:
    """exp(-t / seconds), (L,)."""
    curve: Audio = np.exp(np.arange(samples, dtype=np.float32) * np.float32(-1 / (seconds * RATE)))
    return curve
