"""The transport: maps samples to beats and back, and finds the next grid line."""

from __future__ import annotations

import math

from bridge.messages.stage import Quantise

_BARS: dict[str, int] = {"1": 1, "2": 2, "4": 4, "8": 8}
# Rounding tolerance, in grid lines: a line this little before a position counts as on it.
_SAME_BEAT = 1e-9


class Transport:
    """Maps frames (sample numbers of the mix) to beats (quarter notes), and back.

    Beats are `rate` x 60 / `bpm` frames apart, counted from the last change and never accumulated, so that
    lines do not drift even after an hour. While it is stopped the beat does not advance. `nominal_bpm` is the
    tempo that was set: `bpm` may differ a little, to catch up with an external clock's beat.
    """

    def __init__(self, rate: int, bpm: float = 120.0, bar_beats: float = 4.0) -> None:
        self.rate = rate
        self.bpm = self.nominal_bpm = bpm
        self.bar_beats = bar_beats
        self.playing = False
        self._frame = 0.0
        self._beat = 0.0
        self._bar_origin_beat = 0.0

    @property
    def bar_origin_beat(self) -> float:
        """The beat from which bar lines count: that of the last change of the bar's length."""
        return self._bar_origin_beat

    @property
    def beat_frames(self) -> float:
        """The length of a quarter note in frames."""
        return self.rate * 60 / self.bpm

    def beat_at(self, frame: float) -> float:
        """Return the beat at a frame."""
        return self._beat + (frame - self._frame) / self.beat_frames if self.playing else self._beat

    def frame_of(self, beat: float) -> float:
        """Return the frame of a beat, not rounded, if the tempo stays the same."""
        return self._frame + (beat - self._beat) * self.beat_frames

    def boundary_frame(self, beat: float) -> int:
        """Return the frame of a beat, rounded."""
        return round(self.frame_of(beat))

    def set_tempo(self, bpm: float, frame: int, nominal_bpm: float | None = None) -> None:
        """Change the tempo from a frame on; the beat at that frame stays the same."""
        self._anchor(frame)
        self.bpm, self.nominal_bpm = bpm, nominal_bpm or bpm

    def set_tempo_on(self, beat: float, bpm: float) -> None:
        """Change the tempo exactly on a beat, between two frames if it is there."""
        self._frame, self._beat = self.frame_of(beat), beat
        self.bpm = self.nominal_bpm = bpm

    def set_bar(self, bar_beats: float, frame: int) -> None:
        """Change the bar length. The current bar keeps its beginning, and bar lines count from there."""
        beat = self.beat_at(frame)
        bars = math.floor((beat - self._bar_origin_beat) / self.bar_beats + _SAME_BEAT)
        self._bar_origin_beat += bars * self.bar_beats
        self.bar_beats = bar_beats

    def count_bars_from_zero(self) -> bool:
        """Count bar lines from beat 0, as another clock does. Return whether that moves them."""
        before, self._bar_origin_beat = self._bar_origin_beat, 0.0
        return bool(before % self.bar_beats)

    def start(self, frame: int) -> None:
        """Start at a frame."""
        if not self.playing:
            self._frame, self.playing = float(frame), True

    def stop(self, frame: int) -> None:
        """Stop at a frame."""
        self._anchor(frame)
        self.playing = False

    def locate(self, beat: float, frame: int) -> None:
        """Jump to a beat at a frame. Bars count from beat 0 again if it is before their origin."""
        self._frame, self._beat = float(frame), beat
        if beat < self._bar_origin_beat:
            self._bar_origin_beat = 0.0

    def quantum_beats(self, quantise: Quantise) -> float:
        """Return the distance between grid lines in quarter notes; 0 for `off`."""
        if quantise == "off":
            return 0.0
        return 1.0 if quantise == "beat" else _BARS[quantise] * self.bar_beats

    def next_boundary(self, frame: int, quantise: Quantise) -> float:
        """Return the beat of the first grid line at or after a frame."""
        beat, quantum = self.beat_at(frame), self.quantum_beats(quantise)
        if not quantum:
            return beat
        boundaries = math.ceil((beat - self._bar_origin_beat) / quantum - _SAME_BEAT)
        boundary = self._bar_origin_beat + boundaries * quantum
        # A line up to half a sample back is played on this frame.
        before = boundary - quantum
        return before if self.playing and self.boundary_frame(before) >= frame else boundary

    def _anchor(self, frame: int) -> None:
        self._beat, self._frame = self.beat_at(frame), float(frame)
