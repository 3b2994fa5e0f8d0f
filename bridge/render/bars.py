"""Bars of endless sessions on their way to the render process and back, whatever becomes of that process."""

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
    """Keeps what was ordered until it is done: a worker that takes a dead one's place gets it again.

    `send` hands a message to the worker; False when there is none.
    """

    def __init__(self, send: Callable[[object], bool]) -> None:
        self._send = send
        self._waiting: dict[tuple[str, int], _Waiting] = {}
        self._up = False

    async def render(self, order: BarOrder) -> BarDone:
        """Has a bar made.

        Raises BridgeError with the worker's reason, or `render` when the worker died of it three times.
        """
        waiting = _Waiting(order, asyncio.get_running_loop().create_future())
        self._waiting[(order.session, order.bar)] = waiting
        try:
            self._begin(waiting)
            return await waiting.finished
        finally:
            self._waiting.pop((order.session, order.bar), None)

    def drop(self, session: str) -> None:
        """Forgets what a session ordered."""
        for key in [key for key in self._waiting if key[0] == session]:
            self._waiting.pop(key).finished.cancel()
        self._send(DropBars(session))

    def worker_up(self) -> None:
        """A worker takes orders: it gets all that is not done."""
        self._up = True
        for waiting in list(self._waiting.values()):
            self._begin(waiting)

    def worker_lost(self) -> None:
        """The worker has ended."""
        self._up = False

    def received(self, answer: BarDone | BarFailed) -> None:
        """Takes in what the worker says of a bar; of one that nobody waits for any more, nothing."""
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
