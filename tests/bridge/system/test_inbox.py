"""Messages are handled in their order, and one that fails stops none of the others."""

from __future__ import annotations

import asyncio

import pytest

from bridge import messages as m
from bridge.messages import BridgeError, Peer
from bridge.system.inbox import Inbox
from tests.bridge.waiting import until

ME = Peer("127.0.0.1", 9)


def test_messages_are_handled_in_their_order_and_failures_go_to_their_senders() -> None:
    handled: list[object] = []
    failures: list[tuple[Peer | None, str, BridgeError]] = []

    async def sync(message: m.Sync) -> None:
        await asyncio.sleep(0.01 if message.id == 1 else 0)
        handled.append(message.id)

    def star(_message: m.StarTake) -> None:
        raise BridgeError("source", "no such take")

    def cancel(_message: m.Cancel) -> None:
        raise KeyError("a bug")

    async def story() -> None:
        inbox = Inbox(
            {m.Sync: sync, m.StarTake: star, m.Cancel: cancel}, lambda *failure: failures.append(failure), 9
        )
        working = asyncio.create_task(inbox.work())
        inbox.put(m.Sync(1, sender=ME))
        inbox.put(m.StarTake("a.wav", True, about="/msanii/take/star", sender=ME))
        inbox.put(m.Cancel("j1", about="j1"))
        inbox.put(m.Sync(2, sender=ME))
        await until(lambda: len(handled) == 2)
        working.cancel()

    asyncio.run(story())
    assert handled == [1, 2]
    assert [(to, about, error.code) for to, about, error in failures] == [
        (ME, "/msanii/take/star", "source"),
        (None, "j1", "internal"),
    ]
    assert "KeyError" in failures[1][2].message


def test_a_full_inbox_says_busy_and_its_limit() -> None:
    async def story() -> None:
        inbox = Inbox({}, lambda *_: None, 2)
        inbox.put(m.Sync(1))
        inbox.put(m.Sync(2))
        with pytest.raises(BridgeError, match="more than 2 messages wait") as raised:
            inbox.put(m.Sync(3))
        assert raised.value.code == "busy"

    asyncio.run(story())


def test_messages_of_a_kind_that_still_wait_can_be_dropped_and_the_others_keep_their_order() -> None:
    failures: list[tuple[Peer | None, str, BridgeError]] = []
    handled: list[object] = []

    async def story() -> None:
        inbox = Inbox(
            {m.Sync: lambda message: handled.append(message.id), m.Cancel: handled.append},
            lambda *failure: failures.append(failure),
            9,
        )
        inbox.put(m.Sync(1, sender=ME))
        inbox.put(m.Cancel("j1", about="j1", sender=ME))
        inbox.put(m.Sync(2, sender=ME))
        inbox.drop((m.Cancel,), BridgeError("cancelled", "panic came first"))
        working = asyncio.create_task(inbox.work())
        await until(lambda: len(handled) == 2)
        working.cancel()

    asyncio.run(story())
    assert handled == [1, 2]
    assert [(to, about, error.code) for to, about, error in failures] == [(ME, "j1", "cancelled")]
