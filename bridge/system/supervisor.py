"""Starts child processes (render worker, audio, MIDI), and restarts them when they end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from bridge.messages import ChildRestarted, Event

_log = logging.getLogger(__name__)

STOP_SECONDS = 10.0


class Child(Protocol):
    """A supervised process. Its methods are only called from the event loop."""

    name: str

    async def start(self) -> None:
        """Start the process, without waiting until it is ready."""

    async def exited(self) -> str:
        """Wait until the process has ended, and return the reason in words."""

    async def stop(self) -> None:
        """Ask the process to end, and wait until it has."""

    def kill(self) -> None:
        """Kill the process."""


class Supervisor:
    """Keeps children alive, with exponential backoff. Each restart is delivered as a `ChildRestarted`.

    The delay begins at `first_delay_seconds`, doubles up to `longest_delay_seconds`, and is reset once a
    child has lived for `healthy_seconds`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        first_delay_seconds: float = 0.2,
        longest_delay_seconds: float = 30.0,
        healthy_seconds: float = 60.0,
    ) -> None:
        self._on_event = on_event
        self._first_delay_seconds = first_delay_seconds
        self._longest_delay_seconds = longest_delay_seconds
        self._healthy_seconds = healthy_seconds
        self._children: list[tuple[Child, asyncio.Task[None]]] = []

    async def watch(self, child: Child) -> None:
        """Start a child, and keep it alive in the background until `stop`."""
        await child.start()
        task = asyncio.create_task(self._keep_alive(child), name=f"supervise {child.name}")
        self._children.append((child, task))

    async def stop(self) -> None:
        """Stop all children; kill those that have not ended after `STOP_SECONDS`."""
        children, self._children = self._children, []
        for _, task in children:
            task.cancel()
        await asyncio.gather(*(task for _, task in children), return_exceptions=True)
        await asyncio.gather(*(_end(child) for child, _ in children))

    async def _keep_alive(self, child: Child) -> None:
        delay_seconds = self._first_delay_seconds
        started = time.monotonic()
        while True:
            reason = await child.exited()
            if time.monotonic() - started >= self._healthy_seconds:
                delay_seconds = self._first_delay_seconds
            _log.warning("the %s ended: %s", child.name, reason)
            await asyncio.sleep(delay_seconds)
            delay_seconds = min(2 * delay_seconds, self._longest_delay_seconds)
            started = time.monotonic()
            try:
                await child.start()
            except Exception as error:
                # Out of memory, processes or threads for now: retry in the next iteration.
                _log.warning("the %s cannot be started: %r", child.name, error)
                continue
            self._on_event(ChildRestarted(child.name, reason))


async def _end(child: Child) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await child.stop()
    except TimeoutError:
        child.kill()
