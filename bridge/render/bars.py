"""Requests for endless bars to the render process, sent again if that process dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bridge.messages import BridgeError
from bridge.messages.bars import BarDone, BarFailed, BarOrder, DropBars

ATTEMPTS = 3


@dataclass(slots=True)
class _Waiting:
    order: BarOrder
    finished: asyncio.Future[BarDone]
    attempts: int = 0


class BarRequests:
    """Keeps orders until they are done, and sends them again to a restarted worker.

    `send` sends the worker a message; it returns False if there is no worker.
    """

    def __init__(self, send: Callable[[object], bool]) -> None:
        self._send = send
        self._waiting: dict[tuple[str, int], _Waiting] = {}
        self._up = False

    async def render(self, order: BarOrder) -> BarDone:
        """Render a bar.

        Raises BridgeError with the worker's reason, or `render` if the worker died three times meanwhile.
        """
        waiting = _Waiting(order, asyncio.get_running_loop().create_future())
        self._waiting[(order.session, order.bar)] = waiting
        try:
            self._begin(waiting)
            return await waiting.finished
        finally:
            self._waiting.pop((order.session, order.bar), None)

    def drop(self, session: str) -> None:
        """Drop all orders of a session."""
        for key in [key for key in self._waiting if key[0] == session]:
            self._waiting.pop(key).finished.cancel()
        self._send(DropBars(session))

    def worker_up(self) -> None:
        """Send all unfinished orders to a worker that has just started."""
        self._up = True
        for waiting in list(self._waiting.values()):
            self._begin(waiting)

    def worker_lost(self) -> None:
        """Note that the worker has ended."""
        self._up = False

    def received(self, answer: BarDone | BarFailed) -> None:
        """Handle the worker's answer for a bar; ignore it if nobody waits for that bar any more."""
        waiting = self._waiting.get((answer.session, answer.bar))
        if waiting is None or waiting.finished.done():
            return
        if isinstance(answer, BarDone):
            waiting.finished.set_result(answer)
        else:
            waiting.finished.set_exception(BridgeError(answer.code, answer.message))

    def _begin(self, waiting: _Waiting) -> None:
        if not self._up or waiting.finished.done():
            return
        if waiting.attempts == ATTEMPTS:
            why = f"the render process ended {ATTEMPTS} times during bar {waiting.order.bar}"
            waiting.finished.set_exception(BridgeError("render", f"{why}; start the session again"))
        elif self._send(waiting.order):
            waiting.attempts += 1
