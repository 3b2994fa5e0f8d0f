"""Messages that wait for their turn, and the handlers that take them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.messages import BridgeError, Message, Peer

_log = logging.getLogger(__name__)

Handler = Callable[[Any], Awaitable[object] | None]
Handlers = Mapping[type[Message], Handler]
"""What each type of message does; a handler raises BridgeError for what cannot be done."""


async def handle(message: Message, handlers: Handlers) -> None:
    """Do what a message asks. Raises the handler's BridgeError."""
    waits = handlers[type(message)](message)
    if waits is not None:
        await waits


class Inbox:
    """Handles messages one at a time, strictly in the order in which they came.

    `fail` hears of what could not be done. At most `limit` messages wait.
    """

    def __init__(
        self, handlers: Handlers, fail: Callable[[Peer | None, str, BridgeError], None], limit: int
    ) -> None:
        self.handlers = handlers
        self._fail = fail
        self._limit = limit
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(limit)

    def put(self, message: Message) -> None:
        """Have a message handled in its turn. Raises BridgeError `busy` when too many wait."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            why = f"more than {self._limit} messages wait; send them more slowly"
            raise BridgeError("busy", why) from None

    async def work(self) -> None:
        """Handle messages for ever; a message that fails does not stop those after it."""
        while True:
            message = await self._waiting.get()
            try:
                await handle(message, self.handlers)
            except BridgeError as error:
                self._fail(message.sender, message.about, error)
            except Exception as error:
                _log.exception("a message could not be handled: %r", message)
                self._fail(message.sender, message.about, internal_error(error))
            # The socket is read between two messages, however many wait.
            await asyncio.sleep(0)


def internal_error(error: Exception) -> BridgeError:
    """The error that a client gets for a bug in the daemon."""
    why = f"a fault in the daemon ({type(error).__name__}); its log has the details"
    return BridgeError("internal", why)
