"""Checks that an audio file is whole: all the audio that its header promises is there, and can be decoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from bridge.messages import BridgeError

_BLOCK_FRAMES = 1 << 18
_MOST_CHUNKS = 1_000
# Written by programs that do not know the length yet, such as recorders and pipes.
_UNKNOWN_BYTES = (0, 0x7FFFFFFF, 0xFFFFFFFF)


def check_whole(path: Path, name: str, frames: int, rate: int) -> None:
    """Check a file of which libsndfile sees `frames`. MP3 and OGG files do not tell what is missing.

    Raises BridgeError `source` for a file that is cut short or damaged; `name` is its name for errors.
    """
    share = _share_there(path)
    if share < 1:
        raise _cut_short(name, frames / rate / share if share else 0.0, frames / rate)
    decoded = _decoded_frames(path)
    if decoded < frames:
        raise _cut_short(name, frames / rate, decoded / rate)


def _cut_short(name: str, promised_seconds: float, there_seconds: float) -> BridgeError:
    return BridgeError(
        "source",
        f"source `{name}`: cut short or damaged: its header promises {promised_seconds:.2f} s, and "
        f"{there_seconds:.2f} s can be read; copy or export the file again",
    )


def _decoded_frames(path: Path) -> int:
    """Decode the file as far as possible."""
    import soundfile

    decoded = 0
    try:
        with soundfile.SoundFile(path) as file:
            for block in file.blocks(_BLOCK_FRAMES, dtype="float32"):
                decoded += len(block)
    except (soundfile.LibsndfileError, RuntimeError):
        return decoded
    return decoded


def _share_there(path: Path) -> float:
    """Return the share of the audio chunk of a WAV or AIFF file that is there; 1 for other files."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        order, audio = {b"RIFF": ("<", b"data"), b"FORM": (">", b"SSND")}.get(start[:4], ("", b""))
        promised_bytes = _chunk_bytes(file, order, audio) if order else None
        if promised_bytes is None or promised_bytes in _UNKNOWN_BYTES:
            return 1.0
        return min(1.0, (size_bytes - file.tell()) / promised_bytes)


def _chunk_bytes(file: BinaryIO, order: str, name: bytes) -> int | None:
    """Move to the content of a chunk, and return the size that its header gives; None without one."""
    for _ in range(_MOST_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            return None
        (size,) = struct.unpack(f"{order}I", header[4:])
        if header[:4] == name:
            return int(size)
        file.seek(size + size % 2, 1)
    return None
