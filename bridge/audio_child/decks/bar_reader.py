"""Reads one rendered bar: at its own speed, or by varispeed so that it ends on the bar line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.varispeed import MARGIN, read_at
from bridge.audio_child.decks.voices import VARISPEED

Audio = NDArray[np.float32]

# Both ends of a bar's slot are rounded, and so is its length: up to this many samples hold its last one.
_ROUNDING_SAMPLES = 2
# Catching up with an external clock's beat takes a little more varispeed than following its tempo.
_MOST_BEND = 2 * VARISPEED
# A beat shorter than this is not repeated: it would buzz, and cost the mixer more than music does.
_SHORTEST_BEAT_FRAMES = 64


def length_of(padded: Audio) -> int:
    """Return L of a bar (MARGIN + L + MARGIN, 2)."""
    return len(padded) - 2 * MARGIN


def fits(frames: int, bar_frames: float) -> bool:
    """Return whether varispeed can play a bar of `frames` samples at the tempo of bars of `bar_frames`."""
    return abs(frames / bar_frames - 1) <= VARISPEED


@dataclass(slots=True)
class BarReader:
    """Reads a bar, (MARGIN + L + MARGIN, 2), from `position` (samples); None is silence."""

    sound: Audio | None
    position: float
    _speed: float = 1.0

    @classmethod
    def entered(cls, sound: Audio | None, late_frames: int, slot_frames: int) -> BarReader:
        """Return a reader that enters a bar `late_frames` after its line, where it would be by then."""
        if sound is None or not late_frames:
            return cls(sound, 0.0)
        length = length_of(sound)
        is_exact = abs(length - slot_frames) <= _ROUNDING_SAMPLES
        place = float(late_frames) if is_exact else late_frames * length / slot_frames
        return cls(sound, min(place, float(length)))

    @property
    def left(self) -> float:
        """The number of samples left in the bar."""
        return 0.0 if self.sound is None else length_of(self.sound) - self.position

    @property
    def has_ended(self) -> bool:
        """True once the whole bar has been read, up to rounding."""
        return self.left <= _ROUNDING_SAMPLES

    def aim(self, frames: float, bar_frames: float) -> None:
        """Set the speed for a bar line `frames` ahead; `bar_frames` is the length of bars at this tempo.

        A bar whose length is within 0.5 % of that changes its speed to end on the line.
        """
        self._speed = 1.0
        if frames <= 0 or self.sound is None or not fits(length_of(self.sound), bar_frames):
            return
        if abs(self.left - frames) <= _ROUNDING_SAMPLES and self.position == int(self.position):
            return
        speed = self.left / frames
        if abs(speed - 1) <= _MOST_BEND:
            self._speed = speed

    def lasts(self, frames: int, bar_beats: float) -> bool:
        """Return whether the bar lasts `frames` more without repeating a beat."""
        if self.sound is None or self.beat_frames(bar_beats) < _SHORTEST_BEAT_FRAMES:
            return True
        return self.left + _ROUNDING_SAMPLES >= frames * self._speed

    def beat_frames(self, bar_beats: float) -> float:
        """Return the length of a quarter note, or of the whole bar if that is shorter."""
        return 0.0 if self.sound is None else length_of(self.sound) / max(1.0, bar_beats)

    def a_beat_back(self, bar_beats: float) -> BarReader:
        """Return a reader of the same bar, one beat earlier."""
        return BarReader(self.sound, float(int(max(0.0, self.position - self.beat_frames(bar_beats)))))

    def add_to(self, out: Audio) -> None:
        """Add the next n frames to `out` (n, 2); after the bar's end, silence."""
        position, self.position = self.position, self.position + len(out) * self._speed
        if self.sound is None:
            return
        last = length_of(self.sound) + _ROUNDING_SAMPLES
        frames = min(len(out), max(0, math.ceil((last - position) / self._speed)))
        if not frames:
            return
        if self._speed == 1 and position == int(position):
            first = MARGIN + int(position)
            out[:frames] += self.sound[first : first + frames]
        else:
            out[:frames] += read_at(self.sound, position, self._speed, frames)
