"""Messages between the daemon and the MIDI child, all of them picklable."""

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
    """A knob, key or pad: its kind, channel 1 to 16, and number (0 for program change and pitch bend)."""

    kind: Kind
    channel: int
    number: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A control's new value, 0 to `LARGEST` of its kind.

    For a note it is the velocity, 0 for a release; for a program change the program, counted from 0.
    """

    control: ControlId
    value: int


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """Settings of a child process. `api` is RtMidi's name of a MIDI system; empty means the default."""

    api: str = ""
    port_name: str = "control"
    client_name: str = "msanii-bridge"
    poll_seconds: float = 1.0
    snapshot_name: str = ""


# --- from the daemon ---


@dataclass(frozen=True, slots=True)
class SendMidi:
    """Send bytes to every output whose name matches `port`, a pattern with * and ?."""

    port: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SendClock:
    """Send clock to the outputs that match, `nudge_seconds` late (early if negative), or stop sending it."""

    on: bool
    port: str
    nudge_seconds: float
    snapshot_name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Close all ports and exit."""


# --- from the child ---


@dataclass(frozen=True, slots=True)
class Ports:
    """The open ports. `virtual_port` is our own, empty if there is none.

    `problem` says why there are no ports at all, and what to do; empty if there is a MIDI system.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    virtual_port: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """Control movements of one port, in order."""

    port: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class ClockHeard:
    """A clock event of one port. At `at_monotonic_seconds` the song was at `beat`, in quarter notes."""

    port: str
    state: ClockState
    beat: float
    bpm: float
    at_monotonic_seconds: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem, as a sentence for the user."""

    message: str


@dataclass(frozen=True, slots=True)
class Alive:
    """A heartbeat, sent after each scan of the ports; if it stops, the child hangs in its driver."""


ToChild = SendMidi | SendClock | Stop
FromChild = Ports | Played | ClockHeard | Trouble | Alive
