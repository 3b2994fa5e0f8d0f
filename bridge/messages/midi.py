"""Requests to, and events of, MIDI control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Argument, Message

CaptureMode = Literal["chords", "notes", "off"]
Timing = Literal["free", "bar"]


@dataclass(frozen=True, slots=True)
class ListMidiPorts(Message):
    """List the MIDI ports with the map of each, and read the state of the MIDI system."""


@dataclass(frozen=True, slots=True)
class ListControls(Message):
    """List what each knob, pad and key does, on every connected port."""


@dataclass(frozen=True, slots=True)
class ListMaps(Message):
    """List the names of all maps."""


@dataclass(frozen=True, slots=True)
class UseMap(Message):
    """Use a map for the ports whose name matches `port`, a pattern with * and ?, for this session."""

    name: str
    port: str


@dataclass(frozen=True, slots=True)
class ReloadMaps(Message):
    """Reload the maps, as after an edit."""


@dataclass(frozen=True, slots=True)
class Learn(Message):
    """Map a parameter, or an address with its arguments, to the next control that moves."""

    name: str
    arguments: tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class CancelLearn(Message):
    """Cancel a pending MIDI learn."""


@dataclass(frozen=True, slots=True)
class Forget(Message):
    """Remove the learned controls of a parameter or address from the user's map; `all` empties it."""

    name: str


@dataclass(frozen=True, slots=True)
class Capture(Message):
    """Start capturing chords or notes from the keys, or stop; what was captured stays."""

    mode: CaptureMode


@dataclass(frozen=True, slots=True)
class CaptureTiming(Message):
    """Set how long captured chords last. `free`: one bar each. `bar`: as played, in whole beats."""

    timing: Timing


@dataclass(frozen=True, slots=True)
class EditCapture(Message):
    """Remove the last captured chord or note (`undo`), or all (`clear`)."""

    how: Literal["undo", "clear"]


@dataclass(frozen=True, slots=True)
class ClockIn(Message):
    """Start or stop following MIDI clock."""

    on: bool


@dataclass(frozen=True, slots=True)
class ClockOut(Message):
    """Start or stop sending MIDI clock to the ports whose name matches `port`."""

    on: bool
    port: str


@dataclass(frozen=True, slots=True)
class NudgeClock(Message):
    """Delay the clock that is sent; a negative value sends it earlier."""

    milliseconds: float


@dataclass(frozen=True, slots=True)
class MidiPanic(Message):
    """Release every held note and key, and send all-notes-off to every output."""


MidiEventName = Literal[
    "port", "learning", "learned", "unarmed", "forgotten", "chord", "progression", "notes",
    "capturing", "problem", "clock", "pickup",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """An event of MIDI control, sent as /msanii/midi/event/<name>."""

    name: MidiEventName
    arguments: tuple[Argument, ...]
