"""Every event of the daemon has its OSC messages."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from bridge import messages as m
from bridge.addresses.events import EVENT_ADDRESSES, as_osc
from bridge.addresses.table import BY_PATH, is_answer
from bridge.messages import Argument, Event
from bridge.messages import endless as e
from bridge.messages import scenes as sc
from bridge.messages import stage as s

EVENTS: list[tuple[Event, str, tuple[Argument, ...]]] = [
    (m.Queued("j", 7), "queued", ("j", 7)),
    (m.Hint("j", "no effect."), "hint", ("j", "no effect.")),
    (m.Progress("j", 0.5), "progress", ("j", 0.5)),
    (m.Progress("j", 1.2), "progress", ("j", 1.0)),
    (m.TakeReady("j", 0, Path("ä.wav"), 8, 120), "take", ("j", 0, "ä.wav", 8.0, 120.0)),
    (m.Done("j"), "done", ("j",)),
    (m.Failed("j", "disk", "the disk is full."), "fail", ("j", "disk", "the disk is full.")),
    (m.ChildRestarted("worker", "it died."), "child", ("worker", "it died.")),
    (
        m.Refused("j", "exists", "taken", m.Peer("127.0.0.1", 5000)),
        "refused",
        ("j", "exists", "taken", "127.0.0.1:5000"),
    ),
    (m.TakeStarred("one.wav", True), "take/starred", ("one.wav", 1)),
    (m.TakeNamed("one.wav", "Chorus"), "take/named", ("one.wav", "Chorus")),
    (m.BeatHeard(3, 2), "transport/event/beat", (3, 2)),
    (m.MidiEvent("chord", ("Am",)), "midi/event/chord", ("Am",)),
    (s.DeckChanged(2, "playing", "a.wav"), "deck", (2, "playing", "a.wav", -1.0)),
    (s.DeckChanged(2, "armed", "a.wav", 8.0), "deck", (2, "armed", "a.wav", 8.0)),
    (s.DeckHeard(2, "a.wav", 97, 8, 0), "deck/event/heard", (2, "a.wav", 97.0, 8.0, 0.0)),
    (s.PanicChanged(True), "panic/event", (1,)),
    (sc.SceneActive(3, "armed"), "scene", (3, "armed")),
    (
        sc.SceneChanged(3, "stopped", "Chorus", None, (sc.SceneDeck(1, "take", "a.wav", 97.3),)),
        "scene/event/changed",
        (3, "stopped", "Chorus", 0.0, 1, "take", "a.wav", 97.3),
    ),
    (e.EndlessStopped(2), "endless/event/stopped", (2,)),
    (s.DeckBehind(2, 9), "behind", (2, 9)),
    (s.DeckFailed(2, "source", "no such file"), "fail", ("/msanii/deck/2", "source", "no such file")),
    (s.StreamChanged("lost", "Scarlett", "unplugged"), "stream", ("lost", "Scarlett", "unplugged")),
    (s.StreamHurt(3, 1), "underruns", (3, 1)),
    (s.RecordingBegun(0, "/r.wav"), "recording", (0, "/r.wav")),
    (s.RecordingFailed(0, "full"), "fail", ("/msanii/record/master", "disk", "full")),
    (s.RecordingFailed(2, "full"), "fail", ("/msanii/deck/2/record", "disk", "full")),
    (s.Recorded(0, "/r.wav", 8), "recorded", (0, "/r.wav", 8.0)),
    (s.InputChanged("lost", "Box", "it has gone"), "input/event", ("lost", "Box", "it has gone")),
    (s.CaughtBars("/t/a.wav", 4, 120.0, "4/4", ""), "caught", ("/t/a.wav", 4, 120.0, "4/4", "")),
    (s.TransportChanged(True, 120.0, 4.0, 3.0), "transport", (1, 120.0, 4.0, 3.0)),
    (e.EndlessBar(1, 12, 3), "endless/event/bar", (1, 12, 3)),
    (e.TurnBegan(1, "player", 4), "answer/event/turn", (1, "player", 4)),
    (e.PhraseHeard(1, 7, "Am F"), "answer/event/heard", (1, 7, "Am F")),
    (e.EndlessTempo(1, 12, 96.0), "endless/event/tempo", (1, 12, 96.0)),
    (e.EndlessFailed(1, "model", "no model"), "fail", ("/msanii/endless/1", "model", "no model")),
    (e.LinkChanged(-1, 0.0, ""), "link/event", (-1, 0.0, "")),
]


@pytest.mark.parametrize(("event", "address", "arguments"), EVENTS)
def test_every_event_has_its_osc_form(event: Event, address: str, arguments: tuple[Argument, ...]) -> None:
    ((said, words),) = as_osc(event)
    assert (said, words) == (f"/msanii/{address}", arguments)
    assert [type(word) for word in words] == [type(argument) for argument in arguments]
    assert is_answer(said)


def test_no_event_is_left_out() -> None:
    assert {type(event) for event, *_ in EVENTS} == set(get_args(Event)) - {m.ValueChanged}


def test_a_value_is_told_where_it_is_set_so_that_it_is_no_answer() -> None:
    for path, value, position in (("deck/1/mute", 1, 1), ("param/bpm", 20.0, 0), ("param/end", "ring", 1)):
        messages = as_osc(m.ValueChanged(path, value))
        assert messages[:2] == [(f"/msanii/{path}", (value,)), (f"/msanii/fader/{path}", (position,))]
        short = [(f"/msanii/{path.replace('param/', 'param01/')}", (position,))] if "param/" in path else []
        assert messages[2:] == short
        assert all(address in BY_PATH for address, _ in messages)
    assert as_osc(m.ValueChanged("preset/load", "waltz")) == [("/msanii/preset/load", ("waltz",))]
    assert as_osc(m.ValueChanged("param/seconds", None)) == [("/msanii/param/seconds", (None,))]


def test_tail_and_notes_go_out_just_before_their_take() -> None:
    tail, take = as_osc(m.TakeReady("j", 0, Path("a.wav"), 8, 120, Path("a_tail.wav")))
    assert tail == ("/msanii/tail", ("j", 0, "a_tail.wav"))
    assert take == ("/msanii/take", ("j", 0, "a.wav", 8.0, 120.0))
    notes, same = as_osc(m.TakeReady("j", 0, Path("a.wav"), 8, 120, midi=Path("a.mid")))
    assert notes == ("/msanii/notes", ("j", 0, "a.mid"))
    assert same == take
    assert {tail[0], notes[0], take[0]} <= EVENT_ADDRESSES


def test_what_was_heard_goes_out_just_after_its_take() -> None:
    take, heard = as_osc(m.TakeReady("j", 1, Path("a.wav"), 8, 120, heard=m.HeardTake(1, None)))
    assert take[0] == "/msanii/take"
    assert heard == ("/msanii/take/heard", ("j", 1, 1.0, -1.0))
    assert [type(word) for word in heard[1]] == [str, int, float, float]
    assert heard[0] in EVENT_ADDRESSES
    assert is_answer(heard[0])
