"""Plays endless bars, each on its own bar line; while one is missing, the last two repeat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.bar_reader import BarReader, fits, length_of
from bridge.audio_child.decks.varispeed import MARGIN
from bridge.audio_child.decks.voices import fade_curve
from bridge.audio_child.transport import Transport

Audio = NDArray[np.float32]

_REPEATED_BARS = 2
# Bars of the same tempo begin on rounded samples, so that their lengths may differ by this.
_ROUNDED_SAMPLES = 1


class Bars:
    """The rendered bars of a session by number; bars no longer needed are dropped.

    `bar_beats` is their length in quarter notes, even if the stage's meter changes. `begun` is the last bar
    whose line was played; None before the first. A bar may exist twice: as rendered, and stretched to the
    current tempo. Only for the mixer's thread, except `to_stretch`.
    """

    def __init__(self, bar_beats: float) -> None:
        self.bar_beats = bar_beats
        self.begun: int | None = None
        self._bars: dict[int, Audio] = {}
        self._stretched: dict[int, Audio] = {}
        self._asked: dict[int, int] = {}

    def put(self, bar: int, padded: Audio) -> None:
        """Add a bar, (MARGIN + L + MARGIN, 2)."""
        self._bars[bar] = padded

    def put_stretched(self, bar: int, padded: Audio) -> None:
        """Add a stretched version of a bar, unless the bar has been dropped."""
        if bar in self._bars:
            self._stretched[bar] = padded

    def find(self, bar: int, slot_frames: int) -> tuple[Audio | None, bool]:
        """Return what to play as `bar` in a slot of this length, and whether it is that bar itself.

        If the bar is missing, this is whichever of the last two bars is an even number of bars before it, so
        that the music keeps its place in the phrase.
        """
        known = sorted(number for number in self._bars if number <= bar)
        if not known:
            return None, False
        latest = known[-1]
        wanted = latest - (bar - latest) % _REPEATED_BARS
        found = wanted if wanted in self._bars else latest
        versions = (self._bars[found], self._stretched.get(found, self._bars[found]))
        return min(versions, key=lambda audio: abs(length_of(audio) - slot_frames)), latest == bar

    def to_stretch(self, slot_frames: int) -> dict[int, Audio]:
        """Return the coming bars, (L, 2), that do not fit a slot of this length, each only once."""
        found = {}
        # Copying is atomic: the mixer's thread adds and drops bars meanwhile.
        for bar, padded in sorted(self._bars.copy().items()):
            lengths = (length_of(padded), self._asked.get(bar, 0))
            to_come = self.begun is None or bar > self.begun
            if to_come and not any(fits(length, slot_frames) for length in lengths):
                self._asked[bar] = slot_frames
                found[bar] = padded[MARGIN:-MARGIN]
        return found

    def following(self, bar: int, on_line: bool) -> int:
        """Return the bar to play where the grid has `bar`: a launch or a jump never goes back in the music.

        On a bar line that is the next bar; within a bar, the current one.
        """
        if self.begun is not None:
            return self.begun + int(on_line)
        return max(bar, min(self._bars, default=bar))

    def let_go_before(self, bar: int) -> None:
        """Drop the bars before `bar`, except the last two."""
        known = sorted(number for number in self._bars if number < bar)
        for number in known[:-_REPEATED_BARS]:
            for kept in (self._bars, self._stretched, self._asked):
                kept.pop(number, None)


class BarsSource:
    """Plays bar k on the k-th bar line after `launch_beat`.

    If bars were played before, `launch_beat` is moved by whole bars so that the music continues from them.
    The source never ends by itself.

    `on_bar` and `on_behind` get the number of a bar as it begins, or as it is missing on its line. A tempo
    within 0.5 % of a bar's own is followed by varispeed. Any other bar keeps its own tempo and still begins
    on its line: if it is too long for its slot it is cut at the next line, if too short its last beat repeats
    until there. Such cuts are crossfaded over `seam_frames`.
    """

    def __init__(
        self,
        bars: Bars,
        transport: Transport,
        launch_beat: float,
        frame: int,
        *,
        seam_frames: int,
        on_bar: Callable[[int], None],
        on_behind: Callable[[int], None],
    ) -> None:
        self.ended = False
        self.leaving = False
        self._bars = bars
        self._transport = transport
        self._bar_beats = bars.bar_beats
        self.launch_beat = launch_beat
        bar = self._bar_at(frame)
        self.launch_beat += (bar - bars.following(bar, self._boundary(bar) >= frame)) * bars.bar_beats
        self._seam_frames = seam_frames
        self._on_bar = on_bar
        self._on_behind = on_behind
        self._bar: int | None = None
        self._end = 0
        self._now = BarReader(None, 0.0)
        self._before: BarReader | None = None
        self._curve = fade_curve(0)
        self._faded = 0

    @property
    def music(self) -> Bars:
        """The bars."""
        return self._bars

    def read(self, out: Audio, frame: int) -> None:
        """Fill `out` (n, 2), which is silent, from `frame` on."""
        if self._bar is not None and not self.leaving:
            self._aim(self._bar, frame)  # the tempo may have changed since the last block
        done = 0
        while done < len(out):
            at = frame + done
            if self._bar is None or at >= self._end:
                self._enter(max(0, self._bar_at(at)) if self._bar is None else self._bar + 1, at)
            frames = min(len(out) - done, self._end - at, self._frames_to_repeat(at))
            if not frames:
                self._repeat_beat()
            self._copy(out[done : done + frames])
            done += frames

    def _enter(self, bar: int, frame: int) -> None:
        self._bar = bar
        begin = frame if self.leaving else min(frame, self._boundary(bar))
        slot = max(1, self._boundary(bar + 1) - self._boundary(bar))
        sound, is_it = self._bars.find(bar, slot)
        self._change_to(BarReader.entered(sound, frame - begin, slot))
        if self.leaving:
            # A source fading out across a line does not count as playing the next bar, and ignores jumps.
            self._end = frame + slot
            return
        self._aim(bar, frame)
        self._end = max(frame + 1, self._end)
        self._bars.begun = bar
        self._on_bar(bar)
        if not is_it:
            self._on_behind(bar)
        self._bars.let_go_before(bar)

    def _aim(self, bar: int, frame: int) -> None:
        """Update the end of the bar, and the reader's speed, from the transport."""
        transport = self._transport
        end = transport.frame_of(self.launch_beat + (bar + 1) * self._bar_beats)
        self._end = round(end)
        self._now.aim(end - frame, self._bar_beats * transport.rate * 60 / transport.nominal_bpm)

    def _frames_to_repeat(self, frame: int) -> int:
        """Return the frames until the last beat has to repeat, or until the bar line if it need not."""
        until_line, now = self._end - frame, self._now
        lasts = now.lasts(until_line, self._bar_beats)
        return until_line if lasts else max(0, int(now.left) - self._seam(now))

    def _repeat_beat(self) -> None:
        self._change_to(self._now.a_beat_back(self._bar_beats))

    def _seam(self, reader: BarReader) -> int:
        return min(self._seam_frames, int(reader.beat_frames(self._bar_beats) / 4))

    def _change_to(self, reader: BarReader) -> None:
        """Switch to another reader: at once if this one has ended, else with a crossfade."""
        before, self._now = self._now, reader
        fade = 0 if before.has_ended else min(self._seam(before), int(before.left))
        self._before, self._curve, self._faded = before if fade else None, fade_curve(fade), 0

    def _copy(self, out: Audio) -> None:
        fading = 0
        if self._before is not None:
            fading = min(len(out), len(self._curve) - self._faded)
            part = slice(self._faded, self._faded + fading)
            for reader, gains in ((self._now, self._curve[part]), (self._before, self._curve[::-1][part])):
                sound = np.zeros((fading, out.shape[1]), np.float32)
                reader.add_to(sound)
                out[:fading] += sound * gains
            self._faded += fading
            if self._faded == len(self._curve):
                self._before = None
        self._now.add_to(out[fading:])

    def _bar_at(self, frame: int) -> int:
        bar = int((self._transport.beat_at(frame) - self.launch_beat) // self._bar_beats)
        # Rounding may put the next bar's line on this frame.
        while self._boundary(bar + 1) <= frame:
            bar += 1
        return bar

    def _boundary(self, bar: int) -> int:
        return self._transport.boundary_frame(self.launch_beat + bar * self._bar_beats)


def padded_bar(audio: Audio) -> Audio:
    """Return a bar (L, 2) with margins that repeat its first and last samples."""
    return np.concatenate(
        (np.repeat(audio[:1], MARGIN, axis=0), audio, np.repeat(audio[-1:], MARGIN, axis=0))
    )


def runs_of_one_length(bars: dict[int, Audio]) -> list[dict[int, Audio]]:
    """Split bars by number into runs of consecutive bars of about the same length."""
    runs: list[dict[int, Audio]] = []
    for bar, audio in bars.items():
        last = runs[-1].get(bar - 1) if runs else None
        if last is None or abs(len(last) - len(audio)) > _ROUNDED_SAMPLES:
            runs.append({})
        runs[-1][bar] = audio
    return runs
