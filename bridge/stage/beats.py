"""Tells each beat at the moment when it is heard, for lamps and counters."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.messages import BeatHeard

MOST_PER_SECOND = 20.0
# How long a change of tempo, a stop or a jump may go unseen.
_LOOK_SECONDS = 0.05
_LATEST_SECONDS = 0.1
_SHORTEST_SECONDS = 0.001
_SAME_BEAT = 1e-6


@dataclass(slots=True)
class BeatCounter:
    """Finds the beat that is heard now. Bars count from the last change of the meter.

    `_last` is the last beat seen, in beats of the meter from there, and None while nothing plays.
    """

    _last: int | None = None
    _told_at: float = -math.inf

    def look(self, now: Snapshot | None, beats_per_bar: int, at: float) -> tuple[BeatHeard | None, float]:
        """Return the beat that has begun since the last look, and the seconds until the next look.

        `at` is in seconds of `time.monotonic`. After a jump, a beat that was over before is not told.
        """
        if now is None or not now.playing:
            self._last = None
            return None, _LOOK_SECONDS
        length = now.bar_beats / beats_per_bar
        count = math.floor((now.beat_at(at) - now.bar_origin_beat) / length + _SAME_BEAT)
        began = now.seconds_of(now.bar_origin_beat + count * length)
        next_begins = now.seconds_of(now.bar_origin_beat + (count + 1) * length)
        before, self._last = self._last, count
        is_next = before is not None and count == before + 1
        has_begun = count != before and (is_next or at - began < _LATEST_SECONDS)
        told = self._told(count, beats_per_bar, at) if has_begun and count >= 0 else None
        return told, max(_SHORTEST_SECONDS, min(_LOOK_SECONDS, next_begins - at))

    def _told(self, count: int, beats_per_bar: int, at: float) -> BeatHeard | None:
        if at - self._told_at < 1 / MOST_PER_SECOND:
            return None
        self._told_at = at
        return BeatHeard(count // beats_per_bar + 1, count % beats_per_bar + 1)


async def tell_beats(
    snapshot: Callable[[], Snapshot | None],
    beats_per_bar: Callable[[], int],
    tell: Callable[[BeatHeard], None],
) -> None:
    """Tell every beat for ever."""
    counter = BeatCounter()
    while True:
        beat, wait = counter.look(snapshot(), beats_per_bar(), time.monotonic())
        if beat is not None:
            tell(beat)
        await asyncio.sleep(wait)
