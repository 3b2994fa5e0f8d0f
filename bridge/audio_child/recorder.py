"""Records the master and decks to float WAV files, in a thread of its own.

A file's header is updated every second, so that if the child dies, only the last second is lost.
The format is RIFF WAVE with WAVE_FORMAT_IEEE_FLOAT and a `fact` chunk (Microsoft, "Multimedia Programming
Interface and Data Specifications 1.0" and its revision 3).
"""

from __future__ import annotations

import os
import queue
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.protocol import RecordingReport
from bridge.audio_child.voices import CHANNELS

Audio = NDArray[np.float32]

_FRAME_BYTES = 4 * CHANNELS
_HEADER_BYTES = 58
# RIFF sizes have 32 bits: over three hours at 48 kHz.
LONGEST_FRAMES = (2**32 - 1024) // _FRAME_BYTES
_RENEW_SECONDS = 1.0
# Ten seconds of blocks: a disk that stalls for longer ends the recording, not the music.
_WAITING_BLOCKS = 2_000


class _Recording:
    """A file that is being recorded."""

    def __init__(self, deck: int, path: Path, rate: int) -> None:
        self.deck, self.path, self._rate, self.frames = deck, path, rate, 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._renewed = 0.0
        self._renew()

    def write(self, block: Audio) -> None:
        room = LONGEST_FRAMES - self.frames
        self._file.write(np.ascontiguousarray(block[:room], "<f4").tobytes())
        self.frames += min(len(block), room)
        if time.monotonic() - self._renewed > _RENEW_SECONDS:
            self._renew()

    def close(self) -> RecordingReport:
        self._renew()
        os.fsync(self._file.fileno())
        self._file.close()
        return RecordingReport(self.deck, self.path, self.frames / self._rate)

    def give_up(self, reason: str) -> RecordingReport:
        """Close the file after an error, as far as possible; return a report with the reason."""
        try:
            self._renew()
            self._file.close()
        except OSError:
            pass
        return RecordingReport(self.deck, self.path, self.frames / self._rate, reason)

    def _renew(self) -> None:
        self._file.seek(0)
        self._file.write(_header(self.frames, self._rate))
        self._file.seek(0, os.SEEK_END)
        self._file.flush()
        self._renewed = time.monotonic()


class Recorder:
    """Writes the mixer's audio to files; calls `on_end` with a report for each file that ends."""

    def __init__(self, rate: int, on_end: Callable[[RecordingReport], None]) -> None:
        self._rate = rate
        self._on_end = on_end
        self._heard: queue.SimpleQueue[tuple[int, Audio | Path | None]] = queue.SimpleQueue()
        self._wanted: frozenset[int] = frozenset()
        self._files: dict[int, _Recording] = {}
        threading.Thread(target=self._work, name="recorder", daemon=True).start()

    def begin(self, deck: int, path: Path) -> None:
        """Record the master (0) or a deck to a new file, from the next block on."""
        self._heard.put((deck, path))
        self._wanted |= {deck}

    def end(self, deck: int) -> None:
        """End the recording of the master (0) or of a deck."""
        self._wanted -= {deck}
        self._heard.put((deck, None))

    def wants(self, deck: int) -> bool:
        """Return whether the master (0) or a deck is being recorded."""
        return deck in self._wanted

    def hear(self, deck: int, block: Audio) -> None:
        """Queue a block (n, 2), which nobody else may change; end the recording if the queue is full."""
        if self._heard.qsize() < _WAITING_BLOCKS:
            self._heard.put((deck, block))
        else:
            self._wanted -= {deck}
            self._heard.put((deck, None))

    def finish(self, seconds: float) -> None:
        """End all recordings, and wait up to `seconds` until they are written."""
        until = time.monotonic() + seconds
        for deck in self._wanted:
            self.end(deck)
        while self._files and time.monotonic() < until:
            time.sleep(0.01)

    def _work(self) -> None:
        while True:
            deck, what = self._heard.get()
            try:
                self._do(deck, what)
            except OSError as error:
                self._wanted -= {deck}
                file = self._files.pop(deck, None)
                reason = error.strerror or str(error)
                path = what if isinstance(what, Path) else Path()
                self._on_end(file.give_up(reason) if file else RecordingReport(deck, path, 0.0, reason))

    def _do(self, deck: int, what: Audio | Path | None) -> None:
        file = self._files.get(deck)
        if isinstance(what, Path):
            if file is not None:
                self._on_end(self._files.pop(deck).close())
            self._files[deck] = _Recording(deck, what, self._rate)
        elif file is not None and what is None:
            self._on_end(file.close())
            del self._files[deck]
        elif file is not None and what is not None:
            file.write(what)
            if file.frames >= LONGEST_FRAMES:
                self.end(deck)


def _header(frames: int, rate: int) -> bytes:
    data_bytes = frames * _FRAME_BYTES
    shape = struct.pack("<HHIIHHH", 3, CHANNELS, rate, rate * _FRAME_BYTES, _FRAME_BYTES, 32, 0)
    return (
        struct.pack("<4sI4s", b"RIFF", _HEADER_BYTES - 8 + data_bytes, b"WAVE")
        + struct.pack("<4sI", b"fmt ", len(shape)) + shape
        + struct.pack("<4sII", b"fact", 4, frames)
        + struct.pack("<4sI", b"data", data_bytes)
    )  # fmt: skip
