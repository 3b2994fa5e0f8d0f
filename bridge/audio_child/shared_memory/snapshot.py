"""The transport's position in shared memory: written by the audio child, read by any other process.

The daemon creates the shared memory (`SnapshotBoard`), which outlives the audio child. Child processes of the
daemon open it by name: the audio child to write, others to read.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import cast

_FIELDS = struct.Struct("<qddd?dd")
_CHECK = struct.Struct("<I")
SIZE_BYTES = _FIELDS.size + _CHECK.size
_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`beat` (in quarter notes from the song's start) is heard at `monotonic_seconds` of `time.monotonic`.

    A bar lasts `bar_beats` quarter notes, and bars count from `bar_origin_beat`. While `playing` is False,
    the beat does not advance.
    """

    monotonic_seconds: float
    beat: float
    bpm: float
    playing: bool
    bar_beats: float
    bar_origin_beat: float = 0.0

    def beat_at(self, monotonic_seconds: float) -> float:
        """Return the beat heard at another time, if nothing changes until then."""
        if not self.playing:
            return self.beat
        return self.beat + (monotonic_seconds - self.monotonic_seconds) * self.bpm / 60

    def seconds_of(self, beat: float) -> float:
        """Return the time of `time.monotonic` at which `beat` is heard, if the tempo stays the same."""
        return self.monotonic_seconds + (beat - self.beat) * 60 / self.bpm


class SnapshotBoard:
    """The daemon's side: creates the shared memory, empty; other processes open it by `name`."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=SIZE_BYTES)
        self.name = self._memory.name

    def close(self) -> None:
        """Free the shared memory; processes that have opened it can still use it."""
        self._memory.close()
        self._memory.unlink()


class SnapshotWriter:
    """Writes snapshots to the shared memory of that name; only one writer at a time.

    Raises FileNotFoundError if it is gone.
    """

    def __init__(self, name: str) -> None:
        self._memory = SharedMemory(name=name)
        self._sequence = _FIELDS.unpack_from(cast(memoryview, self._memory.buf))[0]

    def write(self, snapshot: Snapshot) -> None:
        """Replace the snapshot that readers see."""
        self._sequence += 1
        fields = _FIELDS.pack(
            self._sequence,
            snapshot.monotonic_seconds,
            snapshot.beat,
            snapshot.bpm,
            snapshot.playing,
            snapshot.bar_beats,
            snapshot.bar_origin_beat,
        )
        cast(memoryview, self._memory.buf)[:SIZE_BYTES] = fields + _CHECK.pack(zlib.crc32(fields))

    def close(self) -> None:
        """Lets the board go; it stays for others."""
        self._memory.close()


class SnapshotReader:
    """Reads snapshots from the shared memory of that name. Raises FileNotFoundError if it is gone."""

    def __init__(self, name: str) -> None:
        self._memory = SharedMemory(name=name)

    def read(self) -> Snapshot | None:
        """Return the last complete snapshot; None before the first."""
        # A checksum, not only a sequence number: processors other than Intel's reorder plain writes.
        for _ in range(_ATTEMPTS):
            data = bytes(cast(memoryview, self._memory.buf)[:SIZE_BYTES])
            fields, (check,) = data[: _FIELDS.size], _CHECK.unpack_from(data, _FIELDS.size)
            if zlib.crc32(fields) == check:
                sequence, *values = _FIELDS.unpack(fields)
                return Snapshot(*values) if sequence else None
            if not any(data):
                return None
        return None

    def close(self) -> None:
        """Lets the board go; it stays for others."""
        self._memory.close()
