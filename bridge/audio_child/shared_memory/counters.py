"""Shared-memory counters of the audio child, which the daemon can read even if the child hangs."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import cast

_FIELDS = ("opened", "callbacks", "underruns", "starved", "blocks", "worst_callback_ns", "worst_block_ns")
_SIZE_BYTES = 8 * len(_FIELDS)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts since the child started: `opened` streams (0 or 1), device `callbacks`, `underruns` reported by
    the device, callbacks `starved` of mixed audio, and mixed `blocks`; and the longest callback and block.
    """

    opened: int
    callbacks: int
    underruns: int
    starved: int
    blocks: int
    worst_callback_ns: int
    worst_block_ns: int


class CounterBoard:
    """The daemon's side: creates the shared memory, all zero."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=_SIZE_BYTES)
        self._values = cast(memoryview, self._memory.buf).cast("q")
        self.name = self._memory.name

    def read(self) -> Counts:
        """Return the current counts."""
        return Counts(*self._values[: len(_FIELDS)].tolist())

    def clear(self) -> None:
        """Reset all counters, before another child starts."""
        for index in range(len(_FIELDS)):
            self._values[index] = 0

    def close(self) -> None:
        """Free the shared memory."""
        self._values.release()
        self._memory.close()
        self._memory.unlink()


class Counters:
    """The child's side. Each field has a single writer, and a write is one machine word."""

    OPENED, CALLBACKS, UNDERRUNS, STARVED, BLOCKS, WORST_CALLBACK_NS, WORST_BLOCK_NS = range(len(_FIELDS))

    def __init__(self, name: str) -> None:
        """Open the shared memory of that name. Raises FileNotFoundError if it is gone."""
        self._memory = SharedMemory(name=name)
        self.values = cast(memoryview, self._memory.buf).cast("q")

    def close(self) -> None:
        """Close this side of the shared memory."""
        self.values.release()
        self._memory.close()
