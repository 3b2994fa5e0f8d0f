"""Jitter-free tempo and song position from an incoming MIDI clock, by a line fit through the last ticks.

There are 24 ticks to a quarter note. Their times have the driver's jitter (JACK rounds them to its period),
and some come in late bursts, so a robust line is fitted through up to four bars of 4/4. A new tempo is
reported only if it differs by more than the fit's uncertainty; a real tempo change drops the older ticks at
once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from bridge.midi_child.line import Line, Tick, fitted
from bridge.midi_child.wire import ClockState

TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6
SLOWEST_BPM, FASTEST_BPM = 20.0, 999.0
LOST_SECONDS = 0.6  # a tick at 20 bpm comes every 0.125 s
_MEMORY_TICKS = 16 * TICKS_PER_BEAT
_FIRST_TICKS = TICKS_PER_BEAT  # one beat before the first tempo is reported
_LEAST_CHANGE_BPM = 0.02
# A large tempo change shows within one beat, a small one only within a bar.
_RECENT_TICKS = (TICKS_PER_BEAT, 2 * TICKS_PER_BEAT, 4 * TICKS_PER_BEAT)
_SURE_ERRORS = 4.0
_STRAIGHT_SHARE = 0.9
_WIDEST_SPREAD_SECONDS = 0.01  # more than JACK's jitter with periods of 1024
_LEAST_SHIFT_SECONDS = 0.005
_STEADY_SECONDS = 0.0005


class Told(NamedTuple):
    """A reported change: at `at_seconds` the song was at `beat`, in quarter notes."""

    state: ClockState
    beat: float
    bpm: float
    at_seconds: float


class ClockTracker:
    """Tracks the clock of one port. `feed` takes timestamped messages and returns what changed."""

    def __init__(self) -> None:
        self._ticks: deque[Tick] = deque(maxlen=_MEMORY_TICKS)
        self._next_tick = 0
        self._tick_zero_beat = 0.0
        self._starts_with_next_tick: ClockState | None = None
        self._located_beat = 0.0
        self._bpm = 0.0
        # Whether followers may be playing: they go on when a clock is lost, and some start without its start.
        self._may_play = False
        self.is_running = False

    @property
    def bpm(self) -> float:
        """The last reported tempo; 0 before the first."""
        return self._bpm

    def feed(self, status: int, at_seconds: float, position: int = 0) -> list[Told]:
        """Process a system message: status byte, time of arrival, and for 0xF2 the position in sixteenths."""
        match status:
            case 0xF8:
                return list(self._tick(at_seconds))
            case 0xFA:
                self._located_beat = 0.0
                self._starts_with_next_tick = "start"
            case 0xFB:
                self._starts_with_next_tick = "continue"
            case 0xFC:
                self._starts_with_next_tick = None
                self._located_beat = self._beat_now()
                self.is_running = False
                may_play, self._may_play = self._may_play, False
                if may_play:
                    return [Told("stop", self._located_beat, self._bpm, at_seconds)]
            case 0xF2:
                self._located_beat = position * TICKS_PER_SIXTEENTH / TICKS_PER_BEAT
                if not self.is_running:
                    return [Told("locate", self._located_beat, self._bpm, at_seconds)]
                self._tick_zero_beat = self._located_beat - self._next_tick / TICKS_PER_BEAT
        return []

    def silence(self, now_seconds: float) -> list[Told]:
        """Report once that the clock is lost, after `LOST_SECONDS` without a tick. Call regularly."""
        if not self._ticks or now_seconds - self._ticks[-1][0] < LOST_SECONDS:
            return []
        return self.gone()

    def gone(self) -> list[Told]:
        """Report a lost clock, if there was one. Call when the port is gone."""
        if not self._ticks:
            return []
        last_seconds, _ = self._ticks[-1]
        self._located_beat = self._beat_now()
        self._ticks.clear()
        self._starts_with_next_tick = "continue" if self.is_running else None
        self.is_running = False
        bpm, self._bpm = self._bpm, 0.0
        return [Told("lost", self._located_beat, bpm, last_seconds)]

    def _tick(self, at_seconds: float) -> Iterator[Told]:
        if self._ticks and not 0 <= at_seconds - self._ticks[-1][0] < LOST_SECONDS:
            self._ticks.clear()
        number = self._next_tick
        self._next_tick += 1
        self._ticks.append((at_seconds, number))
        started, self._starts_with_next_tick = self._starts_with_next_tick, None
        self._may_play |= started is not None or number == 0
        if started is not None:
            self.is_running = True
            self._tick_zero_beat = self._located_beat - number / TICKS_PER_BEAT
        in_song = round(self._tick_zero_beat * TICKS_PER_BEAT) + number
        if started is None and in_song % TICKS_PER_SIXTEENTH:
            return  # the fit changes slowly: once a sixteenth is enough
        fit = fitted(list(self._ticks)) if len(self._ticks) >= _FIRST_TICKS else None
        if started is not None:
            # The first tick after a start is the beat itself; the fit removes its jitter.
            at = fit.at(number) if fit is not None else at_seconds
            yield Told(started, self._located_beat, self._bpm, at)
        if fit is not None:
            yield from self._tempo(self._after_a_change(fit), number)

    def _tempo(self, fit: Line, number: int) -> Iterator[Told]:
        bpm = _bpm_of(fit)
        # A backlog of ticks delivered at once has no meaningful tempo or position.
        if not SLOWEST_BPM <= bpm <= FASTEST_BPM or fit.spread > max(_WIDEST_SPREAD_SECONDS, fit.slope / 2):
            return
        sure = max(_LEAST_CHANGE_BPM, bpm * fit.slope_error / fit.slope)
        has_changed = abs(bpm - self._bpm) > sure
        if has_changed:
            self._bpm = bpm
        beat = self._tick_zero_beat + number / TICKS_PER_BEAT
        on_the_beat = self.is_running and round(beat * TICKS_PER_BEAT) % TICKS_PER_BEAT == 0
        if has_changed or on_the_beat:
            yield Told("tempo", beat, self._bpm, fit.at(number))

    def _after_a_change(self, fit: Line) -> Line:
        """Return a fit of the newest ticks alone, and drop the others, if the tempo or phase has changed.

        Otherwise return `fit`. Late ticks do not count as a change: they are not on a line of their own, or
        the newest of them is back on the old line.
        """
        newest = self._ticks[-1][1]
        for count in _RECENT_TICKS:
            if len(self._ticks) < count + _FIRST_TICKS:
                break
            recent = fitted(list(islice(self._ticks, len(self._ticks) - count, None)))
            is_straight = recent.share >= _STRAIGHT_SHARE and recent.spread < 2 * fit.spread + _STEADY_SECONDS
            if not is_straight or not SLOWEST_BPM <= _bpm_of(recent) <= FASTEST_BPM:
                continue
            shift = abs(recent.at(newest) - fit.at(newest))
            sure = _SURE_ERRORS * math.hypot(recent.slope_error, fit.slope_error)
            is_other_tempo = abs(recent.slope - fit.slope) > sure
            # On a busy machine a whole beat may be late, but not at a different tempo, and not for longer.
            believed = is_other_tempo or count > TICKS_PER_BEAT
            if believed and shift > max(_LEAST_SHIFT_SECONDS, _SURE_ERRORS * recent.spread):
                while len(self._ticks) > count:
                    self._ticks.popleft()
                return recent
        return fit

    def _beat_now(self) -> float:
        if not self.is_running:
            return self._located_beat
        # `continue` resumes at the next tick's beat.
        return self._tick_zero_beat + self._next_tick / TICKS_PER_BEAT


def _bpm_of(line: Line) -> float:
    """Return the tempo; 0 if all ticks came at once."""
    return 60.0 / (TICKS_PER_BEAT * line.slope) if line.slope > 0 else 0.0
