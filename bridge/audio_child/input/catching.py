"""Cuts the last bars out of the input: what was played as these bars of the mix were heard."""

from __future__ import annotations

import io
import math
import queue
import threading
import time
from collections.abc import Callable

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge.audio_child.input.bar_history import BarHistory, LastBars
from bridge.audio_child.input.clocks import OwnClock, SharedClock
from bridge.audio_child.input.input_ring import KEPT_SECONDS, InputRing
from bridge.audio_child.input.line_in import LineIn
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.protocol import Catch
from bridge.audio_child.renderer import Renderer
from bridge.audio_child.reports import CatchFailed, Caught
from bridge.messages import BridgeError
from bridge.system.disk import disk_error

Audio = NDArray[np.float32]

BEFORE_SECONDS = 0.005
"""how much of what came before the bars is cut with them, for a seam"""
_WAIT_SECONDS = 2.0
_LOOK_SECONDS = 0.005
_REACH_FRAMES = 512
_LOUDEST = 1.0 - 2.0**-15
_SAME_FRAMES = 0.5


class Catcher:
    """Obeys `Catch` orders one after another, in a thread of its own.

    `round_trip_seconds` is how much later the input has what the output plays; None is what its drivers say.
    """

    def __init__(
        self,
        line_in: LineIn | None,
        mixer: Mixer,
        renderer: Renderer,
        round_trip_seconds: float | None,
        report: Callable[[object], None],
    ) -> None:
        self._line_in = line_in
        self._mixer = mixer
        self._renderer = renderer
        self._round_trip_seconds = round_trip_seconds
        self._report = report
        self._history = BarHistory(mixer.rate)
        mixer.history = self._history
        self._found: queue.SimpleQueue[tuple[Catch, LastBars]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="catcher", daemon=True).start()

    def catch(self, order: Catch) -> None:
        """Find the bars, in the mixer's thread, and cut them once they have come in."""

        def find() -> None:
            try:
                self._open_input()
                now = self._mixer.frame + self._mixer.rate * (
                    order.at_seconds - self._renderer.heard_at(self._mixer.frame)
                )
                self._found.put((order, self._history.last_bars(order.bars, now)))
            except BridgeError as error:
                self._report(CatchFailed(order.number, error.code, error.message))

        self._mixer.do(find)

    def _work(self) -> None:
        while True:
            order, bars = self._found.get()
            try:
                self._report(self._cut(order, bars))
            except BridgeError as error:
                self._report(CatchFailed(order.number, error.code, error.message))
            except OSError as error:
                failure = disk_error(error, order.path.parent)
                self._report(CatchFailed(order.number, failure.code, failure.message))
            except MemoryError:
                self._report(
                    CatchFailed(order.number, "busy", "there is not enough memory; catch fewer bars")
                )

    def _open_input(self) -> tuple[InputRing, SharedClock | OwnClock]:
        ring, clock = (self._line_in.ring, self._line_in.clock) if self._line_in else (None, None)
        if ring is None or clock is None:
            raise _no_input()
        return ring, clock

    def _cut(self, order: Catch, bars: LastBars) -> Caught:
        """Raises BridgeError, OSError."""
        ring, clock = self._open_input()
        # The limiter's look-ahead delays the mix.
        first = bars.frame + self._mixer.delay
        last = first + bars.frames
        begin, end, is_whole = self._came_in(ring, clock, first, last)
        before = round(BEFORE_SECONDS * self._mixer.rate)
        self._check_held(ring, bars, begin, end)
        audio = self._audio(ring, begin, end, before, bars.frames, is_exact=clock.is_exact)
        bad = ~np.isfinite(audio)
        audio[bad] = 0.0
        inside = np.abs(audio[before:])
        data = io.BytesIO()
        np.save(data, audio, allow_pickle=False)
        with order.path.open("xb") as file:  # numpy's own errors do not tell that a disk is full
            file.write(data.getbuffer())
        return Caught(
            order.number,
            order.path,
            bars.frames,
            before,
            self._mixer.rate,
            bars.bars,
            bars.bpm,
            bars.bar_beats,
            peak=float(inside.max(initial=0.0)),
            clipped=int(np.count_nonzero(inside >= _LOUDEST)),
            damaged=int(np.count_nonzero(bad[before:])),
            is_whole=is_whole,
        )

    def _came_in(
        self, ring: InputRing, clock: SharedClock | OwnClock, first: int, last: int
    ) -> tuple[float, float, bool]:
        """Return where the input has these frames of the output, once it does, and whether none were skipped.

        Raises BridgeError `missing` for an input that is lost meanwhile, or was not open then.
        """
        line_in = self._line_in
        later = self._round_trip_seconds
        if later is None:
            later = line_in.latency_seconds if line_in else 0.0
        give_up = time.monotonic() + _WAIT_SECONDS
        reach = 0 if clock.is_exact else _REACH_FRAMES
        while line_in is not None and line_in.ring is ring:
            relation = clock.between(first, last)
            if relation is not None:
                begin = relation.input_frame(first) + later * ring.rate
                end = relation.input_frame(last) + later * ring.rate
                if ring.written >= math.ceil(end) + reach:
                    return begin, end, relation.is_whole and not begin <= ring.overflowed_at < end
            if time.monotonic() > give_up:
                raise BridgeError("missing", "the input has only just been opened; play on, and catch again")
            time.sleep(_LOOK_SECONDS)
        raise _no_input()

    def _check_held(self, ring: InputRing, bars: LastBars, begin: float, end: float) -> None:
        """Raise BridgeError `missing` if the input does not hold all bars any more, or was opened later."""
        if begin >= ring.oldest:
            return
        held = max(0, math.floor((end - ring.oldest) / ((end - begin) / bars.bars)))
        there = f"{held} whole bar{'' if held == 1 else 's'}"
        why = f"in the {KEPT_SECONDS:g} s of it that are kept" if ring.oldest else "since it was opened"
        remedy = f"catch {held}" if held else "play on, and catch again"
        raise BridgeError("missing", f"bars: got {bars.bars}, and the input has {there} {why}; {remedy}")

    def _audio(
        self, ring: InputRing, begin: float, end: float, before: int, frames: int, *, is_exact: bool
    ) -> Audio:
        """Return the bars with `before` frames in front, (before + frames, C), at the rate of the mix."""
        if is_exact or abs(end - begin - frames) <= _SAME_FRAMES:
            start = round(begin)
            found = ring.read(start - before, start + frames)
        else:
            ratio = (end - begin) / frames
            start = math.floor(begin - before * ratio) - _REACH_FRAMES
            wide = ring.read(start, math.ceil(end) + _REACH_FRAMES)
            skipped = round((begin - start) / ratio) - before
            found = None if wide is None else _at_ratio(wide, ratio)[skipped : skipped + before + frames]
        if found is None or len(found) < before + frames:
            raise BridgeError("busy", "the input was overwritten while it was cut; catch again")
        return found


def _at_ratio(audio: Audio, ratio: float) -> Audio:
    """Resample audio (L, C) of which `ratio` frames make one."""
    made: Audio = soxr.resample(np.nan_to_num(audio), ratio, 1.0, quality="VHQ").astype(np.float32)
    return made


def _no_input() -> BridgeError:
    return BridgeError(
        "missing",
        "no input is open: connect it, or choose one: /msanii/stream/input, or `serve --stream --input NAME`",
    )
