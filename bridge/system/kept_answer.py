"""An answer that is slow to find: asked for once at a time, and kept for a moment for those who ask next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class KeptAnswer(Generic[T]):
    """Finds an answer with `find`, and gives it to everybody who asks within `keep_seconds`.

    Whoever asks while it is being found waits for the same answer, or gets the same error.
    """

    def __init__(
        self,
        find: Callable[[], Awaitable[T]],
        keep_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._finding: asyncio.Future[T] | None = None
        self._until = float("-inf")

    async def get(self) -> T:
        """Return the answer. Raises what `find` raises."""
        if self._finding is None or (self._finding.done() and self._clock() >= self._until):
            self._finding = asyncio.ensure_future(self._found())
        # Shielded: one who stops waiting must not take the answer from the others.
        return await asyncio.shield(self._finding)

    async def _found(self) -> T:
        try:
            return await self._find()
        finally:
            self._until = self._clock() + self._keep_seconds
