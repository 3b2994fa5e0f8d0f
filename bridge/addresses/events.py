"""The OSC addresses and arguments of the daemon's events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from bridge import messages as m
from bridge.addresses import ROOT
from bridge.addresses.faders import fader_paths, position_of
from bridge.messages import Argument, Event, MidiEvent
from bridge.messages import endless as e
from bridge.messages import scenes as sc
from bridge.messages import stage as s
from bridge.messages.midi import MidiEventName

Arguments = tuple[Argument, ...]
OscMessage = tuple[str, Arguments]
_E = TypeVar("_E")

# Sent for what is not known of a take that was heard.
UNKNOWN = -1.0
# Sent for a tempo that a scene, or a take of it, does not give.
NO_TEMPO = 0.0
# Sent where a deck has no such beat: it does not play, or waits for no line.
NO_BEAT = -1.0


@dataclass(frozen=True, slots=True)
class _Row:
    kind: type
    address: str
    arguments: Callable[[Any], Arguments]


def _row(kind: type[_E], address: str, arguments: Callable[[_E], Arguments]) -> _Row:
    return _Row(kind, ROOT + address, arguments)


def _deck_failed(event: s.DeckFailed) -> Arguments:
    return f"{ROOT}deck/{event.deck}", event.code, event.message


def scene_words(scene: sc.SceneChanged) -> Arguments:
    """Return number, activity, name and tempo of a scene, then deck, action, take and tempo of each deck."""
    decks = [word for one in scene.decks for word in (one.deck, one.action, one.take, one.bpm or NO_TEMPO)]
    return scene.scene, scene.activity, scene.name, scene.bpm or NO_TEMPO, *decks


def _recording_failed(event: s.RecordingFailed) -> Arguments:
    address = f"deck/{event.deck}/record" if event.deck else "record/master"
    return ROOT + address, "disk", event.message


def _endless_failed(event: e.EndlessFailed) -> Arguments:
    return f"{ROOT}endless/{event.deck}", event.code, event.message


_ROWS: Mapping[type, _Row] = {
    row.kind: row
    for row in (
        _row(m.Queued, "queued", lambda job: (job.job_id, job.seed)),
        _row(m.Hint, "hint", lambda job: (job.job_id, job.message)),
        _row(m.Progress, "progress", lambda job: (job.job_id, float(min(1.0, max(0.0, job.fraction))))),
        _row(m.TakeReady, "take", lambda take: (
            take.job_id, take.index, str(take.path), float(take.seconds), float(take.bpm))),
        _row(m.Done, "done", lambda job: (job.job_id,)),
        _row(m.Failed, "fail", lambda job: (job.job_id, job.code, job.message)),
        _row(m.ChildRestarted, "child", lambda restart: (restart.child, restart.reason)),
        _row(m.Refused, "refused", lambda what: (
            what.about, what.code, what.message, f"{what.sender.host}:{what.sender.port}")),
        _row(m.TakeStarred, "take/starred", lambda take: (take.name, int(take.on))),
        _row(m.TakeNamed, "take/named", lambda take: (take.name, take.label)),
        _row(m.BeatHeard, "transport/event/beat", lambda now: (now.bar, now.beat)),
        _row(s.DeckChanged, "deck", lambda deck: (
            deck.deck, deck.activity, deck.take, NO_BEAT if deck.line is None else float(deck.line))),
        _row(s.DeckHeard, "deck/event/heard", lambda deck: (
            deck.deck, deck.take, float(deck.bpm), float(deck.beats), float(deck.first_beat_seconds))),
        _row(s.DeckBehind, "behind", lambda deck: (deck.deck, deck.bar)),
        _row(s.DeckFailed, "fail", _deck_failed),
        _row(s.StreamChanged, "stream", lambda stream: (stream.state, stream.device, stream.reason)),
        _row(s.StreamHurt, "underruns", lambda stream: (stream.starved, stream.underruns)),
        _row(s.RecordingBegun, "recording", lambda file: (file.deck, file.path)),
        _row(s.RecordingFailed, "fail", _recording_failed),
        _row(s.Recorded, "recorded", lambda file: (file.deck, file.path, float(file.seconds))),
        _row(s.InputChanged, "input/event", lambda heard: (heard.state, heard.device, heard.reason)),
        _row(s.CaughtBars, "caught", lambda file: (
            file.path, file.bars, float(file.bpm), file.meter, file.note)),
        _row(s.TransportChanged, "transport", lambda now: (
            int(now.playing), now.bpm, now.beat, now.bar_beats)),
        _row(s.PanicChanged, "panic/event", lambda panic: (int(panic.on),)),
        _row(sc.SceneActive, "scene", lambda scene: (scene.scene, scene.activity)),
        _row(sc.SceneChanged, "scene/event/changed", scene_words),
        _row(e.EndlessBar, "endless/event/bar", lambda deck: (deck.deck, deck.bar, deck.margin)),
        _row(e.EndlessTempo, "endless/event/tempo", lambda deck: (deck.deck, deck.bar, deck.bpm)),
        _row(e.EndlessFailed, "fail", _endless_failed),
        _row(e.EndlessStopped, "endless/event/stopped", lambda deck: (deck.deck,)),
        _row(e.TurnBegan, "answer/event/turn", lambda turn: (turn.deck, turn.turn, turn.bar)),
        _row(e.PhraseHeard, "answer/event/heard", lambda heard: (heard.deck, heard.notes, heard.chords)),
        _row(e.LinkChanged, "link/event", lambda link: (link.peers, link.bpm, link.problem)),
    )
}  # fmt: skip
_MIDI = ROOT + "midi/event/"
_TAIL, _NOTES, _HEARD = ROOT + "tail", ROOT + "notes", ROOT + "take/heard"

EVENT_ADDRESSES = frozenset(
    (
        _TAIL,
        _NOTES,
        _HEARD,
        *(row.address for row in _ROWS.values()),
        *(_MIDI + name for name in get_args(MidiEventName)),
    )
)


def value_messages(path: str, value: Argument) -> list[OscMessage]:
    """Return the messages that tell a value: at its own path and, if it has one, at its fader's."""
    position = position_of(path, value)
    faders = () if position is None else fader_paths(path)
    return [(ROOT + path, (value,)), *((ROOT + fader, (position,)) for fader in faders)]


def as_osc(event: Event) -> list[OscMessage]:
    """Return the OSC messages of an event, in the order in which to send them."""
    if isinstance(event, MidiEvent):
        return [(_MIDI + event.name, event.arguments)]
    if isinstance(event, m.ValueChanged):
        return value_messages(event.path, event.value)
    row = _ROWS[type(event)]
    messages = [(row.address, row.arguments(event))]
    if isinstance(event, m.TakeReady):
        # Its other files go first, so that a client knows them by the time it hears of the take.
        others = ((_TAIL, event.tail), (_NOTES, event.midi))
        told: list[OscMessage] = [
            (address, (event.job_id, event.index, str(path))) for address, path in others if path is not None
        ]
        messages = told + messages
        if event.heard is not None:
            numbers = (event.heard.chords, event.heard.onsets)
            shares = (UNKNOWN if share is None else float(share) for share in numbers)
            messages.append((_HEARD, (event.job_id, event.index, *shares)))
    return messages
