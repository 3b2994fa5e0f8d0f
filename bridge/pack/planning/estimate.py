"""How many files a pack will have, about how long it takes, and how much disk it needs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.messages import BridgeError
from bridge.pack.planning.plan import Item

# Measured on two cores of a Xeon for the bundled model at its own steps: one take at a time, heard and filed.
_SECONDS_A_TAKE, _SECONDS_A_SECOND = 1.0, 0.35
_MODEL_STEPS = 16
_TAIL_SECONDS = 3.0
_BYTES_A_SAMPLE = {"wav": 3.0, "aiff": 3.0, "flac": 2.0, "float": 4.0}
_BESIDE_BYTES = 8_000  # recipe and notes
# What the machine needs besides, while takes are rendered.
_ROOM_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Items and their audio files with tails, the seconds to render them, and bytes of disk."""

    items: int
    files: int
    music_seconds: float
    render_seconds: float
    disk_bytes: int

    def sentence(self) -> str:
        """Say it in words."""
        return (
            f"{self.files:,} audio files ({clock(self.music_seconds)} of music), about "
            f"{clock(self.render_seconds)} of rendering on two good cores, {size(self.disk_bytes)} of disk"
        )


def estimate(items: Sequence[Item]) -> Estimate:
    """Estimate what items need; a machine's own speed shows after the first few."""
    music = render = disk = 0.0
    files = 0
    for item in items:
        seconds = item.seconds + (_TAIL_SECONDS if item.has_tail else 0.0)
        values = item.values
        work = int(values.get("candidates", 1)) * int(values.get("steps", _MODEL_STEPS)) / _MODEL_STEPS
        files += 1 + item.has_tail
        music += seconds
        render += _SECONDS_A_TAKE + _SECONDS_A_SECOND * seconds * work
        rate, bytes_each = int(values.get("rate", 44_100)), _BYTES_A_SAMPLE[str(values.get("format", "wav"))]
        disk += _BESIDE_BYTES + 2 * rate * seconds * bytes_each
    return Estimate(len(items), files, music, render, round(disk))


def check_room(folder: Path, needed: Estimate) -> None:
    """Raise BridgeError `disk` if the disk of `folder`, which need not exist, has too little room."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed.disk_bytes + min(_ROOM_BYTES, needed.disk_bytes):
        raise BridgeError(
            "disk",
            f"the pack needs about {size(needed.disk_bytes)}, and room to work in; the disk of `{folder}` "
            f"has {size(free)} free: free some space, name a folder elsewhere, or write `format: flac`",
        )


def clock(seconds: float) -> str:
    """Return a time as in 45 s, 12 min or 7 h 30 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(count: float) -> str:
    """Return a number of bytes as in 12 MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, count / 1e6):.0f} MB"
