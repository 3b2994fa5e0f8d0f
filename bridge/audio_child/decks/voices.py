"""Voices of a deck: a source (a take, or endless bars) with its fades."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.varispeed import MARGIN, read_at
from bridge.audio_child.transport import Transport

if TYPE_CHECKING:
    from bridge.audio_child.decks.endless import Bars

CHANNELS = 2
# A tempo within this fraction of a take's own is followed by varispeed: 0.5 % is 9 cents.
VARISPEED = 0.005
# A take longer than its repeat by up to this was rounded; by more, it has a tail that rings on.
_ROUNDING_SAMPLES = 2.0

Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class LoadedTake:
    """A decoded take at the stream's rate. `padded` is (MARGIN + L + MARGIN, 2), with wrapped margins.

    `bpm` and `beats` (quarter notes) are None if unknown: without a tempo it ignores the transport's.
    `begins_inside` says that its first sample lies inside the file.
    """

    path: Path
    padded: Audio
    bpm: float | None
    beats: float | None
    begins_inside: bool = False

    @property
    def frames(self) -> int:
        """The length L in samples."""
        return len(self.padded) - 2 * MARGIN

    def fits(self, bpm: float) -> bool:
        """Return whether varispeed can follow this tempo; always False for a take without a tempo."""
        return self.bpm is not None and abs(bpm / self.bpm - 1) <= VARISPEED


Music: TypeAlias = "LoadedTake | Bars"


@cache
def fade_curve(frames: int) -> Audio:
    """Return the rising half of an equal-power crossfade, (frames, 1); reversed, it is the falling half."""
    points = (np.arange(frames) + 0.5) / max(1, frames)
    return np.sin(np.pi / 2 * points).astype(np.float32)[:, None]


class Source(Protocol):
    """Audio that a voice plays; `launch_beat` is the beat that it counts from."""

    ended: bool
    launch_beat: float

    @property
    def music(self) -> Music:
        """The take or the bars that it plays."""

    def read(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2), which is silent, with the audio from a frame of the mix on."""


class Voice:
    """A source with its fade-in and fade-out, (n, 1) each."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._curve = fade_curve(0)
        self._in = 0
        self._out_curve: Audio | None = None
        self._out = 0
        self._ahead = np.zeros((0, CHANNELS), np.float32)

    @property
    def ended(self) -> bool:
        """True once the source has ended or is faded out."""
        faded = self._out_curve is not None and self._out >= len(self._out_curve)
        return faded or (self.source.ended and not len(self._ahead))

    def fade_in(self, rising: Audio) -> None:
        """Begin with this fade."""
        self._curve = rising

    def fade_out(self, falling: Audio) -> None:
        """End with this fade, unless a fade-out has begun."""
        if self._out_curve is None:
            self._out_curve = falling

    def read_ahead(self, frames: int, frame: int) -> Audio:
        """Return the source's next frames, (frames, 2), without fades; `add_to` plays them all the same."""
        known = len(self._ahead)
        if known < frames:
            more = np.zeros((frames - known, CHANNELS), np.float32)
            self.source.read(more, frame + known)
            self._ahead = np.concatenate((self._ahead, more))
        return self._ahead[:frames]

    def add_to(self, out: Audio, frame: int) -> None:
        """Add the voice's audio from `frame` on to `out` (n, 2)."""
        sound = np.zeros_like(out)
        known = min(len(out), len(self._ahead))
        sound[:known], self._ahead = self._ahead[:known], self._ahead[known:]
        if known < len(out):
            self.source.read(sound[known:], frame + known)
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


def cross(leaving: Voice, coming: Voice, frames: int, frame: int) -> None:
    """Crossfade from one voice to another at constant power, from `frame` of the mix on.

    The gains depend on how alike the two sound during the fade: unrelated audio is crossed with equal power,
    a loop that is launched over itself with equal gain, and what lies between (the same music at another
    tempo) with gains between. Equal power alone would make a loop over itself 3 dB louder.
    """
    before, after = leaving.read_ahead(frames, frame), coming.read_ahead(frames, frame)
    rising = fade_curve(frames)
    falling = rising[::-1]
    # The sum's power is rising² + falling² + 2 · correlation · rising · falling; the squares add up to 1.
    power = np.sqrt(1 + 2 * max(0.0, correlation(before, after)) * rising * falling, dtype=np.float32)
    coming.fade_in(rising / power)
    leaving.fade_out(falling / power)


def correlation(one: Audio, other: Audio) -> float:
    """Return the correlation of two pieces (n, 2) of audio, -1 to 1; 0 if one of them is silent."""
    power = float(np.vdot(one, one)) * float(np.vdot(other, other))
    return float(np.vdot(one, other)) / math.sqrt(power) if power > 0 else 0.0


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
        self.launch_beat = self._behind_us(launch_beat, frame)
        self._repeat = 0
        self._position = 0.0
        self._tails: list[tuple[float, float]] = []  # position and speed of tails that outlast their repeat
        self._enter(frame)

    @property
    def music(self) -> LoadedTake:
        """The take."""
        return self.take

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

    def _behind_us(self, launch_beat: float, frame: int) -> float:
        """Move a loop's launch back by whole repeats, if the beat has jumped to before it."""
        if not self.take.beats or self._transport.boundary_frame(launch_beat) <= frame:
            return launch_beat
        ahead = launch_beat - self._transport.beat_at(frame)
        return launch_beat - math.ceil(ahead / self.take.beats) * self.take.beats

    def _enter(self, frame: int) -> None:
        """Find the position in the take, if the launch is in the past."""
        late = frame - self._transport.boundary_frame(self.launch_beat)
        if late <= 0:
            return
        if not self.on_grid or not self.take.beats:
            length = self.take.frames
            self._position, self.ended = (late % length, False) if self.loop else (late, late >= length)
            return
        beats = self._transport.beat_at(frame) - self.launch_beat
        self._repeat = math.floor(beats / self.take.beats) if self.loop else 0
        begun = frame - self._transport.boundary_frame(self.launch_beat + self._repeat * self.take.beats)
        if begun < 0:  # this repeat's line is rounded to a later sample: the last repeat still plays
            self._repeat -= 1
            begun = frame - self._transport.boundary_frame(self.launch_beat + self._repeat * self.take.beats)
        self._position = begun * self._speed()
        self.ended = self._position >= self.take.frames and not self.loop

    def _speed(self) -> float:
        return self._transport.bpm / self.take.bpm if self.on_grid and self.take.bpm else 1.0

    def _read_some(self, out: Audio, frame: int) -> int:
        """Read up to the next loop seam or the take's end; return the number of frames, 0 if at one."""
        speed, frames = self._speed(), len(out)
        if self.loop and self.on_grid and self.take.beats:
            until = (
                self._transport.boundary_frame(self.launch_beat + (self._repeat + 1) * self.take.beats)
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
