"""MIDI keys as input for generate: adds the chords or notes played to the next request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from bridge.messages import Argument, Render
from bridge.messages.midi import CaptureMode, MidiEventName, Timing
from bridge.midi.capture import Captured
from bridge.midi.played_notes import PlayedNotes
from bridge.midi_child.wire import Moved
from bridge.parameters import check_values

_FEWEST_HELD = 2  # a single key may be a bass note or a slip


class Keys:
    """Held keys and the capture. `tell(name, ...)` delivers events, `value_of` reads session parameters."""

    def __init__(self, tell: Callable[..., None], value_of: Callable[[str], object]) -> None:
        self._tell_event = tell
        self._value_of = value_of
        self._captured = Captured()
        self.played = PlayedNotes()
        self.mode: CaptureMode = "chords"
        self.timing: Timing = "free"

    def moved(self, port: str, moved: Moved, *, captures: bool) -> None:
        """Handle a key press or release; only if it `captures`, the next generate plays it."""
        control, now = moved.control, time.monotonic()
        if moved.value > 0:
            self.played.press(port, control.channel, control.number, moved.value, now)
        else:
            self.played.release(port, control.channel, control.number, now)
        if not captures:
            return
        if moved.value > 0:
            self._captured.press(port, control.channel, control.number, moved.value, now)
            self._tell_chord()
        elif self._captured.release(port, control.channel, control.number, now):
            self.tell_progression()

    def let_go(self) -> None:
        """Release all keys."""
        now = time.monotonic()
        self._captured.let_go(now)
        self.played.let_go(now)

    def edit(self, how: Literal["undo", "clear"]) -> None:
        """Remove the last chord or note, or all of them."""
        if how == "clear":
            self._captured.clear()
        else:
            self._captured.undo(self.mode)
        self.tell_progression()

    def with_played(self, ask: Render) -> Render:
        """Add the captured chords or notes to a generate request, unless it sets either itself.

        Raises BridgeError if the progression is longer than a request may be.
        """
        if ask.verb != "generate" or "chords" in ask.values or "notes" in ask.values:
            return ask
        notes = self._captured.notes(self._number("bpm")) if self.mode == "notes" else ()
        played: dict[str, float | str]
        if self.mode == "notes":
            played = {"bars": self._captured.bars(notes, self._bar_beats())} if notes else {}
        else:
            played = self._played_chords()
        if "seconds" in ask.values:
            played.pop("bars", None)  # a request gives its length once
        return replace(ask, values=check_values(played) | ask.values, notes=notes or None)

    def tell_progression(self) -> None:
        """Deliver what has been captured as an event."""
        if self.mode == "notes":
            notes = self._captured.notes(self._number("bpm"))
            bars = self._captured.bars(notes, self._bar_beats()) if notes else 0.0
            self._tell("notes", len(notes), bars)
            return
        self._tell(
            "progression", *self._captured.progression(self.timing, self._number("bpm"), self._bar_beats())
        )

    def tell_mode(self) -> None:
        """Deliver the capture mode and timing as an event."""
        self._tell("capturing", self.mode, self.timing)

    def _played_chords(self) -> dict[str, float | str]:
        """Return the captured progression and its length in bars, or else the chord held down, if any."""
        if self.mode == "chords" and self._captured.chords():
            chords, bars = self._captured.progression(self.timing, self._number("bpm"), self._bar_beats())
            return {"chords": chords, "bars": bars}
        chord = self._captured.held_chord() if len(self._captured.held) >= _FEWEST_HELD else None
        return {"chords": chord.name} if chord else {}

    def _tell_chord(self) -> None:
        chord = self._captured.last_chord()
        if chord is not None:
            self._tell("chord", chord.name, chord.root, chord.bass, chord.inversion, int(chord.is_exact))

    def _bar_beats(self) -> float:
        return 4 * self._number("numerator") / self._number("denominator")

    def _number(self, name: str) -> float:
        value = self._value_of(name)
        return float(value) if isinstance(value, int | float) else 1.0

    def _tell(self, name: MidiEventName, *arguments: Argument) -> None:
        self._tell_event(name, *arguments)
