"""A deck: its take or endless bars, the voices that sound, and the launch or stop that is pending."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.endless import Bars, BarsSource
from bridge.audio_child.transport import Transport
from bridge.audio_child.voices import LoadedTake, Source, TakeSource, Voice
from bridge.deck_values import DECK_VALUES, QUIETEST_DB
from bridge.messages.stage import DeckActivity, Quantise

Audio = NDArray[np.float32]

# Fade-out of a stop: long enough not to click, short enough to feel immediate.
STOP_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Pending:
    """A launch or stop due at `beat`. A launch counts its music from `launch_beat`."""

    action: Literal["start", "stop"]
    beat: float
    launch_beat: float
    take: LoadedTake | None


@dataclass(frozen=True, slots=True)
class Playing:
    """What a deck was playing, for undo and for resuming."""

    take: LoadedTake | None
    launch_beat: float


@dataclass(frozen=True, slots=True)
class DeckStatus:
    """The state that a deck reports."""

    activity: DeckActivity
    path: Path | None
    launch_beat: float | None
    fits: bool


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


class Deck:
    """Plays a take or a stream of endless bars. Only for the renderer's thread."""

    def __init__(self, number: int, transport: Transport, crossfade_seconds: float) -> None:
        self.number = number
        self.take: LoadedTake | None = None
        self.bars: Bars | None = None
        self.before: Playing | None = None
        self.on_bar: Callable[[int, int], None] = lambda _deck, _bar: None
        self.on_behind: Callable[[int, int], None] = lambda _deck, _bar: None
        self._transport = transport
        self._crossfade = max(1, round(crossfade_seconds * transport.rate))
        self._stop = max(1, round(STOP_SECONDS * transport.rate))
        self._ramp, self._left, self._right = GainRamp(), GainRamp(), GainRamp()
        self._voice: Voice | None = None
        self._leaving: list[Voice] = []
        self._pending: Pending | None = None
        self._paused: Playing | None = None
        for value in DECK_VALUES:
            setattr(self, value.name, value.default)

    # --- values: DECK_VALUES by name, each in its unit ---

    pan: float
    mute: bool
    quantise: Quantise
    stretch: bool

    @property
    def gain(self) -> float:
        """Gain in dB; `QUIETEST_DB` is silence."""
        return self._decibels

    @gain.setter
    def gain(self, decibels: float) -> None:
        self._decibels, self._level = decibels, linear(decibels)

    @property
    def loop(self) -> bool:
        """Whether the take loops. A change applies to the playing take too."""
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        self._loop = loop
        if self._voice is not None and isinstance(self._voice.source, TakeSource):
            self._voice.source.loop = loop

    # --- commands ---

    def hold(self, take: LoadedTake) -> None:
        """Load a take; what is playing goes on until a launch."""
        self.take, self.bars = take, None

    def hold_bars(self, bars: Bars) -> None:
        """Become an endless deck; what is playing goes on until a launch."""
        self.bars, self.take = bars, None

    def arm(self, frame: int, quantise: Quantise | None = None) -> None:
        """Launch on the next grid line."""
        beat = self._transport.next_boundary(frame, quantise or self.quantise)
        self._pending = Pending("start", beat, beat, self.take)

    def arm_at(self, take: LoadedTake | None, launch_beat: float, frame: int) -> None:
        """On the next bar line, continue with `take` as if it had played since `launch_beat`."""
        beat = self._transport.next_boundary(frame, "1")
        self.take = take or self.take
        self._pending = Pending("start", beat, launch_beat, take)

    def arm_stop(self, frame: int) -> None:
        """Stop on the next grid line, and cancel a pending launch."""
        if self._voice is None or not self._transport.playing:
            self.silence()
            return
        beat = self._transport.next_boundary(frame, self.quantise)
        self._pending = Pending("stop", beat, beat, None)

    def silence(self) -> None:
        """Stop all sound at once, and cancel a pending launch or stop."""
        self._pending = self._paused = None
        self._leave(self._stop)

    def pause(self) -> None:
        """Fall silent as the transport stops, and remember what to resume later."""
        if self._voice is not None:
            self._paused = Playing(self._held_by(self._voice), self._voice.launch_beat)
        self._leave(self._stop)

    def resume(self, frame: int) -> None:
        """Resume as the transport starts, at the same position in the music."""
        paused, self._paused = self._paused, None
        if paused is not None:
            self._begin(paused.take, paused.launch_beat, frame)

    def relocate(self, frame: int) -> None:
        """Follow a jump of the beat: what plays jumps along, what is pending moves to the next line."""
        pending = self._pending
        if pending is not None:
            beat = self._transport.next_boundary(frame, self.quantise)
            self._pending = Pending(pending.action, beat, beat, pending.take)
        if self._voice is not None:
            self._begin(self._held_by(self._voice), self._voice.launch_beat, frame)

    def regrid(self, frame: int) -> None:
        """After a tempo change, put a loop that fits the tempo again back on the grid, on a bar line."""
        voice = self._voice
        source = voice.source if voice is not None else None
        if voice is None or not isinstance(source, TakeSource) or self._pending is not None:
            return
        if not source.on_grid and source.take.fits(self._transport.nominal_bpm):
            self.arm_at(source.take, voice.launch_beat, frame)

    def undo(self, frame: int) -> None:
        """Undo the last launch: cancel it if it is pending, else return to what played before."""
        if self._pending is not None and self._pending.action == "start":
            self._pending = None
            self.take = self.sounding() or self.take
        elif self.before is None or (self.before.take is None and self.bars is None):
            self._leave(self._stop)
        else:
            self.take = self.before.take
            self._begin(self.before.take, self.before.launch_beat, frame)

    # --- playback ---

    def state(self) -> DeckStatus:
        """Return the deck's current state."""
        voice, waits = self._voice, self._pending
        activity: DeckActivity
        if voice is not None:
            activity = "stopping" if waits is not None and waits.action == "stop" else "playing"
        elif waits is not None or self._paused is not None:
            activity = "armed"
        else:
            activity = "empty" if self.take is None and self.bars is None else "stopped"
        take = self.take
        fits = take is None or take.bpm is None or take.fits(self._transport.nominal_bpm)
        launch_beat = voice.launch_beat if voice is not None else None
        if voice is None and waits is not None and waits.launch_beat < waits.beat:
            launch_beat = waits.launch_beat  # about to resume, as it would in a restarted child
        return DeckStatus(activity, take.path if take else None, launch_beat, fits)

    def sounding(self) -> LoadedTake | None:
        """Return the take that is playing; None in silence or on an endless deck."""
        return None if self._voice is None else self._held_by(self._voice)

    def render(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2), which is silent, with the deck's sound from `frame` of the mix on."""
        done = 0
        while done < len(out):
            due = self._due(frame + done)
            if due == frame + done:
                self._execute(due)
                continue
            end = len(out) if due is None else min(len(out), due - frame)
            self._sound(out[done:end], frame + done)
            done = end
        self._ramp.target = 0.0 if self.mute else self._level
        self._ramp.apply(out)
        self._left.target, self._right.target = min(1.0, 1.0 - self.pan), min(1.0, 1.0 + self.pan)
        self._left.apply(out[:, :1])
        self._right.apply(out[:, 1:])

    def _due(self, frame: int) -> int | None:
        if self._pending is None or not self._transport.playing:
            return None
        return max(frame, self._transport.boundary_frame(self._pending.beat))

    def _execute(self, frame: int) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            return
        if pending.action == "stop":
            self._leave(self._stop)
            return
        if pending.launch_beat == pending.beat:
            voice = self._voice
            self.before = Playing(self._held_by(voice), voice.launch_beat) if voice else None
        self._begin(pending.take, pending.launch_beat, frame)

    def _begin(self, take: LoadedTake | None, launch_beat: float, frame: int) -> None:
        source: Source
        if take is not None:
            launch_beat = self._behind_us(take, launch_beat, frame)
            source = TakeSource(take, self._transport, launch_beat, self.loop, frame)
        elif self.bars is not None:
            source = BarsSource(
                self.bars, self._transport, launch_beat, frame,
                seam_frames=self._crossfade,
                on_bar=lambda bar: self.on_bar(self.number, bar),
                on_behind=lambda bar: self.on_behind(self.number, bar),
            )  # fmt: skip
            launch_beat = source.launch_beat
        else:
            return
        begins_here = frame <= self._transport.boundary_frame(launch_beat)
        # From silence a take starts with its own attack; over another sound or in mid-take it is faded in.
        fade_in = 0 if begins_here and self._voice is None else self._crossfade
        self._leave(self._crossfade)
        self._voice = Voice(source, launch_beat, fade_in)

    def _behind_us(self, take: LoadedTake, launch_beat: float, frame: int) -> float:
        """Move a loop's launch back by whole repeats, if the beat has jumped to before it."""
        if not take.beats or self._transport.boundary_frame(launch_beat) <= frame:
            return launch_beat
        ahead = launch_beat - self._transport.beat_at(frame)
        return launch_beat - math.ceil(ahead / take.beats) * take.beats

    def _leave(self, frames: int) -> None:
        if self._voice is not None:
            self._voice.fade_out(frames)
            if isinstance(self._voice.source, BarsSource):
                self._voice.source.leaving = True
            self._leaving.append(self._voice)
            self._voice = None

    def _sound(self, out: Audio, frame: int) -> None:
        for voice in (*self._leaving, *((self._voice,) if self._voice else ())):
            voice.add_to(out, frame)
        self._leaving = [voice for voice in self._leaving if not voice.ended]
        if self._voice is not None and self._voice.ended:
            self._voice = None

    @staticmethod
    def _held_by(voice: Voice) -> LoadedTake | None:
        return voice.source.take if isinstance(voice.source, TakeSource) else None


def linear(decibels: float) -> float:
    """Return the linear factor of a gain in dB; `QUIETEST_DB` is silence."""
    return 0.0 if decibels <= QUIETEST_DB else 10 ** (decibels / 20)
