"""Runs work that may never end, such as reading from a lost network drive, in a thread that can be abandoned.

The default executor is unsuitable: asyncio and Python wait for its threads on exit.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def run_abandonable(work: Callable[[], T], seconds: float) -> T | None:
    """Run `work` in a thread, and return or raise its result; after `seconds` abandon it and return None."""
    loop = asyncio.get_running_loop()
    # asyncio's own futures log an error that nobody fetches, as when whoever waits here is cancelled.
    result: Future[T] = Future()
    ended = asyncio.Event()

    def run() -> None:
        try:
            result.set_result(work())
        except Exception as error:
            result.set_exception(error)
        # Once the loop is closed, nobody waits for the result.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=run, name="side thread", daemon=True).start()
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return None
    return result.result()
