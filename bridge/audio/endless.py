"""The bars of an endless deck: each on its own bar line, and for want of one the last two again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bridge.audio.transport import Transport
from bridge.audio.varispeed import MARGIN, read_at
from bridge.audio.voices import VARISPEED

Audio = NDArray[np.float32]

_REPEATED_BARS = 2


class Bars:
    """Rendered bars by their number, as they come; those that nobody will ask for again are let go.

    `begun` is the last bar whose line was played; None before the first.
    """

    def __init__(self) -> None:
        self.begun: int | None = None
        self._bars: dict[int, Audio] = {}

    def put(self, bar: int, padded: Audio) -> None:
        """Takes a bar in, (MARGIN + L + MARGIN, 2)."""
        self._bars[bar] = padded

    def find(self, bar: int) -> tuple[Audio | None, bool]:
        """What to play as `bar`, and whether it is that bar itself.

        For want of it, the one of the last two bars before it that lies an even number of bars back, so that
        the music keeps its place in the phrase.
        """
        # A copy of the keys: bars come in from another thread.
        known = sorted(number for number in tuple(self._bars) if number <= bar)
        if not known:
            return None, False
        if known[-1] == bar:
            return self._bars[bar], True
        latest = known[-1]
        wanted = latest - (bar - latest) % _REPEATED_BARS
        return self._bars[wanted if wanted in self._bars else latest], False

    def following(self, bar: int, on_line: bool) -> int:
        """The bar to play where the grid says `bar`: after a launch or a jump the music goes on, never back.

        On a bar line that is the next; amid a bar, the one that was under way.
        """
        if self.begun is not None:
            return self.begun + int(on_line)
        return max(bar, min(tuple(self._bars), default=bar))

    def let_go_before(self, bar: int) -> None:
        """Forgets the bars before `bar`, but for the last two that are there."""
        known = sorted(number for number in tuple(self._bars) if number < bar)
        for number in known[:-_REPEATED_BARS]:
            del self._bars[number]


class BarsSource:
    """Plays bar k on the k-th bar line after `launch_beat`, once bars are counted from there.

    Where other bars have begun before, `launch_beat` is moved by whole bars, so that the music goes on from
    them. It never ends by itself.

    `on_bar` and `on_behind` are told the number of the bar that begins, or is missing on its line. A tempo
    within 0.5 % of the one that a bar was rendered for is followed by varispeed.
    """

    def __init__(
        self,
        bars: Bars,
        transport: Transport,
        launch_beat: float,
        bar_beats: float,
        frame: int,
        *,
        on_bar: Callable[[int], None],
        on_behind: Callable[[int], None],
    ) -> None:
        self.ended = False
        self.leaving = False
        self._bars = bars
        self._transport = transport
        self._bar_beats = bar_beats
        self.launch_beat = launch_beat
        bar = self._bar_at(frame)
        self.launch_beat += (bar - bars.following(bar, self._line(bar) >= frame)) * bar_beats
        self._on_bar = on_bar
        self._on_behind = on_behind
        self._bar: int | None = None
        self._begin = self._end = 0
        self._sound: Audio | None = None

    def read(self, out: Audio, frame: int) -> None:
        """Fills `out` (n, 2), which is silent, from `frame` on."""
        done = 0
        while done < len(out):
            at = frame + done
            if self._bar is None or not self._begin <= at < self._end:
                self._enter_bar_at(at)
            frames = min(len(out) - done, self._end - at)
            self._copy(out[done : done + frames], at - self._begin)
            done += frames

    def _enter_bar_at(self, frame: int) -> None:
        bar = max(0, self._bar_at(frame))
        self._bar = bar
        self._begin, self._end = min(frame, self._line(bar)), max(frame + 1, self._line(bar + 1))
        self._sound, is_it = self._bars.find(bar)
        if self.leaving:
            return  # what fades out over the line has not played the bar after it
        self._bars.begun = bar
        self._on_bar(bar)
        if not is_it:
            self._on_behind(bar)
        self._bars.let_go_before(bar)

    def _bar_at(self, frame: int) -> int:
        bar = int((self._transport.beat_at(frame) - self.launch_beat) // self._bar_beats)
        # Rounding may put the line of the next bar on this very frame.
        while self._line(bar + 1) <= frame:
            bar += 1
        return bar

    def _line(self, bar: int) -> int:
        return self._transport.line_frame(self.launch_beat + bar * self._bar_beats)

    def _copy(self, out: Audio, position: int) -> None:
        if self._sound is None:
            return
        length, slot = len(self._sound) - 2 * MARGIN, self._end - self._begin
        if 1 < abs(length - slot) <= VARISPEED * slot:
            speed = length / slot
            out += read_at(self._sound, position * speed, speed, len(out))
            return
        # The margin holds the last sample, for the one that rounding may add.
        known = min(length + (1 if abs(length - slot) <= 1 else 0), len(self._sound) - MARGIN)
        part = self._sound[MARGIN + position : MARGIN + max(position, min(known, position + len(out)))]
        out[: len(part)] += part


def padded_bar(audio: Audio) -> Audio:
    """A bar (L, 2) with margins that hold its first and last samples."""
    return np.concatenate(
        (np.repeat(audio[:1], MARGIN, axis=0), audio, np.repeat(audio[-1:], MARGIN, axis=0))
    )
