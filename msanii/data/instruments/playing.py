"""Notes as a synthesizer plays them, and their sum.

Letters: L samples. Audio is float32 (2, L), full scale 1, and may be louder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]

RATE = 44_100
_REFERENCE_VELOCITY = 100
_FADE_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note: onset from the start of the take and length, both in seconds; MIDI pitch and velocity."""

    onset: float
    seconds: float
    pitch: int
    velocity: int

    @property
    def hertz(self) -> float:
        """The frequency in equal temperament, A4 at 440 Hz."""
        return float(440 * 2 ** ((self.pitch - 69) / 12))

    @property
    def loudness(self) -> float:
        """The amplitude for the velocity, 1 at 100: the square law of General MIDI."""
        return (self.velocity / _REFERENCE_VELOCITY) ** 2

    @property
    def force(self) -> float:
        """The velocity as a share, 0 to 1."""
        return self.velocity / 127


class Player(Protocol):
    """An instrument that plays a voice: notes sorted by onset -> (2, `samples`)."""

    def play(self, notes: Sequence[PlayedNote], samples: int, random: np.random.Generator) -> Audio: ...


def summed(notes: Sequence[PlayedNote], samples: int, render: Callable[[PlayedNote], Audio]) -> Audio:
    """The sum (2, `samples`) of `render(note)`, (L,) or (2, L), each from its note's onset on."""
    mix = np.zeros((2, samples), np.float32)
    for note in notes:
        start = round(note.onset * RATE)
        sound = render(note)[..., : max(samples - start, 0)]
        mix[:, start : start + sound.shape[-1]] += sound
    return mix


def faded(audio: Audio) -> Audio:
    """The audio with its last 4 ms faded out."""
    length = min(round(_FADE_SECONDS * RATE), audio.shape[-1])
    audio[..., audio.shape[-1] - length :] *= np.linspace(1, 0, length, dtype=np.float32)
    return audio
