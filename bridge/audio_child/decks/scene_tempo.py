"""The tempo of a scene: it changes exactly on the line of the scene's decks, and undo takes it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from bridge.audio_child.decks.deck import Deck
from bridge.audio_child.reports import TempoReport
from bridge.audio_child.transport import Transport
from bridge.messages.stage import Quantise


@dataclass(frozen=True, slots=True)
class _Coming:
    beat: float
    quantise: Quantise
    bpm: float
    count: int


class SceneTempo:
    """A tempo that waits for its line. Only for the mixer's thread. `report` gets each change of tempo."""

    def __init__(self, transport: Transport, report: Callable[[TempoReport], None]) -> None:
        self._transport = transport
        self._report = report
        self._coming: _Coming | None = None
        self._before: tuple[float, int] | None = None  # the tempo that the last scene replaced, and its count

    def launch(self, beat: float, quantise: Quantise, tempo: tuple[float, int] | None) -> None:
        """Note a scene that is launched for a line; without `tempo` it keeps that of the stage."""
        self.forget()
        if tempo is not None:
            self._coming = _Coming(beat, quantise, *tempo)

    def forget(self) -> None:
        """Forget what waits, and what undo would bring back."""
        self._coming = self._before = None

    def relocate(self, frame: int) -> None:
        """Follow a jump of the beat, as the decks of the scene do."""
        if self._coming is not None:
            beat = self._transport.next_boundary(frame, self._coming.quantise)
            self._coming = replace(self._coming, beat=beat)

    def undo(self, frame: int) -> bool:
        """Cancel the change, or take it back. Return whether the tempo has changed."""
        before = self._before
        self.forget()
        if before is None:
            return False
        bpm, count = before
        self._transport.set_tempo(bpm, frame)
        self._report(TempoReport(bpm, count))
        return True

    def parts(self, frame: int, frames: int, decks: Collection[Deck]) -> Iterator[int]:
        """Yield the lengths of the parts in which to mix `frames`; the tempo changes between two of them."""
        done = 0
        while done < frames:
            part = self._frames_until_line(frame + done, frames - done)
            if part == 0:
                self._change(frame + done, decks)
                continue
            yield part
            done += part

    def _frames_until_line(self, frame: int, frames: int) -> int:
        if self._coming is None or not self._transport.playing:
            return frames
        return min(frames, max(0, self._transport.boundary_frame(self._coming.beat) - frame))

    def _change(self, frame: int, decks: Collection[Deck]) -> None:
        coming, self._coming = self._coming, None
        # Not if all of the scene's decks were stopped, or launched otherwise, since.
        if coming is None or not any(deck.awaits_scene(coming.beat) for deck in decks):
            return
        self._before = self._transport.nominal_bpm, coming.count
        self._transport.set_tempo_on(coming.beat, coming.bpm)
        for deck in decks:
            deck.regrid(frame)
        self._report(TempoReport(coming.bpm, coming.count))
