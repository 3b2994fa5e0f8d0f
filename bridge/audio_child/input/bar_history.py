"""Where bar lines were: the transport's last minute, from which the last whole bars are found."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bridge.audio_child.transport import Transport
from bridge.messages import BridgeError

KEPT_SECONDS = 70.0
# A performer presses on the beat or a little before it.
EARLY_SECONDS = 0.1
# An external clock's tempo is bent by up to 0.3 % to catch up with its beat.
_SAME_TEMPO = 0.005
_SAME_BEATS = 1e-4
_UNCHANGED_BEATS = 1e-6
_ON_LINE = 1e-6
_HALF_FRAME = 0.5
_METER, _STARTED, _JUMPED = "since the meter changed", "since the transport started", "since it jumped"
_KEPT = "in the last minute, which is all that is kept"


@dataclass(frozen=True, slots=True)
class Span:
    """A time without a change of the transport, from a frame of the mix on, where its `beat` is."""

    frame: int
    beat: float
    bpm: float
    nominal_bpm: float
    playing: bool
    bar_beats: float
    bar_origin_beat: float

    def beat_at(self, frame: float, rate: int) -> float:
        """Return the beat at a frame."""
        return self.beat + (frame - self.frame) * self.bpm / (60 * rate) if self.playing else self.beat

    def frame_of(self, beat: float, rate: int) -> float:
        """Return the frame of a beat, not rounded."""
        return self.frame + (beat - self.beat) * 60 * rate / self.bpm


@dataclass(frozen=True, slots=True)
class LastBars:
    """Whole bars of the mix: their first frame, their length in frames, their tempo and meter.

    `frames` is exactly what so many bars last at `bpm`.
    """

    frame: int
    frames: int
    bars: int
    bpm: float
    bar_beats: float


class BarHistory:
    """The transport's spans. Only for the mixer's thread."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._spans: deque[Span] = deque()
        self._has_forgotten = False

    def note(self, frame: int, transport: Transport) -> None:
        """Note the transport as it is from a frame on; to be called before each block is mixed."""
        beat = transport.beat_at(frame)
        last = self._spans[-1] if self._spans else None
        if last is not None and (
            transport.playing == last.playing
            and transport.bpm == last.bpm
            and transport.nominal_bpm == last.nominal_bpm
            and transport.bar_beats == last.bar_beats
            and transport.bar_origin_beat == last.bar_origin_beat
            and abs(beat - last.beat_at(frame, self._rate)) < _UNCHANGED_BEATS
        ):
            return
        self._spans.append(
            Span(
                frame, beat, transport.bpm, transport.nominal_bpm, transport.playing,
                transport.bar_beats, transport.bar_origin_beat,
            )
        )  # fmt: skip
        oldest = frame - KEPT_SECONDS * self._rate
        while len(self._spans) > 1 and self._spans[1].frame <= oldest:
            self._spans.popleft()
            self._has_forgotten = True

    def last_bars(self, bars: int, now: float) -> LastBars:
        """Return the last `bars` whole bars that have ended by frame `now`, or end a little later.

        All are at one tempo and in one meter. On a transport that stands, they are those before it stopped.

        Raises BridgeError `missing` if there are fewer.
        """
        spans = tuple(self._spans)
        at, until = len(spans) - 1, now + EARLY_SECONDS * self._rate
        most, why = 0, ""
        while (line := self._last_line(spans, at, until)) is not None:
            at, beat = line
            begin, reason = self._run(spans, at)
            bar_beats = spans[at].bar_beats
            # The bar in which the meter changes is one of the new meter.
            is_same_bar = reason == _METER
            first = spans[begin].bar_origin_beat if is_same_bar else spans[begin].beat
            whole = math.floor((beat - first) / bar_beats + _ON_LINE)
            if whole >= bars:
                return self._between(spans, begin, at, beat - bars * bar_beats, beat, bars)
            most, why = whole, reason
            if whole or reason not in (_STARTED, _JUMPED):
                break
            # No bar has ended since the last start: those before it are meant.
            at, until = begin - 1, spans[begin].frame
        raise _too_few(bars, most, why)

    def _last_line(self, spans: tuple[Span, ...], at: int, until: float) -> tuple[int, float] | None:
        """Return the last bar line by a frame, as the number of its span and its beat."""
        for number in range(at, -1, -1):
            span = spans[number]
            if span.playing and span.frame <= until:
                bar = math.floor(
                    (span.beat_at(until, self._rate) - span.bar_origin_beat) / span.bar_beats + _ON_LINE
                )
                line = span.bar_origin_beat + bar * span.bar_beats
                if span.frame_of(line, self._rate) >= span.frame - _HALF_FRAME:
                    return number, line
            until = min(until, span.frame)
        return None

    def _run(self, spans: tuple[Span, ...], at: int) -> tuple[int, str]:
        """Return the first span from which the bars go on evenly to this one, and why they begin there."""
        ours = spans[at]
        for number in range(at, 0, -1):
            before, span = spans[number - 1], spans[number]
            if not before.playing:
                return number, _STARTED
            if abs(before.nominal_bpm / ours.nominal_bpm - 1) > _SAME_TEMPO:
                return number, (
                    f"since the tempo changed from {before.nominal_bpm:g} to {ours.nominal_bpm:g} bpm"
                )
            if abs(before.beat_at(span.frame, self._rate) - span.beat) > _SAME_BEATS:
                return number, _JUMPED
            lines_apart = (before.bar_origin_beat - ours.bar_origin_beat) / ours.bar_beats
            if before.bar_beats != ours.bar_beats or abs(lines_apart - round(lines_apart)) > _SAME_BEATS:
                return number, _METER
        return 0, _KEPT if self._has_forgotten else _STARTED

    def _between(
        self, spans: tuple[Span, ...], begin: int, at: int, first: float, line: float, bars: int
    ) -> LastBars:
        """Return the bars from beat `first` to the bar line at beat `line` of the span `at`."""
        ours = spans[at]
        number = next(
            number
            for number in range(at, begin - 1, -1)
            if number == begin
            or spans[number].frame_of(first, self._rate) >= spans[number].frame - _HALF_FRAME
        )
        frame = spans[number].frame_of(first, self._rate)
        frames, bpm = ours.frame_of(line, self._rate) - frame, ours.nominal_bpm
        beats = line - first
        if abs(beats * 60 * self._rate / bpm - frames) > 1:
            # A clock that leads was a little faster or slower than it says.
            bpm = round(beats * 60 * self._rate / frames, 4)
        return LastBars(round(frame), round(beats * 60 * self._rate / bpm), bars, bpm, ours.bar_beats)


def _too_few(bars: int, most: int, why: str) -> BridgeError:
    if not why:
        return BridgeError(
            "missing",
            "the transport stands, so that there are no bars: start it (/msanii/transport/play), play, and "
            "catch again",
        )
    there = f"{most} whole bar{'' if most == 1 else 's'}"
    remedy = f"catch {most}, or play on" if most else "play on, and catch again"
    return BridgeError("missing", f"bars: got {bars}, and there are {there} {why}; {remedy}")
