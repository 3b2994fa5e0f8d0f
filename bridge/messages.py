"""The one vocabulary: what front ends ask, what the queue holds, what comes back. All of it is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.endless_messages import EndlessEvent, EndlessMessage
from bridge.midi_messages import MidiEvent, MidiMessage
from bridge.render_request import BeatNote as BeatNote
from bridge.render_request import Edition as Edition
from bridge.render_request import End as End
from bridge.render_request import FileFormat as FileFormat
from bridge.render_request import GuidanceRule as GuidanceRule
from bridge.render_request import Phase as Phase
from bridge.render_request import RenderRequest as RenderRequest
from bridge.render_request import RepaintPlan as RepaintPlan
from bridge.render_request import Scheduler as Scheduler
from bridge.render_request import Side as Side
from bridge.render_request import SourceAudio as SourceAudio
from bridge.render_request import Verb as Verb
from bridge.stage_messages import StageEvent, StageMessage

Argument = str | int | float | bool | bytes | None

ERROR_CODES = (
    "address", "type", "value", "missing", "preset", "chords", "source", "forbidden", "busy", "exists",
    "unknown_job", "cancelled", "model", "render", "output", "disk", "folder", "malformed", "internal",
)  # fmt: skip


class BridgeError(Exception):
    """A failure that the musician is told about: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        # Both stay in `args`, so that the error survives a pickle between processes.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a message came from, and where its answers go: a host's address and a UDP port."""

    host: str
    port: int


# --- messages: what a front end asks ---


@dataclass(frozen=True, slots=True)
class Render:
    """Asks for takes. `values` holds only what was said; presets and defaults fill the rest."""

    verb: Verb
    job_id: str | None
    values: Mapping[str, object]
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Hello:
    """Asks who is there. Answered by `/msanii/welcome nonce version takes_folder exchange_folder`."""

    nonce: str
    reply_port: int | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Notify:
    """Subscribes (`on`) to every job's events for one lease, or ends the subscription."""

    on: bool
    reply_port: int | None
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Status:
    """Asks how the daemon and its worker are."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Sync:
    """Asks for `/msanii/synced id` once everything sent earlier is parsed and queued."""

    id: str | int | float
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stops one job, or with `all` every job that waits or renders."""

    job_id: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadParameter:
    """Asks for the session's value of one parameter."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SetParameter:
    """Sets one sticky parameter of the session to a checked value."""

    name: str
    value: object
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class SavePreset:
    """Saves `values` over the session's own as a user preset; `replace` allows an existing name."""

    name: str
    replace: bool
    values: Mapping[str, object]
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class LoadPreset:
    """Makes a preset the session's own for the renders that follow."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ReadPreset:
    """Asks for every value that a request naming this preset alone would have."""

    name: str
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class ListPresets:
    """Asks for the names of all presets."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class StarTake:
    """Marks a take as one to keep, or takes the mark away."""

    path_or_name: str
    on: bool
    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Version:
    """Asks for the version of the daemon."""

    sender: Peer | None


@dataclass(frozen=True, slots=True)
class Help:
    """Asks for the list of addresses."""

    sender: Peer | None


Message = (
    Render | Hello | Notify | Status | Sync | Cancel | ReadParameter | SetParameter
    | SavePreset | LoadPreset | ReadPreset | ListPresets | StarTake | Version | Help
    | MidiMessage | StageMessage | EndlessMessage
)  # fmt: skip

# --- what the queue holds ---


@dataclass(frozen=True, slots=True)
class Job:
    """One queued request; `attempts` counts how often a render of it began and broke off."""

    job_id: str
    request: RenderRequest
    sender: Peer | None
    attempts: int = 0


# --- events: what comes back ---


@dataclass(frozen=True, slots=True)
class Queued:
    """The job is in the journal and will survive a crash; `seed` is that of its first variation."""

    job_id: str
    seed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come, 0 to 1."""

    job_id: str
    fraction: float


@dataclass(frozen=True, slots=True)
class TakeReady:
    """One finished file of a job, and a loop's tail beside it; neither will be touched again."""

    job_id: str
    index: int
    path: Path
    seconds: float
    bpm: float
    tail: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Every take of the job is ready."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without all of its takes; `code` is one of `ERROR_CODES`."""

    job_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ChildRestarted:
    """The supervisor replaced a child process that had died or hung."""

    child: str
    reason: str


JobEvent = Queued | Progress | TakeReady | Done | Failed
Event = JobEvent | ChildRestarted | MidiEvent | StageEvent | EndlessEvent


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to whoever asked: an OSC address, its arguments, and where to send it."""

    address: str
    arguments: tuple[Argument, ...]
    to: Peer
