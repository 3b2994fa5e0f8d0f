"""What the daemon and the MIDI child say to each other. All of it survives a pickle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["note", "cc", "cc14", "nrpn", "program", "bend"]
ClockState = Literal["start", "stop", "continue", "locate", "tempo", "lost"]

LARGEST: dict[str, int] = {
    "note": 127, "cc": 127, "cc14": 16_383, "nrpn": 16_383, "program": 127, "bend": 16_383,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ControlId:
    """One knob, key or pad: its kind, channel 1 to 16, and number (0 for program change and bend)."""

    kind: Kind
    channel: int
    number: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A control's new value: 0 to `LARGEST` of its kind; for a note its velocity, 0 when let go.

    For a program change the value is the program, from 0 on.
    """

    control: ControlId
    value: int


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """What a child is started with. `api` is RtMidi's name of a MIDI system; empty takes the usual one."""

    api: str = ""
    port_name: str = "control"
    client_name: str = "msanii-bridge"
    poll_seconds: float = 1.0
    snapshot_name: str = ""


# --- from the daemon ---


@dataclass(frozen=True, slots=True)
class SendMidi:
    """Bytes for every output whose name matches `port`, a pattern with * and ?."""

    port: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SendClock:
    """Sends clock to the outputs that match, or to none; so many seconds later, earlier if negative."""

    on: bool
    port: str
    nudge_seconds: float
    snapshot_name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Closes every port and ends."""


# --- from the child ---


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that are open now. `virtual_port` is our own, empty where the system has none."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    virtual_port: str


@dataclass(frozen=True, slots=True)
class Played:
    """What moved on one port, in order."""

    port: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class ClockHeard:
    """MIDI clock on one port. At `at_monotonic_seconds` the song was at `beat`, in quarter notes."""

    port: str
    state: ClockState
    beat: float
    bpm: float
    at_monotonic_seconds: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the child cannot do, in words."""

    message: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Said after each look at the ports; a child that says it no more hangs in its driver."""


ToChild = SendMidi | SendClock | Stop
FromChild = Ports | Played | ClockHeard | Trouble | Alive
