"""The header of a float WAV file, and the recovery of a file whose writer has died.

The format is RIFF WAVE with WAVE_FORMAT_IEEE_FLOAT and a `fact` chunk (Microsoft, "Multimedia Programming
Interface and Data Specifications 1.0" and its revision 3).
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

SAMPLE_BYTES = 4
HEADER_BYTES = 58
# RIFF sizes have 32 bits: over three hours of stereo at 48 kHz.
LONGEST_DATA_BYTES = 2**32 - 1024
_CHANNELS_AND_RATE = struct.Struct("<HI")
_CHANNELS_AT = 22


def header(frames: int, rate: int, channels: int) -> bytes:
    """Return the header of a file with so many frames."""
    frame_bytes = SAMPLE_BYTES * channels
    data_bytes = frames * frame_bytes
    shape = struct.pack("<HHIIHHH", 3, channels, rate, rate * frame_bytes, frame_bytes, 8 * SAMPLE_BYTES, 0)
    return (
        struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE")
        + struct.pack("<4sI", b"fmt ", len(shape)) + shape
        + struct.pack("<4sII", b"fact", 4, frames)
        + struct.pack("<4sI", b"data", data_bytes)
    )  # fmt: skip


def recover(path: Path) -> float:
    """Write the header for what a file really holds, and return its length in seconds.

    A file without a single frame is removed, and 0 returned. Raises OSError.
    """
    with path.open("r+b") as file:
        size_bytes, begin = os.fstat(file.fileno()).st_size, file.read(HEADER_BYTES)
        if size_bytes > HEADER_BYTES:
            channels, rate = _CHANNELS_AND_RATE.unpack_from(begin, _CHANNELS_AT)
            frames = (size_bytes - HEADER_BYTES) // (SAMPLE_BYTES * channels)
            if frames:
                file.truncate(HEADER_BYTES + frames * SAMPLE_BYTES * channels)
                file.seek(0)
                file.write(header(frames, rate, channels))
                return float(frames / rate)
    path.unlink()
    return 0.0
