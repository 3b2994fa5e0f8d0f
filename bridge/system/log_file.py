"""A log file that is never larger than a few megabytes, whose failure stops nobody.

One process turns the files over: the one that holds the lock beside them. Others only append, as a second
daemon does that says why it cannot start. Source: logging.handlers.RotatingFileHandler.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import filelock

LOG_BYTES = 2_000_000
OLD_LOGS = 4
LOCK_SUFFIX = ".lock"
FORMAT = "%(asctime)s %(levelname)s %(message)s"


class LogFile(RotatingFileHandler):
    """Writes records to `path`, and up to `OLD_LOGS` older files beside it: `path.1` is the latest.

    If it cannot be written, `on_failure` is called with one sentence, once; later records are tried again.
    """

    def __init__(self, path: Path, on_failure: Callable[[str], None], *, most_bytes: int = LOG_BYTES) -> None:
        super().__init__(
            path, maxBytes=most_bytes, backupCount=OLD_LOGS, encoding="utf-8", errors="backslashreplace",
            delay=True,
        )  # fmt: skip
        self.setFormatter(logging.Formatter(FORMAT))
        self._path = path
        self._on_failure = on_failure
        self._has_failed = False
        self._turning = filelock.FileLock(path.with_name(path.name + LOCK_SUFFIX), thread_local=False)

    def note(self, text: str, level: int = logging.INFO) -> None:
        """Write a line to the file alone."""
        self.handle(logging.LogRecord(__name__, level, "", 0, text, (), None))

    def close(self) -> None:
        """Close the file; whoever writes it next may turn it over."""
        super().close()
        self._turning.release()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  (logging's name)
        """Whether the file is full, and this process is the one that turns it over."""
        return bool(super().shouldRollover(record)) and self._may_turn()

    def doRollover(self) -> None:  # noqa: N802  (logging's name)
        """Begin a new file; go on in the old one if that is not possible."""
        # On Windows a file that another process has open cannot be renamed.
        with suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  (logging's name)
        """Let go of the file, so that the next record opens it anew; say the first time what is wrong."""
        error = sys.exc_info()[1]
        stream, self.stream = self.stream, None
        if stream is not None:
            # A full disk fails here once more, and what is buffered is lost.
            with suppress(OSError, ValueError):
                stream.close()
        if self._has_failed:
            return
        self._has_failed = True
        reason = (error.strerror if isinstance(error, OSError) else None) or repr(error)
        self._on_failure(
            f"the log file `{self._path}` cannot be written ({reason}); all else works. "
            "Free some space, or make the folder writable: it is tried again with every line"
        )

    def _open(self) -> TextIOWrapper:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._may_turn()
        return super()._open()

    def _may_turn(self) -> bool:
        with suppress(OSError, filelock.Timeout):
            self._turning.acquire(timeout=0)
        return self._turning.is_locked


def log_files(folder: Path) -> list[Path]:
    """Return the log files of the folder, old ones and their locks among them; none if it is missing."""
    try:
        return sorted(path for path in folder.glob("*.log*") if path.is_file())
    except OSError:
        return []
