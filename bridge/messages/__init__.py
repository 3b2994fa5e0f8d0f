"""The one vocabulary: what front ends ask, what the queue holds, what comes back. All of it is frozen."""

from __future__ import annotations

from bridge.messages.base import (
    ERROR_CODES,
    Argument,
    BridgeError,
    Peer,
)
from bridge.messages.daemon import (
    Cancel,
    Hello,
    Help,
    ListPresets,
    LoadPreset,
    Notify,
    ReadParameter,
    ReadPreset,
    SavePreset,
    SetParameter,
    StarTake,
    Status,
    Sync,
    Version,
)
from bridge.messages.endless import (
    EndlessEvent,
    EndlessMessage,
)
from bridge.messages.jobs import (
    ChildRestarted,
    Done,
    Failed,
    Job,
    JobEvent,
    Progress,
    Queued,
    Reply,
    TakeReady,
)
from bridge.messages.midi import (
    MidiEvent,
    MidiMessage,
)
from bridge.messages.requests import (
    BeatNote,
    FileFormat,
    Render,
    RenderRequest,
    SourceAudio,
    Verb,
)
from bridge.messages.stage import (
    StageEvent,
    StageMessage,
)

Message = (
    Render
    | Hello
    | Notify
    | Status
    | Sync
    | Cancel
    | ReadParameter
    | SetParameter
    | SavePreset
    | LoadPreset
    | ReadPreset
    | ListPresets
    | StarTake
    | Version
    | Help
    | MidiMessage
    | StageMessage
    | EndlessMessage
)
Event = JobEvent | ChildRestarted | MidiEvent | StageEvent | EndlessEvent

__all__ = [
    "ERROR_CODES",
    "Argument",
    "BeatNote",
    "BridgeError",
    "Cancel",
    "ChildRestarted",
    "Done",
    "EndlessEvent",
    "EndlessMessage",
    "Event",
    "Failed",
    "FileFormat",
    "Hello",
    "Help",
    "Job",
    "JobEvent",
    "ListPresets",
    "LoadPreset",
    "Message",
    "MidiEvent",
    "MidiMessage",
    "Notify",
    "Peer",
    "Progress",
    "Queued",
    "ReadParameter",
    "ReadPreset",
    "Render",
    "RenderRequest",
    "Reply",
    "SavePreset",
    "SetParameter",
    "SourceAudio",
    "StageEvent",
    "StageMessage",
    "StarTake",
    "Status",
    "Sync",
    "TakeReady",
    "Verb",
    "Version",
]
