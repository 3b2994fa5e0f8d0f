"""The bridge's messages: requests from front ends, queued jobs, and events. All are immutable."""

from __future__ import annotations

from bridge.messages.base import (
    ERROR_CODES,
    Argument,
    BridgeError,
    Message,
    Peer,
)
from bridge.messages.daemon import (
    Cancel,
    Hello,
    Help,
    Listen,
    ListParameters,
    ListPresets,
    ListStyles,
    LoadPreset,
    NameTake,
    Notify,
    ReadChords,
    ReadParameter,
    ReadPreset,
    ResetParameter,
    RevealTake,
    SavePreset,
    SetParameter,
    StarTake,
    Status,
    Sync,
    Version,
)
from bridge.messages.endless import (
    EndlessEvent,
)
from bridge.messages.feedback import (
    BeatHeard,
    FeedbackEvent,
    Refused,
    TakeNamed,
    TakeStarred,
    ValueChanged,
)
from bridge.messages.heard import (
    HeardAudio,
)
from bridge.messages.jobs import (
    ChildRestarted,
    Done,
    Failed,
    HeardTake,
    Hint,
    Job,
    JobEvent,
    Progress,
    Queued,
    TakeReady,
)
from bridge.messages.midi import (
    MidiEvent,
)
from bridge.messages.requests import (
    BeatNote,
    Edit,
    PartialRequest,
    Render,
    RenderRequest,
    SourceAudio,
    Verb,
    partial_request,
)
from bridge.messages.scenes import (
    SceneEvent,
)
from bridge.messages.stage import (
    StageEvent,
)
from msanii.choices import FileFormat

Event = JobEvent | ChildRestarted | MidiEvent | StageEvent | SceneEvent | EndlessEvent | FeedbackEvent

__all__ = [
    "ERROR_CODES",
    "Argument",
    "BeatHeard",
    "BeatNote",
    "BridgeError",
    "Cancel",
    "ChildRestarted",
    "Done",
    "Edit",
    "EndlessEvent",
    "Event",
    "Failed",
    "FeedbackEvent",
    "FileFormat",
    "HeardAudio",
    "HeardTake",
    "Hello",
    "Help",
    "Hint",
    "Job",
    "JobEvent",
    "ListParameters",
    "ListPresets",
    "ListStyles",
    "Listen",
    "LoadPreset",
    "Message",
    "MidiEvent",
    "NameTake",
    "Notify",
    "PartialRequest",
    "Peer",
    "Progress",
    "Queued",
    "ReadChords",
    "ReadParameter",
    "ReadPreset",
    "Refused",
    "Render",
    "RenderRequest",
    "ResetParameter",
    "RevealTake",
    "SavePreset",
    "SceneEvent",
    "SetParameter",
    "SourceAudio",
    "StageEvent",
    "StarTake",
    "Status",
    "Sync",
    "TakeNamed",
    "TakeReady",
    "TakeStarred",
    "ValueChanged",
    "Verb",
    "Version",
    "partial_request",
]
