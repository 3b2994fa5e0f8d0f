"""What sounds on a deck: one playing of a take, or of the bars of an endless deck, with its fades."""

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
# An external clock this near a loop's tempo is followed by varispeed: 0.5 % is 9 cents.
VARISPEED = 0.005
# A repeat that is this much shorter than its take was rounded; more is a tail that rings on.
_ROUNDING_SAMPLES = 2.0

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class HeldTake:
    """A decoded take at the stream's rate. `padded` is (MARGIN + L + MARGIN, 2), the margins wrapped round.

    `bpm` and `beats` (quarter notes) are None where nobody knows them: such a take keeps its own time.
    """

    path: Path
    padded: Audio
    bpm: float | None
    beats: float | None

    @property
    def frames(self) -> int:
        """L, its length in samples."""
        return len(self.padded) - 2 * MARGIN

    def fits(self, bpm: float) -> bool:
        """Whether it can follow a tempo by varispeed; what has no tempo fits none, and plays as it is."""
        return self.bpm is not None and abs(bpm / self.bpm - 1) <= VARISPEED


@cache
def fade_curve(frames: int) -> Audio:
    """(frames, 1): the rising half of an equal-power crossfade; reversed it is the falling half."""
    points = (np.arange(frames) + 0.5) / max(1, frames)
    return np.sin(np.pi / 2 * points).astype(np.float32)[:, None]


class Source(Protocol):
    """What a voice reads from."""

    ended: bool

    def read(self, out: Audio, frame: int) -> None:
        """Fills `out` (n, 2), which is silent, with what sounds from a frame of the mix on."""


class Voice:
    """A source with the fades by which it comes and goes."""

    def __init__(self, source: Source, launch_beat: float, fade_in: int) -> None:
        self.source = source
        self.launch_beat = launch_beat
        self._curve = fade_curve(fade_in)
        self._in = 0
        self._out_curve: Audio | None = None
        self._out = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will be heard of it."""
        faded = self._out_curve is not None and self._out >= len(self._out_curve)
        return faded or self.source.ended

    def fade_out(self, frames: int) -> None:
        """Let it end within these frames, unless it is ending already."""
        if self._out_curve is None:
            self._out_curve = fade_curve(frames)[::-1]

    def add_to(self, out: Audio, frame: int) -> None:
        """Adds what sounds from `frame` on to `out` (n, 2)."""
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
    """A take from its beginning at `launch_beat`, once or as a loop; entered later, it is where it would be.

    A take whose tempo fits follows the transport: each repeat starts on the sample of its own beat, and
    between these its speed is the transport's. Any other keeps its own time.
    """

    def __init__(
        self, take: HeldTake, transport: Transport, launch_beat: float, loop: bool, frame: int
    ) -> None:
        self.take = take
        self.loop = loop
        self.ended = False
        self.on_grid = take.fits(transport.nominal_bpm)
        self._transport = transport
        self._launch_beat = launch_beat
        self._repeat = 0
        self._position = 0.0
        self._tails: list[tuple[float, float]] = []  # position and speed of what rings past its repeat
        self._enter(frame)

    def read(self, out: Audio, frame: int) -> None:
        """Fills `out` (n, 2) from `frame` on."""
        if self.on_grid and not self.take.fits(self._transport.nominal_bpm):
            self.on_grid = False
        tails, self._tails = self._tails, []
        for tail in tails:
            self._ring(out, *tail)
        done = 0
        while done < len(out) and not self.ended:
            done += self._read_some(out[done:], frame + done)

    def _enter(self, frame: int) -> None:
        """Finds the place in the music, when the launch lies in the past."""
        late = frame - self._transport.line_frame(self._launch_beat)
        if late <= 0:
            return
        if not self.on_grid or not self.take.beats:
            length = self.take.frames
            self._position, self.ended = (late % length, False) if self.loop else (late, late >= length)
            return
        beats = self._transport.beat_at(frame) - self._launch_beat
        self._repeat = math.floor(beats / self.take.beats) if self.loop else 0
        begun = frame - self._transport.line_frame(self._launch_beat + self._repeat * self.take.beats)
        if begun < 0:  # the line of this repeat is rounded to a later sample: the one before still lasts
            self._repeat -= 1
            begun = frame - self._transport.line_frame(self._launch_beat + self._repeat * self.take.beats)
        self._position = begun * self._speed()
        self.ended = self._position >= self.take.frames and not self.loop

    def _speed(self) -> float:
        return self._transport.bpm / self.take.bpm if self.on_grid and self.take.bpm else 1.0

    def _read_some(self, out: Audio, frame: int) -> int:
        """One stretch without a seam; returns its frames, 0 at a seam."""
        speed, frames = self._speed(), len(out)
        if self.loop and self.on_grid and self.take.beats:
            until = (
                self._transport.line_frame(self._launch_beat + (self._repeat + 1) * self.take.beats) - frame
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
        """Adds the take's samples from a position on; after its wrapped margin there is silence."""
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
        """A tail goes on over the repeat that followed, to the take's own end."""
        frames = min(len(out), math.ceil((self.take.frames - position) / speed))
        if frames > 0:
            self._copy(out[:frames], position, speed)
            self._tails.append((position + frames * speed, speed))
