"""The daemon's log: on the terminal as ever, and in a file that outlasts it.

Started at login there is no terminal, so that the file has to tell why a daemon did not start.
"""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.log_file import FORMAT, LogFile
from bridge.system.stderr_lines import captured_stderr

Note = Callable[[str], None]


@contextmanager
def logged(path: Path | None) -> Iterator[Note]:
    """Log to the terminal while the block runs, and to the file at `path` if there is one.

    The file also gets what children print on stderr, and why the block failed. Yields a function that
    writes a line to the file alone.
    """
    if path is None:
        logging.basicConfig(level=logging.INFO, format=FORMAT)
        yield lambda text: None  # noqa: ARG005
        return
    with closing(LogFile(path, _say)) as file, captured_stderr(file.note) as terminal:
        shown = logging.StreamHandler(terminal)
        shown.setFormatter(logging.Formatter(FORMAT))
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        for handler in (shown, file):
            root.addHandler(handler)
        try:
            with told_failure(file):
                file.note(f"starts: Python {platform.python_version()} on {platform.platform()}")
                yield file.note
                file.note("stopped")
        finally:
            for handler in (shown, file):
                root.removeHandler(handler)


@contextmanager
def failure_logged(path: Path | None) -> Iterator[None]:
    """Write to the file at `path`, if there is one, why the block fails; nothing if it does not."""
    if path is None:
        yield
        return
    # That it cannot be written is not said: the failure itself is printed.
    with closing(LogFile(path, lambda sentence: None)) as file, told_failure(file):  # noqa: ARG005
        yield


@contextmanager
def told_failure(file: LogFile) -> Iterator[None]:
    """Write why the block fails: a sentence for a musician, or Python's traceback."""
    try:
        yield
    except BridgeError as error:
        file.note(f"does not start: {error.message}", logging.ERROR)
        raise
    except Exception:
        record = logging.LogRecord(__name__, logging.CRITICAL, "", 0, "failed", (), sys.exc_info())
        file.handle(record)
        raise


def _say(sentence: str) -> None:
    for handler in logging.getLogger().handlers:
        if not isinstance(handler, LogFile):
            handler.handle(logging.LogRecord(__name__, logging.WARNING, "", 0, sentence, (), None))
