"""What front ends ask of the hands (MIDI), and what comes back. All of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages.base import Argument, Peer

CaptureMode = Literal["chords", "notes", "off"]
Timing = Literal["free", "bar"]


@dataclass(frozen=True, slots=True)
class ListMidiPorts:
    """Asks for the MIDI ports there are, the map of each, and the state of the child that holds them."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ListControls:
    """Asks which knob, pad or key does what, on every connected port."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ListMaps:
    """Asks for the names of all maps."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class UseMap:
    """Uses a map for the ports whose name matches `port`, a pattern with * and ?, for this session."""

    name: str
    port: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReloadMaps:
    """Reads the maps again, as after an edit."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Learn:
    """Arms a parameter's name, or an address with its arguments, for the next control that moves."""

    name: str
    arguments: tuple[str | int | float, ...]
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class CancelLearn:
    """Disarms."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Forget:
    """Takes what was learned for a parameter or address out of the user's map; `all` empties it."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Capture:
    """Begins to collect chords or notes from the keys, or ends it; what was collected stays."""

    mode: CaptureMode
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class CaptureTiming:
    """`free`: each chord lasts a bar. `bar`: each lasts as it was held, in whole beats."""

    timing: Timing
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class EditCapture:
    """Takes back the last chord or note, or `clear`s all."""

    how: Literal["undo", "clear"]
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ClockIn:
    """Follows MIDI clock, or stops following."""

    on: bool
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ClockOut:
    """Sends MIDI clock to the ports whose name matches `port`, or stops sending."""

    on: bool
    port: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class NudgeClock:
    """Sends the clock so many milliseconds later; earlier if negative."""

    milliseconds: float
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class MidiPanic:
    """Lets go of every held note and key, and sends all-notes-off to every output."""

    sender: Peer | None


MidiMessage = (
    ListMidiPorts | ListControls | ListMaps | UseMap | ReloadMaps | Learn | CancelLearn | Forget
    | Capture | CaptureTiming | EditCapture | ClockIn | ClockOut | NudgeClock | MidiPanic
)  # fmt: skip

MidiEventName = Literal[
    "port", "learning", "learned", "unarmed", "forgotten", "chord", "progression", "notes",
    "capturing", "problem", "clock", "pickup",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """Something that the hands did or found; its address is /msanii/midi/event/<name>."""

    name: MidiEventName
    arguments: tuple[Argument, ...]
