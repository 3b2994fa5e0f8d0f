"""Reads and appends chunks of WAV and AIFF files.

libsndfile's comments hold 2 kB at most, or break the file.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import BinaryIO

from bridge.system.disk import open_regular

RECIPE_CHUNK = b"msnR"
_HEADER_BYTES = 8
# Above any recipe, far below what would trouble a daemon.
_LARGEST_BYTES = 4_000_000
# Far more than any program writes. Without a limit, a damaged file of gigabytes is walked 8 bytes at a time.
_MOST_CHUNKS = 1_000


def with_chunk(data: bytes, name: bytes, payload: bytes) -> bytes:
    """Return the bytes of a WAV or AIFF file with a chunk appended. Raises as `append_chunk`."""
    file = io.BytesIO(data)
    append_chunk(file, name, payload)
    return file.getvalue()


def append_chunk(file: BinaryIO, name: bytes, payload: bytes) -> None:
    """Append a chunk to an open WAV or AIFF file; readers skip unknown chunks.

    Raises ValueError for another kind of file.
    """
    file.seek(0)
    order = _byte_order(file.read(12))
    if order is None:
        raise ValueError("neither a WAV nor an AIFF file")
    # Chunks are aligned to even offsets.
    file.write(b"\0" * (file.seek(0, io.SEEK_END) % 2))
    file.write(name + struct.pack(f"{order}I", len(payload)) + payload + b"\0" * (len(payload) % 2))
    size = struct.pack(f"{order}I", file.tell() - _HEADER_BYTES)
    file.seek(4)
    file.write(size)


def read_chunk(path: Path, name: bytes) -> bytes | None:
    """Return the payload of the first chunk of that name; None without one. Raises OSError."""
    with open_regular(path) as file:
        order = _byte_order(file.read(12))
        return None if order is None else _find(file, name, order)


def _find(file: BinaryIO, name: bytes, order: str) -> bytes | None:
    for _ in range(_MOST_CHUNKS):
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return None
        (size,) = struct.unpack(f"{order}I", header[4:])
        if header[:4] == name:
            return file.read(size) if size <= _LARGEST_BYTES else None
        file.seek(size + size % 2, 1)
    return None


def _byte_order(start: bytes) -> str | None:
    """Return the file's byte order as a `struct` prefix; None for other formats."""
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "<"
    if start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
        return ">"
    return None
