"""Sends the transport as MIDI clock: 24 ticks a quarter note, start, stop, continue and song position.

`ClockPlan` works out what is due when, without threads or ports; `ClockSender` sleeps until then and sends.
The audio child owns the transport; its snapshot is read before every tick.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from bridge.midi_child.clock_in import FASTEST_BPM, SLOWEST_BPM, TICKS_PER_BEAT

TICK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
_LONGEST_SLEEP_SECONDS = 0.02  # so that a start or stop is noticed in time
_LATE_SECONDS = 0.2
_LAST_POSITION = 16_383  # in sixteenths: the largest song position pointer


class Place(Protocol):
    """The transport's position, tempo and state at a moment of `time.monotonic`."""

    @property
    def monotonic_seconds(self) -> float: ...
    @property
    def beat(self) -> float: ...
    @property
    def bpm(self) -> float: ...
    @property
    def playing(self) -> bool: ...


class ClockPlan:
    """Schedules the clock's bytes, in `time.monotonic`, `nudge_seconds` behind the transport."""

    def __init__(self, nudge_seconds: float = 0.0) -> None:
        self._nudge_seconds = nudge_seconds
        self._next_tick: int | None = None
        self._was_playing = False
        self._idle_at: float | None = None

    def due(self, place: Place, now_seconds: float) -> tuple[bytes, float | None]:
        """Return the bytes to send now, and the time of the next ones, None if none are scheduled."""
        if not SLOWEST_BPM <= place.bpm <= FASTEST_BPM:
            return self._stopped(), None
        if not place.playing:
            return self._idle(place, now_seconds)
        self._idle_at = None
        beat = place.beat + (now_seconds - self._nudge_seconds - place.monotonic_seconds) * place.bpm / 60
        sent = b""
        if not self._was_playing or self._is_elsewhere(beat, place.bpm):
            sent = self._stopped() + self._begun(beat)
        number = self._next_tick if self._next_tick is not None else math.ceil(beat * TICKS_PER_BEAT)
        while number <= beat * TICKS_PER_BEAT + 1e-6:
            sent += TICK
            number += 1
        self._next_tick = number
        ahead_beats = number / TICKS_PER_BEAT - beat
        return sent, now_seconds + ahead_beats * 60 / place.bpm

    def _begun(self, beat: float) -> bytes:
        """Return a start at beat 0; elsewhere a song position and a continue, from the next sixteenth on."""
        self._was_playing = True
        self._next_tick = math.ceil(beat * TICKS_PER_BEAT - 1e-6)
        if self._next_tick <= 0:
            self._next_tick = 0
            return START
        sixteenth = -(-self._next_tick // 6)
        self._next_tick = 6 * sixteenth
        position = min(sixteenth, _LAST_POSITION)
        return bytes((0xF2, position & 0x7F, position >> 7)) + CONTINUE

    def _is_elsewhere(self, beat: float, bpm: float) -> bool:
        """Return whether the transport has jumped, or this thread has slept through many ticks."""
        if self._next_tick is None:
            return False
        behind_beats = beat - self._next_tick / TICKS_PER_BEAT
        return behind_beats > _LATE_SECONDS * bpm / 60 or behind_beats < -0.5

    def _idle(self, place: Place, now_seconds: float) -> tuple[bytes, float]:
        """Return clock ticks while the transport is stopped, so that followers know the tempo in advance."""
        sent = self._stopped()
        tick_seconds = 60 / (TICKS_PER_BEAT * place.bpm)
        if self._idle_at is None or now_seconds - self._idle_at > _LATE_SECONDS:
            self._idle_at = now_seconds
        while self._idle_at <= now_seconds:
            sent += TICK
            self._idle_at += tick_seconds
        return sent, self._idle_at

    def _stopped(self) -> bytes:
        was_playing, self._was_playing, self._next_tick = self._was_playing, False, None
        return STOP if was_playing else b""


class ClockSender:
    """A thread that sends the clock. `read` returns the transport, or None while there is none."""

    def __init__(
        self, read: Callable[[], Place | None], send: Callable[[bytes], None], nudge_seconds: float
    ) -> None:
        self._read = read
        self._send = send
        self._plan = ClockPlan(nudge_seconds)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock out", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the clock; wait up to a second for the thread to end."""
        self._ended.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            place = self._read()
            now = time.monotonic()
            sent, again = self._plan.due(place, now) if place is not None else (b"", None)
            for message in _messages(sent):
                self._send(message)
            wait = _LONGEST_SLEEP_SECONDS if again is None else again - time.monotonic()
            pause = min(max(wait, 0.0005), _LONGEST_SLEEP_SECONDS)


def _messages(data: bytes) -> list[bytes]:
    """Split bytes into MIDI messages: drivers take only one at a time."""
    messages = []
    while data:
        length = 3 if data[0] == 0xF2 else 1
        messages.append(data[:length])
        data = data[length:]
    return messages
