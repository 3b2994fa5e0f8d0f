"""Mixes the decks into the master, in sample time: it has no device, and no clock but its frame count."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.deck import STOP_SECONDS, Deck
from bridge.audio_child.decks.scene_tempo import SceneTempo
from bridge.audio_child.decks.voices import CHANNELS, LoadedTake
from bridge.audio_child.gain import GainRamp
from bridge.audio_child.limiter import Limiter
from bridge.audio_child.reports import (
    BarReport,
    BehindReport,
    DeckReport,
    RetimedReport,
    TempoReport,
    TransportReport,
)
from bridge.audio_child.shared_memory.levels import LevelWriter
from bridge.audio_child.transport import Transport
from bridge.messages.stage import Quantise

Audio = NDArray[np.float32]
Report = DeckReport | RetimedReport | BarReport | BehindReport | TransportReport | TempoReport

# If an external clock's beat is further away than this, jump to it; else catch up by a change of tempo.
_JUMP_BEATS = 0.25
_APPROACH_SECONDS = 2.0
_LARGEST_APPROACH = 0.003
_GOOD_ENOUGH_SECONDS = 0.0005


class Tap(Protocol):
    """Receives the audio of the master (0) and of each deck by its number."""

    def hear(self, deck: int, block: Audio) -> None:
        """Take a block (n, 2) that nobody else will change."""

    def wants(self, deck: int) -> bool:
        """Return whether `hear` is to be called for this deck."""


class History(Protocol):
    """Remembers how the transport was."""

    def note(self, frame: int, transport: Transport) -> None:
        """Note the transport as it is from a frame on."""


class Mixer:
    """Mixes block by block. Only for the renderer's thread, except `do` and `reports`.

    Output is `delay` frames late, because of the limiter's look-ahead.
    """

    def __init__(self, rate: int, decks: int, crossfade_seconds: float = 0.01) -> None:
        self.rate = rate
        self.transport = Transport(rate)
        self.decks = {
            number: Deck(number, self.transport, crossfade_seconds) for number in range(1, decks + 1)
        }
        self.frame = 0
        self.nudge_seconds = 0.0
        self.tap: Tap | None = None
        self.levels: LevelWriter | None = None
        self.history: History | None = None
        self.reports: deque[Report] = deque()
        self._tasks: deque[Callable[[], None]] = deque()
        self._gain = GainRamp()
        self._limiter = Limiter(rate, CHANNELS)
        self._reported: dict[int, DeckReport] = {}
        self._reported_playing = False
        self.last_launched: tuple[Deck, ...] = ()  # one deck, or those of a scene
        self._scene_tempo = SceneTempo(self.transport, self.reports.append)
        # A free-running clock's beat, and the frame that is heard at that beat.
        self._clock: tuple[float, int] | None = None
        for deck in self.decks.values():
            deck.on_bar = lambda number, bar: self.reports.append(BarReport(number, bar))
            deck.on_behind = lambda number, bar: self.reports.append(BehindReport(number, bar))

    @property
    def delay(self) -> int:
        """The latency of the limiter in frames."""
        return self._limiter.delay

    @property
    def fades_out_in(self) -> int:
        """How many more frames of output a deck that is silenced now can still be heard in."""
        return round(STOP_SECONDS * self.rate) + self.delay

    def do(self, task: Callable[[], None]) -> None:
        """Run a task between two blocks; may be called from any thread."""
        self._tasks.append(task)

    def render(self, frames: int) -> Audio:
        """Mix and return the next `frames` of the master, (frames, 2)."""
        while self._tasks:
            self._tasks.popleft()()
        lengths = self._scene_tempo.parts(self.frame, frames, self.decks.values())
        parts = [self._mix(length) for length in lengths]
        self._report()
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _mix(self, frames: int) -> Audio:
        if self.history is not None:
            self.history.note(self.frame, self.transport)
        mix = np.zeros((frames, CHANNELS), np.float32)
        for deck in self.decks.values():
            sound = np.zeros((frames, CHANNELS), np.float32)
            deck.render(sound, self.frame)
            mix += sound
            self._let_hear(deck.number, sound)
        self._gain.apply(mix)
        out = self._limiter.process(mix)
        self._let_hear(0, out)
        self.frame += frames
        return out

    # --- commands for the whole stage ---

    def set_gain(self, gain: float) -> None:
        """Set the master's gain, linear."""
        self._gain.target = gain

    def launch(self, deck: Deck, quantise: Quantise | None = None, *, starts_transport: bool = True) -> None:
        """Launch a deck, quantised; a stopped transport starts with it.

        It starts on a grid line, so that the deck sounds at once, or on the beat of a free-running clock.
        """
        starts = starts_transport and self._moves_to_line(quantise or deck.quantise)
        deck.arm(self.frame, quantise)
        self.last_launched = (deck,)
        if starts:
            self._start()

    def launch_scene(
        self,
        takes: Mapping[Deck, LoadedTake],
        stops: Collection[Deck],
        *,
        starts_transport: bool,
        tempo: tuple[float, int] | None = None,
    ) -> None:
        """Launch takes and stop decks on one line, the next of their widest grid; `tempo` changes there too.

        `tempo` is in quarter notes a minute, with the count of its report. Takes start a stopped transport.
        """
        decks = (*takes, *stops)
        if not decks:
            return
        quantise = max((deck.quantise for deck in decks), key=self.transport.quantum_beats)
        starts = starts_transport and bool(takes) and self._moves_to_line(quantise)
        beat = self.transport.next_boundary(self.frame, quantise)
        for deck in decks:
            deck.join_scene(takes.get(deck), beat, quantise)
        self.last_launched = decks
        self._scene_tempo.launch(beat, quantise, tempo)
        if starts:
            self._start()

    def _moves_to_line(self, quantise: Quantise) -> bool:
        """Move a stopped transport to where it is to start. Return False if it runs already."""
        if self.transport.playing:
            return False
        if not self._join_clock():
            self.transport.locate(self.transport.next_boundary(self.frame, quantise), self.frame)
        return True

    def play(self) -> None:
        """Start the transport, on a free-running clock's beat if one leads; resume what its stop paused."""
        if self.transport.playing:
            return
        self._join_clock()
        self._start()

    def stop(self) -> None:
        """Stop the transport, and pause the decks."""
        if not self.transport.playing:
            return
        for deck in self.decks.values():
            deck.pause()
        self.transport.stop(self.frame)

    def locate(self, beat: float) -> None:
        """Jump to a beat."""
        self.transport.locate(beat, self.frame)
        for deck in self.decks.values():
            deck.relocate(self.frame)
        self._scene_tempo.relocate(self.frame)

    def set_tempo(self, bpm: float, nominal_bpm: float | None = None) -> None:
        """Change the tempo. Loops that fit it again rejoin the grid at the next bar.

        It counts for more than that of a scene that waits.
        """
        self._scene_tempo.forget()
        if (bpm, nominal_bpm or bpm) == (self.transport.bpm, self.transport.nominal_bpm):
            return
        self.transport.set_tempo(bpm, self.frame, nominal_bpm)
        for deck in self.decks.values():
            deck.regrid(self.frame)

    def follow(self, bpm: float, beat: float | None, *, free_running: bool = False) -> None:
        """Follow an external clock's tempo and, if known, its beat at the time this frame is heard.

        The beat of a `free_running` clock goes on even while the transport stands; its bars begin at beat 0.
        """
        self._clock = (beat, self.frame) if free_running and beat is not None else None
        if self._clock is not None and self.transport.count_bars_from_zero():
            for deck in self.decks.values():
                deck.relocate(self.frame)
        error_seconds = 0.0
        if beat is not None and self.transport.playing:
            error_beats = beat - self.published_beat()
            if abs(error_beats) > _JUMP_BEATS:
                self.set_tempo(bpm)
                self.locate(self.transport.beat_at(self.frame) + error_beats)
                return
            error_seconds = error_beats * 60 / bpm
        if abs(error_seconds) < _GOOD_ENOUGH_SECONDS:
            error_seconds = 0.0
        approach = max(-_LARGEST_APPROACH, min(_LARGEST_APPROACH, error_seconds / _APPROACH_SECONDS))
        self.set_tempo(bpm * (1 + approach), bpm)

    def unfollow(self) -> None:
        """Stop following an external clock; the tempo stays."""
        self._clock = None

    def published_beat(self) -> float:
        """Return the beat published for this frame: ahead of the audio by the nudge."""
        return self.transport.beat_at(self.frame) + self.nudge_seconds * self.transport.bpm / 60

    def undo(self) -> None:
        """Undo the last launch, of a deck or of a scene."""
        decks, self.last_launched = self.last_launched, ()
        for deck in decks:
            deck.undo(self.frame)
        if self._scene_tempo.undo(self.frame):
            for deck in self.decks.values():
                deck.regrid(self.frame)

    def panic(self) -> None:
        """Silence all decks at once. Only a launch makes one sound again; there is nothing left to undo."""
        self.last_launched = ()
        self._scene_tempo.forget()
        for deck in self.decks.values():
            deck.panic()

    def _start(self) -> None:
        self.transport.start(self.frame)
        for deck in self.decks.values():
            deck.resume(self.frame)

    def _join_clock(self) -> bool:
        """Jump to the beat that a free-running clock has at this frame. Return False if none leads."""
        if self._clock is None:
            return False
        beat, frame = self._clock
        seconds = (self.frame - frame) / self.rate - self.nudge_seconds
        self.locate(beat + seconds * self.transport.nominal_bpm / 60)
        return True

    def report_again(self, number: int) -> None:
        """Report a deck's state even if it is as it was: clients were told that it is loading."""
        self._reported.pop(number, None)

    def _let_hear(self, number: int, block: Audio) -> None:
        if self.levels is not None:
            self.levels.hear(number, block)
        if self.tap is not None and self.tap.wants(number):
            self.tap.hear(number, block)

    def _report(self) -> None:
        for number, deck in self.decks.items():
            state = deck.state()
            if self._reported.get(number) != state:
                self._reported[number] = state
                self.reports.append(state)
        if self.transport.playing != self._reported_playing:
            self._reported_playing = self.transport.playing
            self.reports.append(TransportReport(self.transport.playing, self.published_beat()))
