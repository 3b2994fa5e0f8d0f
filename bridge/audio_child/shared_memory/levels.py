"""Level meters in shared memory: the audio child writes the peaks of master, decks and input.

The daemon reads them.

A peak falls by 20 dB a second, so that whoever looks a few times a second sees it.
"""

from __future__ import annotations

import math
from multiprocessing.shared_memory import SharedMemory
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bridge.messages.stage import MAX_DECKS

SILENT_DB = -120.0
FALL_DB_PER_SECOND = 20.0
_INPUT = MAX_DECKS + 1  # the master is 0
_CHANNELS = _INPUT + 1
_SIZE_BYTES = 8 * _CHANNELS


class LevelBoard:
    """The daemon's side: creates the shared memory, silent; other processes open it by `name`."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=_SIZE_BYTES)
        self._values = cast(memoryview, self._memory.buf).cast("d")
        self.name = self._memory.name

    def read(self, decks: int) -> tuple[float, ...]:
        """Return the peaks in dBFS of the master and of decks 1 to `decks`; -120 is silence."""
        return tuple(_decibels(value) for value in self._values[: decks + 1].tolist())

    def read_input(self) -> float:
        """Return the peak of the input in dBFS; -120 is silence."""
        return _decibels(self._values[_INPUT])

    def clear(self) -> None:
        """Show silence, before another child starts."""
        for index in range(_CHANNELS):
            self._values[index] = 0.0

    def close(self) -> None:
        """Free the shared memory."""
        self._values.release()
        self._memory.close()
        self._memory.unlink()


class LevelWriter:
    """The child's side. Raises FileNotFoundError if the shared memory of that name is gone."""

    def __init__(self, name: str, rate: int) -> None:
        self._memory = SharedMemory(name=name)
        self._values = cast(memoryview, self._memory.buf).cast("d")
        self._fall_per_frame = 10 ** (-FALL_DB_PER_SECOND / 20 / rate)

    def hear(self, deck: int, block: NDArray[np.float32]) -> None:
        """Take a block (n, 2) of a deck, or of the master (0)."""
        fallen = self._values[deck] * self._fall_per_frame ** len(block)
        self._values[deck] = max(fallen, float(np.abs(block).max(initial=0.0)))

    def hear_input(self, block: NDArray[np.float32]) -> None:
        """Take a block (n, C) of the input, in which a driver may have left what is no number."""
        self.hear(_INPUT, np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0))

    def silence_input(self) -> None:
        """Show silence for the input."""
        self._values[_INPUT] = 0.0

    def close(self) -> None:
        """Close this side of the shared memory."""
        self._values.release()
        self._memory.close()


def _decibels(peak: float) -> float:
    return max(SILENT_DB, 20 * math.log10(peak)) if peak > 0 else SILENT_DB
