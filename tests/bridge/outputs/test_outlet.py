"""Answers go to the sender, events to all who listen."""

from __future__ import annotations

from typing import Any

from bridge.addresses.table import parse
from bridge.messages import BridgeError, Done, Event, Failed, Peer, ReadParameter, Refused, ValueChanged
from bridge.outputs.outlet import Outlet

ME = Peer("127.0.0.1", 9)
ERROR = BridgeError("value", "too loud")


def sent_and_heard() -> tuple[Outlet, list[tuple[Any, ...]], list[Event]]:
    sent: list[tuple[Any, ...]] = []
    heard: list[Event] = []
    outlet = Outlet(lambda peer, address, arguments: sent.append((peer, address, tuple(arguments))))
    outlet.subscribe(heard.append)
    return outlet, sent, heard


def test_an_answer_goes_to_its_sender_and_to_nobody_else() -> None:
    outlet, sent, heard = sent_and_heard()
    outlet.reply(ME, "synced", 7)
    outlet.reply(None, "synced", 8)
    assert (sent, heard) == ([(ME, "/msanii/synced", (7,))], [])


def test_a_failure_goes_to_its_sender_or_else_to_all_who_listen() -> None:
    outlet, sent, heard = sent_and_heard()
    outlet.fail(ME, "j1", ERROR)
    outlet.fail(None, "/msanii/generate", ERROR)
    assert sent == [(ME, "/msanii/fail", ("j1", "value", "too loud"))]
    assert heard == [
        Refused("j1", "value", "too loud", ME),
        Failed("/msanii/generate", "value", "too loud"),
    ]


def test_a_value_is_answered_to_who_set_it_and_told_to_all_others_if_it_is_new() -> None:
    outlet, sent, heard = sent_and_heard()
    outlet.value_set(ME, "deck/1/gain", -6.0, is_new=True)
    outlet.value_set(ME, "deck/1/gain", -6.0, is_new=False)
    outlet.value_set(None, "deck/1/gain", -7.0, is_new=True)
    assert sent == [(ME, "/msanii/deck/1/gain.reply", (-6.0,))] * 2
    assert heard == [ValueChanged("deck/1/gain", -6.0, ME), ValueChanged("deck/1/gain", -7.0)]


def test_a_value_is_read_at_its_address_or_at_its_fader() -> None:
    outlet, sent, _ = sent_and_heard()
    for address in ("deck/1/pan", "fader/deck/1/pan"):
        asked = parse(f"/msanii/{address}", (), ME)
        assert asked is not None
        outlet.value_read(asked, "deck/1/pan", 0.5)
    outlet.value_read(ReadParameter("chords", sender=ME), "param/chords", "Am F")
    assert sent == [
        (ME, "/msanii/deck/1/pan", (0.5,)),
        (ME, "/msanii/fader/deck/1/pan", (0.75,)),
        (ME, "/msanii/param/chords", ("Am F",)),
    ]


def test_listeners_hear_events_in_the_order_in_which_they_subscribed() -> None:
    outlet, _, heard = sent_and_heard()
    order: list[str] = []
    outlet.subscribe(lambda _: order.append("second"))
    outlet.subscribe(lambda _: order.append("third"))
    outlet.deliver(Done("j"))
    assert (heard, order) == ([Done("j")], ["second", "third"])
