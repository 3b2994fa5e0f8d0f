"""One rendered bar as it sounds: at its own speed, or so much slower or faster that it ends on the line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.varispeed import MARGIN, read_at
from bridge.audio_child.voices import VARISPEED

Audio = NDArray[np.float32]

# Both ends of a bar's slot are rounded, and so is its own length: so many samples more are its last one held.
_ROUNDING_SAMPLES = 2
# Another clock's beat is approached by a little more than its tempo asks for.
_MOST_BEND = 2 * VARISPEED
# A beat shorter than this is not repeated: that would be a buzz, and costs the mixer more than music does.
_SHORTEST_BEAT_FRAMES = 64


def length_of(padded: Audio) -> int:
    """L of a bar (MARGIN + L + MARGIN, 2)."""
    return len(padded) - 2 * MARGIN


def fits(frames: int, bar_frames: float) -> bool:
    """Whether a bar of so many samples can follow the tempo of bars of that length by varispeed."""
    return abs(frames / bar_frames - 1) <= VARISPEED


@dataclass(slots=True)
class BarReader:
    """Reads a bar, (MARGIN + L + MARGIN, 2), from `position` on; None is silence."""

    sound: Audio | None
    position: float
    _speed: float = 1.0

    @classmethod
    def entered(cls, sound: Audio | None, late_frames: int, slot_frames: int) -> BarReader:
        """A bar so late after its line, at the place in its music where it would be by then."""
        if sound is None or not late_frames:
            return cls(sound, 0.0)
        length = length_of(sound)
        is_exact = abs(length - slot_frames) <= _ROUNDING_SAMPLES
        place = float(late_frames) if is_exact else late_frames * length / slot_frames
        return cls(sound, min(place, float(length)))

    @property
    def left(self) -> float:
        """The samples of the bar that are still to come."""
        return 0.0 if self.sound is None else length_of(self.sound) - self.position

    @property
    def has_ended(self) -> bool:
        """Whether all of it has sounded, but for what rounding leaves."""
        return self.left <= _ROUNDING_SAMPLES

    def aim(self, frames: float, bar_frames: float) -> None:
        """The next bar line lies so many frames ahead; `bar_frames` is the length of bars in this tempo.

        A bar whose own is within 0.5 % of that bends its speed to end on the line.
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
        """Whether it needs no beat again for so many frames more."""
        if self.sound is None or self.beat_frames(bar_beats) < _SHORTEST_BEAT_FRAMES:
            return True
        return self.left + _ROUNDING_SAMPLES >= frames * self._speed

    def beat_frames(self, bar_beats: float) -> float:
        """The length of a quarter note, or of the whole bar where that is shorter."""
        return 0.0 if self.sound is None else length_of(self.sound) / max(1.0, bar_beats)

    def a_beat_back(self, bar_beats: float) -> BarReader:
        """The same bar a beat before."""
        return BarReader(self.sound, float(int(max(0.0, self.position - self.beat_frames(bar_beats)))))

    def add_to(self, out: Audio) -> None:
        """Adds what comes next to `out` (n, 2); after the bar's end, silence."""
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
