"""What front ends ask of the hands (MIDI), and what comes back. All of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Argument, Message

CaptureMode = Literal["chords", "notes", "off"]
Timing = Literal["free", "bar"]


@dataclass(frozen=True, slots=True)
class ListMidiPorts(Message):
    """Asks for the MIDI ports there are, the map of each, and the state of the child that holds them."""


@dataclass(frozen=True, slots=True)
class ListControls(Message):
    """Asks which knob, pad or key does what, on every connected port."""


@dataclass(frozen=True, slots=True)
class ListMaps(Message):
    """Asks for the names of all maps."""


@dataclass(frozen=True, slots=True)
class UseMap(Message):
    """Uses a map for the ports whose name matches `port`, a pattern with * and ?, for this session."""

    name: str
    port: str


@dataclass(frozen=True, slots=True)
class ReloadMaps(Message):
    """Reads the maps again, as after an edit."""


@dataclass(frozen=True, slots=True)
class Learn(Message):
    """Arms a parameter's name, or an address with its arguments, for the next control that moves."""

    name: str
    arguments: tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class CancelLearn(Message):
    """Disarms."""


@dataclass(frozen=True, slots=True)
class Forget(Message):
    """Takes what was learned for a parameter or address out of the user's map; `all` empties it."""

    name: str


@dataclass(frozen=True, slots=True)
class Capture(Message):
    """Begins to collect chords or notes from the keys, or ends it; what was collected stays."""

    mode: CaptureMode


@dataclass(frozen=True, slots=True)
class CaptureTiming(Message):
    """`free`: each chord lasts a bar. `bar`: each lasts as it was held, in whole beats."""

    timing: Timing


@dataclass(frozen=True, slots=True)
class EditCapture(Message):
    """Takes back the last chord or note, or `clear`s all."""

    how: Literal["undo", "clear"]


@dataclass(frozen=True, slots=True)
class ClockIn(Message):
    """Follows MIDI clock, or stops following."""

    on: bool


@dataclass(frozen=True, slots=True)
class ClockOut(Message):
    """Sends MIDI clock to the ports whose name matches `port`, or stops sending."""

    on: bool
    port: str


@dataclass(frozen=True, slots=True)
class NudgeClock(Message):
    """Sends the clock so many milliseconds later; earlier if negative."""

    milliseconds: float


@dataclass(frozen=True, slots=True)
class MidiPanic(Message):
    """Lets go of every held note and key, and sends all-notes-off to every output."""


MidiEventName = Literal[
    "port", "learning", "learned", "unarmed", "forgotten", "chord", "progression", "notes",
    "capturing", "problem", "clock", "pickup",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """Something that the hands did or found; its address is /msanii/midi/event/<name>."""

    name: MidiEventName
    arguments: tuple[Argument, ...]
