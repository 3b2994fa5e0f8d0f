"""Voices of a deck: a source (a take, or endless bars) with its fades."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.transport import Transport
from bridge.audio_child.varispeed import MARGIN, read_at

CHANNELS = 2
# A tempo within this fraction of a take's own is followed by varispeed: 0.5 % is 9 cents.
VARISPEED = 0.005
# A take longer than its repeat by up to this was rounded; by more, it has a tail that rings on.
_ROUNDING_SAMPLES = 2.0

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedTake:
    """A decoded take at the stream's rate. `padded` is (MARGIN + L + MARGIN, 2), with wrapped margins.

    `bpm` and `beats` (quarter notes) are None if unknown: without a tempo it ignores the transport's.
    """

    path: Path
    padded: Audio
    bpm: float | None
    beats: float | None

    @property
    def frames(self) -> int:
        """The length L in samples."""
        return len(self.padded) - 2 * MARGIN

    def fits(self, bpm: float) -> bool:
        """Return whether varispeed can follow this tempo; always False for a take without a tempo."""
        return self.bpm is not None and abs(bpm / self.bpm - 1) <= VARISPEED


@cache
def fade_curve(frames: int) -> Audio:
    """Return the rising half of an equal-power crossfade, (frames, 1); reversed, it is the falling half."""
    points = (np.arange(frames) + 0.5) / max(1, frames)
    return np.sin(np.pi / 2 * points).astype(np.float32)[:, None]


class Source(Protocol):
    """Audio that a voice plays."""

    ended: bool

    def read(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2), which is silent, with the audio from a frame of the mix on."""


class Voice:
    """A source with its fade-in and fade-out."""

    def __init__(self, source: Source, launch_beat: float, fade_in: int) -> None:
        self.source = source
        self.launch_beat = launch_beat
        self._curve = fade_curve(fade_in)
        self._in = 0
        self._out_curve: Audio | None = None
        self._out = 0

    @property
    def ended(self) -> bool:
        """True once the source has ended or is faded out."""
        faded = self._out_curve is not None and self._out >= len(self._out_curve)
        return faded or self.source.ended

    def fade_out(self, frames: int) -> None:
        """Fade out within these frames, unless a fade-out has begun."""
        if self._out_curve is None:
            self._out_curve = fade_curve(frames)[::-1]

    def add_to(self, out: Audio, frame: int) -> None:
        """Add the voice's audio from `frame` on to `out` (n, 2)."""
        sound = np.zeros_like(out)
        self.source.read(sound, frame)
        if self._in < len(self._curve):
            part = self._curve[self._in : self._in + len(sound)]
            sound[: len(part)] *= part
            self._in += len(part)
        if self._out_curve is not None:
            part = self._out_curve[self._out : self._out + len(sound)]
            sound[: len(part)] *= part
            sound[len(part) :] = 0
            self._out += len(part)
        out += sound


class TakeSource:
    """A take that starts at `launch_beat`, once or as a loop; created later, it joins where it would be.

    A take whose tempo fits follows the transport: each repeat starts on the sample of its beat, and plays at
    the transport's speed. Any other take plays at its own speed, off the grid.
    """

    def __init__(
        self, take: LoadedTake, transport: Transport, launch_beat: float, loop: bool, frame: int
    ) -> None:
        self.take = take
        self.loop = loop
        self.ended = False
        self.on_grid = take.fits(transport.nominal_bpm)
        self._transport = transport
        self._launch_beat = launch_beat
        self._repeat = 0
        self._position = 0.0
        self._tails: list[tuple[float, float]] = []  # position and speed of tails that outlast their repeat
        self._enter(frame)

    def read(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2) from `frame` on."""
        if self.on_grid and not self.take.fits(self._transport.nominal_bpm):
            self.on_grid = False
        tails, self._tails = self._tails, []
        for tail in tails:
            self._ring(out, *tail)
        done = 0
        while done < len(out) and not self.ended:
            done += self._read_some(out[done:], frame + done)

    def _enter(self, frame: int) -> None:
        """Find the position in the take, if the launch is in the past."""
        late = frame - self._transport.boundary_frame(self._launch_beat)
        if late <= 0:
            return
        if not self.on_grid or not self.take.beats:
            length = self.take.frames
            self._position, self.ended = (late % length, False) if self.loop else (late, late >= length)
            return
        beats = self._transport.beat_at(frame) - self._launch_beat
        self._repeat = math.floor(beats / self.take.beats) if self.loop else 0
        begun = frame - self._transport.boundary_frame(self._launch_beat + self._repeat * self.take.beats)
        if begun < 0:  # this repeat's line is rounded to a later sample: the last repeat still plays
            self._repeat -= 1
            begun = frame - self._transport.boundary_frame(self._launch_beat + self._repeat * self.take.beats)
        self._position = begun * self._speed()
        self.ended = self._position >= self.take.frames and not self.loop

    def _speed(self) -> float:
        return self._transport.bpm / self.take.bpm if self.on_grid and self.take.bpm else 1.0

    def _read_some(self, out: Audio, frame: int) -> int:
        """Read up to the next loop seam or the take's end; return the number of frames, 0 if at one."""
        speed, frames = self._speed(), len(out)
        if self.loop and self.on_grid and self.take.beats:
            until = (
                self._transport.boundary_frame(self._launch_beat + (self._repeat + 1) * self.take.beats)
                - frame
            )
            if until <= 0:
                self._start_repeat(out, speed)
                return 0
            frames = min(frames, until)
        else:
            until = math.ceil((self.take.frames - self._position) / speed)
            if until <= 0:
                self._position -= self.take.frames
                self.ended = not self.loop
                return 0
            frames = min(frames, until)
        self._copy(out[:frames], self._position, speed)
        self._position += frames * speed
        return frames

    def _start_repeat(self, out: Audio, speed: float) -> None:
        if self.take.frames - self._position > _ROUNDING_SAMPLES:
            self._ring(out, self._position, speed)
        self._repeat += 1
        self._position = 0.0

    def _copy(self, out: Audio, position: float, speed: float) -> None:
        """Add the take's samples from a position on; half a margin past its end, silence follows."""
        last = self.take.frames + MARGIN // 2 - 1
        frames = min(len(out), max(0, math.floor((last - position) / speed) + 1))
        if not frames:
            return
        if speed == 1 and position == int(position):
            first = MARGIN + int(position)
            out[:frames] += self.take.padded[first : first + frames]
        else:
            out[:frames] += read_at(self.take.padded, position, speed, frames)

    def _ring(self, out: Audio, position: float, speed: float) -> None:
        """Add a tail, which rings on over the next repeat up to the take's end."""
        frames = min(len(out), math.ceil((self.take.frames - position) / speed))
        if frames > 0:
            self._copy(out[:frames], position, speed)
            self._tails.append((position + frames * speed, speed))
