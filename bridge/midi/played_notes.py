"""The notes that were played of late, with their times, for a deck that answers them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MOST_NOTES = 4_096


@dataclass(slots=True)
class PlayedNote:
    """A note of a MIDI keyboard, in seconds of `time.monotonic`; `end_seconds` is None while it is held."""

    onset_seconds: float
    pitch: int
    velocity: int
    end_seconds: float | None = None


class PlayedNotes:
    """Remembers the last `MOST_NOTES` notes of all keyboards."""

    def __init__(self) -> None:
        self._notes: deque[PlayedNote] = deque(maxlen=MOST_NOTES)
        self._held: dict[tuple[str, int, int], PlayedNote] = {}

    def press(self, port: str, channel: int, pitch: int, velocity: int, at_seconds: float) -> None:
        """Note a key press; a key that was down already ends its note."""
        self.release(port, channel, pitch, at_seconds)
        note = self._held[port, channel, pitch] = PlayedNote(at_seconds, pitch, velocity)
        self._notes.append(note)

    def release(self, port: str, channel: int, pitch: int, at_seconds: float) -> None:
        """Note a key release."""
        if (note := self._held.pop((port, channel, pitch), None)) is not None:
            note.end_seconds = at_seconds

    def let_go(self, at_seconds: float) -> None:
        """Release all keys."""
        for key in list(self._held):
            self.release(*key, at_seconds)

    def since(self, at_seconds: float) -> tuple[PlayedNote, ...]:
        """Return the notes that were struck from a time on, in order."""
        return tuple(note for note in self._notes if note.onset_seconds >= at_seconds)
