"""What is being recorded: it goes on in a next file when the audio child is lost or replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.audio_child import reports as r
from bridge.audio_child.wav_file import recover
from bridge.messages import BridgeError, Event
from bridge.messages import stage as s
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import make_folder

_DISK_SECONDS = 5.0


class Recordings:
    """The recordings of the master (0) and of decks by their number, each a file or, after a loss, several.

    `tell` sends the audio child a command and returns whether there is a child to receive it. Use it only in
    the event loop.
    """

    def __init__(
        self, folder: Path, tell: Callable[[object], bool], deliver: Callable[[Event], None]
    ) -> None:
        self._folder = folder
        self._tell = tell
        self._deliver = deliver
        self._names: dict[int, str] = {}  # what is being recorded, and the name that its files share
        self._open: dict[Path, int] = {}  # the files whose end the child has not reported yet
        self._left: dict[Path, int] = {}  # the files of a lost child that are being recovered
        self._last: dict[int, s.Recorded] = {}
        self._recoveries: set[asyncio.Task[None]] = set()

    def __str__(self) -> str:
        """What is being recorded, in words: `master deck1`, or nothing."""
        return " ".join(_word(deck) for deck in sorted(self._names))

    def begin(self, deck: int) -> Path:
        """Record to a new file, and return it; a recording that is under way ends.

        Raises BridgeError `folder` or `disk`.
        """
        make_folder(self._folder)
        self._last.pop(deck, None)
        self._names[deck] = self._unused(f"{_word(deck)}_{datetime.now():%Y-%m-%d_%H-%M-%S}").stem
        return self._next_file(deck)

    def end(self, deck: int) -> Path:
        """End a recording, and return its last file, which is told as `Recorded`.

        Raises BridgeError `missing` without one.
        """
        if deck not in self._names:
            raise BridgeError("missing", "nothing is being recorded here; send 1 to record")
        del self._names[deck]
        files = {number: path for path, number in (self._left | self._open).items()}
        if deck in self._open.values():
            self._tell(p.Record(deck, None))
        elif deck not in files:  # else the recovery of the file tells the end
            if deck not in self._last:
                message = "nothing was recorded: the stream has not started yet; try again"
                raise BridgeError("missing", message)
            self._deliver(self._last[deck])
            return Path(self._last[deck].path)
        return files[deck]

    def child_is_up(self) -> None:
        """Go on with every recording in the new child."""
        for deck in self._names:
            self._next_file(deck)

    def child_is_lost(self) -> None:
        """Recover the files that the child could not finish."""
        self._left.update(self._open)
        for path, deck in self._open.items():
            recovery = asyncio.create_task(self._recover(deck, path), name=f"recover {path.name}")
            self._recoveries.add(recovery)
            recovery.add_done_callback(self._recoveries.discard)
        self._open.clear()

    def begun(self, report: r.RecordingBegun) -> None:
        """Tell that a file is open."""
        self._deliver(s.RecordingBegun(report.deck, str(report.path)))

    def ended(self, report: r.RecordingReport) -> None:
        """Tell that a file is finished. A full one is followed by the next, trouble ends the recording."""
        deck = report.deck
        self._open.pop(report.path, None)
        is_current = deck not in self._open.values()
        if report.trouble:
            self._fail(deck, report.path, report.seconds, report.trouble)
        else:
            self._tell_recorded(deck, report.path, report.seconds)
        if report.trouble and is_current:
            self._names.pop(deck, None)
        elif report.is_full and is_current and deck in self._names:
            self._next_file(deck)

    async def _recover(self, deck: int, path: Path) -> None:
        try:
            seconds = await run_abandonable(lambda: recover(path), _DISK_SECONDS)
        except FileNotFoundError:
            seconds = 0.0  # the child died before it had opened it
        except OSError as error:
            self._fail(deck, path, 0.0, error.strerror or str(error))
            return
        finally:
            self._left.pop(path, None)
        if seconds is None:
            self._fail(deck, path, 0.0, "its disk does not answer")
        elif seconds:
            self._tell_recorded(deck, path, seconds)
        elif deck not in self._names:
            self._fail(deck, path, 0.0, "the audio process was lost before it began")

    def _next_file(self, deck: int) -> Path:
        path = self._unused(self._names[deck])
        if self._tell(p.Record(deck, path)):
            self._open[path] = deck
        return path

    def _unused(self, name: str) -> Path:
        path, count = self._folder / f"{name}.wav", 1
        while path in self._open or path in self._left or path.exists():
            count += 1
            path = self._folder / f"{name}_{count}.wav"
        return path

    def _tell_recorded(self, deck: int, path: Path, seconds: float) -> None:
        self._last[deck] = s.Recorded(deck, str(path), seconds)
        self._deliver(self._last[deck])

    def _fail(self, deck: int, path: Path, seconds: float, trouble: str) -> None:
        kept = f"its first {seconds:.1f} s are in `{path}`" if seconds else f"`{path.name}` was not kept"
        message = f"the recording ended ({trouble}), {kept}: look after the library's disk, and record again"
        self._deliver(s.RecordingFailed(deck, message))


def _word(deck: int) -> str:
    return f"deck{deck}" if deck else "master"
