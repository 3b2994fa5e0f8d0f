"""Counts that the audio child writes and the daemon reads, even when the child itself cannot answer."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import cast

_FIELDS = ("opened", "callbacks", "underruns", "starved", "blocks", "worst_callback_ns", "worst_block_ns")
_SIZE_BYTES = 8 * len(_FIELDS)


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the child began: `opened` streams (0 or 1), device `callbacks`, `underruns` that the device told
    of, callbacks that were `starved` of mixed sound, and mixed `blocks`; the longest callback and block.
    """

    opened: int
    callbacks: int
    underruns: int
    starved: int
    blocks: int
    worst_callback_ns: int
    worst_block_ns: int


class CounterBoard:
    """Makes the shared memory, all zero; the daemon's side."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=_SIZE_BYTES)
        self._values = cast(memoryview, self._memory.buf).cast("q")
        self.name = self._memory.name

    def read(self) -> Counts:
        """The counts just now."""
        return Counts(*self._values[: len(_FIELDS)].tolist())

    def clear(self) -> None:
        """Back to zero, before another child begins."""
        for index in range(len(_FIELDS)):
            self._values[index] = 0

    def close(self) -> None:
        """Ends the board."""
        self._values.release()
        self._memory.close()
        self._memory.unlink()


class Counters:
    """The child's side. Each field has one writer, and a write is one machine word."""

    OPENED, CALLBACKS, UNDERRUNS, STARVED, BLOCKS, WORST_CALLBACK_NS, WORST_BLOCK_NS = range(len(_FIELDS))

    def __init__(self, name: str) -> None:
        """Raises FileNotFoundError when the board is gone."""
        self._memory = SharedMemory(name=name)
        self.values = cast(memoryview, self._memory.buf).cast("q")

    def close(self) -> None:
        """Lets the board go."""
        self.values.release()
        self._memory.close()
