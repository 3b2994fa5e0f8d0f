"""A queue of messages, and their dispatch to handlers."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bridge.messages import BridgeError, Message, Peer

_log = logging.getLogger(__name__)

# So many messages are handled well before anybody hears a delay.
_SOON = 16

Fail = Callable[[Peer | None, str, BridgeError], None]
Handler = Callable[[Any], Awaitable[object] | None]
Handlers = Mapping[type[Message], Handler]
"""The handler of each message type. Handlers raise BridgeError for requests that cannot be met."""


async def handle(message: Message, handlers: Handlers) -> None:
    """Call a message's handler, and await it if it is asynchronous. Raises the handler's BridgeError."""
    waits = handlers[type(message)](message)
    if waits is not None:
        await waits


async def handle_or_fail(message: Message, handlers: Handlers, fail: Fail) -> None:
    """Handle a message, and report whatever its handler raises to `fail`."""
    try:
        await handle(message, handlers)
    except BridgeError as error:
        fail(message.sender, message.about, error)
    except Exception as error:
        _log.exception("a message could not be handled: %r", message)
        fail(message.sender, message.about, internal_error(error))


class Inbox:
    """Handles messages one at a time, strictly in order of arrival.

    `fail` is called with sender, `about` and error of each message that fails. At most `limit` messages wait.
    """

    def __init__(self, handlers: Handlers, fail: Fail, limit: int) -> None:
        self.handlers = handlers
        self._fail = fail
        self._limit = limit
        self._waiting: deque[Message] = deque()
        self._has_some = asyncio.Event()
        self._is_at_work = False

    @property
    def is_held_up(self) -> bool:
        """Whether the next message has to wait: for a handler that is not done yet, or for many messages."""
        return self._is_at_work or len(self._waiting) > _SOON

    @property
    def waiting(self) -> int:
        """The number of messages that wait."""
        return len(self._waiting)

    def put(self, message: Message) -> None:
        """Queue a message. Raises BridgeError `busy` if too many wait."""
        if len(self._waiting) >= self._limit:
            raise _busy(self._limit)
        self._waiting.append(message)
        self._has_some.set()

    def call_off(self, is_unwanted: Callable[[Message], bool]) -> None:
        """Remove the waiting messages that a stop calls off; each fails with `cancelled`."""
        called_off = [message for message in self._waiting if is_unwanted(message)]
        self._waiting = deque(message for message in self._waiting if not is_unwanted(message))
        for message in called_off:
            why = "a stop came before it could be carried out; send it again to start"
            self._fail(message.sender, message.about, BridgeError("cancelled", why))

    async def work(self) -> None:
        """Handle messages for ever; one that fails does not stop those after it."""
        while True:
            while not self._waiting:
                self._has_some.clear()
                await self._has_some.wait()
            message = self._waiting.popleft()
            self._is_at_work = True
            await handle_or_fail(message, self.handlers, self._fail)
            self._is_at_work = False
            # Let the socket be read between two messages, however many wait.
            await asyncio.sleep(0)


class SideTasks:
    """Handles messages that wait for something slow, such as another process: each begins at once.

    At most `limit` are in work.
    """

    def __init__(self, handlers: Handlers, fail: Fail, limit: int) -> None:
        self.handlers = handlers
        self._fail = fail
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, message: Message) -> None:
        """Begin to handle a message. Raises BridgeError `busy` if too many are in work."""
        if len(self._tasks) >= self._limit:
            raise _busy(self._limit)
        task = asyncio.create_task(handle_or_fail(message, self.handlers, self._fail), name="beside")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel what is in work."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _busy(limit: int) -> BridgeError:
    return BridgeError("busy", f"more than {limit} messages wait; send them more slowly")


def internal_error(error: Exception) -> BridgeError:
    """Return the error that a client gets for a bug in the daemon."""
    why = f"a fault in the daemon ({type(error).__name__}); its log has the details"
    return BridgeError("internal", why)
