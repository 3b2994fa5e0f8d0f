"""Messages are handled in their order, and one that fails stops none of the others."""

from __future__ import annotations

import asyncio

import pytest

from bridge import messages as m
from bridge.messages import BridgeError, Peer
from bridge.system.inbox import Inbox, SideTasks
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


def test_what_waits_behind_a_slow_handler_can_be_called_off() -> None:
    handled: list[object] = []
    failures: list[tuple[str, str]] = []

    async def story() -> None:
        go_on = asyncio.Event()

        async def sync(message: m.Sync) -> None:
            await go_on.wait()
            handled.append(message.id)

        inbox = Inbox({m.Sync: sync}, lambda _, about, error: failures.append((about, error.code)), 9)
        working = asyncio.create_task(inbox.work())
        assert not inbox.is_held_up
        for number in range(4):
            inbox.put(m.Sync(number))
        await until(lambda: inbox.is_held_up)
        inbox.call_off(lambda message: isinstance(message, m.Sync) and message.id in (0, 1, 3))
        go_on.set()
        await until(lambda: len(handled) == 2 and not inbox.is_held_up)
        working.cancel()

    asyncio.run(story())
    assert handled == [0, 2]  # the first was being handled
    assert failures == [(m.Sync(0).about, "cancelled")] * 2


def test_side_tasks_keep_nobody_waiting_and_report_their_failures() -> None:
    handled: list[object] = []
    failures: list[tuple[Peer | None, str, BridgeError]] = []

    async def story() -> None:
        slow_may_go_on = asyncio.Event()

        async def sync(message: m.Sync) -> None:
            if message.id == "slow":
                await slow_may_go_on.wait()
            if message.id == "bad":
                raise BridgeError("busy", "no answer")
            handled.append(message.id)

        beside = SideTasks({m.Sync: sync}, lambda *failure: failures.append(failure), 3)
        beside.put(m.Sync("slow"))
        beside.put(m.Sync("bad", about="/msanii/sync", sender=ME))
        beside.put(m.Sync("quick"))
        with pytest.raises(BridgeError, match="more than 3 messages wait"):
            beside.put(m.Sync("one too many"))
        await until(lambda: handled == ["quick"] and bool(failures))
        slow_may_go_on.set()
        await until(lambda: len(handled) == 2)
        slow_may_go_on.clear()
        beside.put(m.Sync("slow"))
        await beside.stop()

    asyncio.run(story())
    assert handled == ["quick", "slow"]
    assert [(to, about, error.code) for to, about, error in failures] == [(ME, "/msanii/sync", "busy")]
