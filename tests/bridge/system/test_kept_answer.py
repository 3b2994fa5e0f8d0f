"""An answer is found once for all who ask, kept for a moment, and its error is everybody's."""

from __future__ import annotations

import asyncio

import pytest

from bridge.messages import BridgeError
from bridge.system.kept_answer import KeptAnswer


def test_one_search_serves_all_who_ask_meanwhile_and_for_a_moment_after() -> None:
    searches = 0
    now = 0.0

    async def find() -> int:
        nonlocal searches
        searches += 1
        await asyncio.sleep(0)
        return searches

    async def story() -> None:
        nonlocal now
        kept = KeptAnswer(find, 2.0, clock=lambda: now)
        assert await asyncio.gather(*(kept.get() for _ in range(100))) == [1] * 100
        now = 1.9
        assert await kept.get() == 1
        now = 2.0
        assert await asyncio.gather(*(kept.get() for _ in range(2))) == [2, 2]

    asyncio.run(story())
    assert searches == 2


def test_an_error_is_told_to_all_and_is_not_for_ever() -> None:
    now = 0.0
    answers: list[BridgeError | str] = [BridgeError("busy", "hangs"), "found"]

    async def find() -> str:
        answer = answers.pop(0)
        if isinstance(answer, BridgeError):
            raise answer
        return answer

    async def story() -> None:
        nonlocal now
        kept = KeptAnswer(find, 2.0, clock=lambda: now)
        told = await asyncio.gather(kept.get(), kept.get(), return_exceptions=True)
        assert [str(error) for error in told] == ["hangs", "hangs"]
        with pytest.raises(BridgeError):
            await kept.get()
        now = 2.0
        assert await kept.get() == "found"

    asyncio.run(story())


def test_one_who_stops_waiting_takes_the_answer_from_nobody() -> None:
    async def story() -> None:
        go_on = asyncio.Event()

        async def find() -> str:
            await go_on.wait()
            return "found"

        kept = KeptAnswer(find, 2.0)
        first, second = (asyncio.create_task(kept.get()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        go_on.set()
        assert await second == "found"

    asyncio.run(story())
