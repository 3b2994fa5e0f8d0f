"""Work in a thread that may be abandoned: its result, its error, its time, and a waiter that goes away."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading

import pytest

from bridge.messages import BridgeError
from bridge.system.abandonable_thread import run_abandonable


def _refuse() -> int:
    raise BridgeError("value", "it is refused")


def test_the_result_or_the_error_comes_back() -> None:
    assert asyncio.run(run_abandonable(lambda: 5, 10)) == 5
    with pytest.raises(BridgeError, match="it is refused"):
        asyncio.run(run_abandonable(_refuse, 10))


def test_work_that_takes_too_long_is_abandoned() -> None:
    release = threading.Event()
    assert asyncio.run(run_abandonable(lambda: release.wait(10), 0.05)) is None
    release.set()


def test_an_error_that_nobody_waits_for_any_more_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    begun, release = threading.Event(), threading.Event()

    def fail_late() -> int:
        begun.set()
        release.wait(10)
        return _refuse()

    async def leave() -> None:
        waiting = asyncio.create_task(run_abandonable(fail_late, 10))
        await asyncio.to_thread(begun.wait, 10)
        # In one turn of the loop both come: the cancellation and the error.
        waiting.cancel()
        release.set()
        for thread in threading.enumerate():
            if thread.name == "side thread":
                thread.join(10)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(leave())
        gc.collect()
    assert not caplog.records
