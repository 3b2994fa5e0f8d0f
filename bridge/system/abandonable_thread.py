"""Runs work that may never end, such as reading from a lost network drive, in a thread that can be abandoned.

The default executor is unsuitable: asyncio and Python wait for its threads on exit.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def run_abandonable(work: Callable[[], T], seconds: float) -> T | None:
    """Run `work` in a thread, and return or raise its result; after `seconds` abandon it and return None."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, caught = None, None
        try:
            result = work()
        except Exception as error:
            caught = error
        # Once the loop is closed, nobody waits for the result.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, caught)

    threading.Thread(target=run, name="side thread", daemon=True).start()
    await asyncio.wait((ended,), timeout=seconds)
    if not ended.done():
        ended.cancel()
        return None
    return ended.result()
