"""Records the master and decks to float WAV files, in a thread of its own.

A file's header is updated every second, so that it can be read even if daemon and child die together. If the
child dies alone, the daemon recovers the rest (`wav_file.recover`).
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.decks.voices import CHANNELS
from bridge.audio_child.reports import RecordingBegun, RecordingReport
from bridge.audio_child.wav_file import LONGEST_DATA_BYTES, SAMPLE_BYTES, header, recover

Audio = NDArray[np.float32]

LONGEST_FRAMES = LONGEST_DATA_BYTES // (SAMPLE_BYTES * CHANNELS)
_RENEW_SECONDS = 1.0
# Ten seconds of blocks: a disk that stalls for longer ends the recording, not the music.
_WAITING_BLOCKS = 2_000
_TOO_SLOW = "the disk could not keep up"

# A block of audio; a path, which begins a file; None or a text that says what went wrong, which end it; an
# event, which is set once all before it is written.
_Heard = Audio | Path | str | threading.Event | None


class _Recording:
    """A file that is being recorded."""

    def __init__(self, deck: int, path: Path, rate: int) -> None:
        self.deck, self.path, self._rate, self.frames = deck, path, rate, 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._renewed = 0.0
        try:
            self._renew()
        except OSError:
            self._abandon()
            raise

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
        """Close the file after an error; return a report with the reason and what the file really holds."""
        return RecordingReport(self.deck, self.path, self._abandon(), reason)

    def _abandon(self) -> float:
        """Close the file as far as its disk allows; return the seconds that it holds. Remove an empty one."""
        with suppress(OSError):
            self._file.close()
        try:
            return recover(self.path)
        except OSError:
            return self.frames / self._rate

    def _renew(self) -> None:
        self._file.seek(0)
        self._file.write(header(self.frames, self._rate, CHANNELS))
        self._file.seek(0, os.SEEK_END)
        self._file.flush()
        self._renewed = time.monotonic()


class Recorder:
    """Writes the mixer's audio to files; calls `report` as each file begins and ends."""

    def __init__(self, rate: int, report: Callable[[RecordingBegun | RecordingReport], None]) -> None:
        self._rate = rate
        self._report = report
        self._heard: queue.SimpleQueue[tuple[int, _Heard]] = queue.SimpleQueue()
        self._wanted: frozenset[int] = frozenset()
        self._files: dict[int, _Recording] = {}
        threading.Thread(target=self._work, name="recorder", daemon=True).start()

    def begin(self, deck: int, path: Path) -> None:
        """Record the master (0) or a deck to a new file, from the next block on."""
        # In this order: the thread wants no more of a file that it cannot open.
        self._wanted |= {deck}
        self._heard.put((deck, path))

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
            self._heard.put((deck, _TOO_SLOW))

    def finish(self, seconds: float) -> None:
        """End all recordings, and wait up to `seconds` until they are written."""
        for deck in self._wanted:
            self.end(deck)
        is_done = threading.Event()
        self._heard.put((0, is_done))
        is_done.wait(seconds)

    def _work(self) -> None:
        while True:
            deck, what = self._heard.get()
            try:
                self._do(deck, what)
            except OSError as error:
                self._wanted -= {deck}
                file = self._files.pop(deck, None)
                reason = error.strerror or str(error)
                if file is not None:
                    self._report(file.give_up(reason))
                if isinstance(what, Path):
                    self._report(RecordingReport(deck, what, 0.0, reason))

    def _do(self, deck: int, what: _Heard) -> None:
        file = self._files.get(deck)
        if isinstance(what, threading.Event):
            what.set()
        elif isinstance(what, Path):
            if file is not None:
                self._end_file(file)
            self._files[deck] = _Recording(deck, what, self._rate)
            self._report(RecordingBegun(deck, what))
        elif file is None:
            return  # it has ended already
        elif what is None or isinstance(what, str):
            self._end_file(file, trouble=what or "")
        else:
            file.write(what)
            if file.frames >= LONGEST_FRAMES:
                self._wanted -= {deck}
                self._end_file(file, is_full=True)

    def _end_file(self, file: _Recording, *, trouble: str = "", is_full: bool = False) -> None:
        ended = replace(file.close(), trouble=trouble, is_full=is_full)
        del self._files[file.deck]
        self._report(ended)
