"""A queue of messages, and their dispatch to handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.messages import BridgeError, Message, Peer

_log = logging.getLogger(__name__)

Handler = Callable[[Any], Awaitable[object] | None]
Handlers = Mapping[type[Message], Handler]
"""The handler of each message type. Handlers raise BridgeError for requests that cannot be met."""


async def handle(message: Message, handlers: Handlers) -> None:
    """Call a message's handler, and await it if it is asynchronous. Raises the handler's BridgeError."""
    waits = handlers[type(message)](message)
    if waits is not None:
        await waits


class Inbox:
    """Handles messages one at a time, strictly in order of arrival.

    `fail` is called with sender, `about` and error of each message that fails. At most `limit` messages wait.
    """

    def __init__(
        self, handlers: Handlers, fail: Callable[[Peer | None, str, BridgeError], None], limit: int
    ) -> None:
        self.handlers = handlers
        self._fail = fail
        self._limit = limit
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(limit)

    def put(self, message: Message) -> None:
        """Queue a message. Raises BridgeError `busy` if too many wait."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            why = f"more than {self._limit} messages wait; send them more slowly"
            raise BridgeError("busy", why) from None

    def drop(self, kinds: tuple[type[Message], ...], why: BridgeError) -> None:
        """Drop the waiting messages of these kinds; each fails with this error."""
        waiting = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        for message in waiting:
            if isinstance(message, kinds):
                self._fail(message.sender, message.about, why)
            else:
                self._waiting.put_nowait(message)

    async def work(self) -> None:
        """Handle messages for ever; one that fails does not stop those after it."""
        while True:
            message = await self._waiting.get()
            try:
                await handle(message, self.handlers)
            except BridgeError as error:
                self._fail(message.sender, message.about, error)
            except Exception as error:
                _log.exception("a message could not be handled: %r", message)
                self._fail(message.sender, message.about, internal_error(error))
            # Let the socket be read between two messages, however many wait.
            await asyncio.sleep(0)


def internal_error(error: Exception) -> BridgeError:
    """Return the error that a client gets for a bug in the daemon."""
    why = f"a fault in the daemon ({type(error).__name__}); its log has the details"
    return BridgeError("internal", why)
