"""What the answer to a message names first, where it goes, and how it says a value."""

from __future__ import annotations

from bridge import messages as m
from bridge.addresses import endless as endless_addresses
from bridge.addresses import midi as midi_addresses
from bridge.addresses import stage as stage_addresses
from bridge.addresses.table import ROOT
from bridge.messages import Argument, Message, Peer
from bridge.messages.endless import EndlessMessage
from bridge.messages.midi import MidiMessage
from bridge.messages.stage import StageMessage


def subject_of(message: Message) -> str:
    """What a `/msanii/fail` about the message names first: its job id, or else its address."""
    if isinstance(message, MidiMessage):
        return midi_addresses.subject(message)
    if isinstance(message, StageMessage):
        return stage_addresses.subject(message)
    if isinstance(message, EndlessMessage):
        return endless_addresses.subject(message)
    match message:
        case m.Render(verb, job_id):
            return job_id or ROOT + verb
        case m.Cancel(job_id):
            return job_id
        case m.ReadParameter(name) | m.SetParameter(name):
            return f"{ROOT}param/{name}"
        case m.LoadPreset():
            return ROOT + "preset/load"
        case m.ReadPreset():
            return ROOT + "preset/read"
        case m.SavePreset():
            return ROOT + "preset/save"
        case m.ListPresets():
            return ROOT + "preset/list"
        case m.StarTake():
            return ROOT + "take/star"
        case _:
            return ROOT + type(message).__name__.lower()


def at_port(sender: Peer | None, port: int | None) -> Peer | None:
    """Where an answer goes: to the sender, at the port that the message names if it names one."""
    return sender if sender is None or port is None else Peer(sender.host, port)


def as_argument(value: object) -> Argument:
    """A parameter's value; OSC's nil where absence has a meaning.

    No argument at all would be a question: two daemons would ask each other for ever.
    """
    return value if isinstance(value, str | int | float) else None
