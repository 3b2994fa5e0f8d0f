"""What this process and its children print on stderr, as lines for a log, and on the terminal as before.

Standard error becomes a pipe that a thread reads. Children inherit it: on POSIX as file descriptor 2; on
Windows they are handed it (`handle_for_child`, `use_handle`), since `multiprocessing` lets them inherit
nothing there.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import IO, Any, Protocol

_STDERR = 2
_CHUNK_BYTES = 65_536
_LONGEST_LINE_BYTES = 8_192
_LAST_LINES_SECONDS = 2.0
_GENERIC_WRITE = 0x40000000  # of the Windows API

_is_captured = False


class Handle(Protocol):
    """A duplicate of a handle of Windows on its way to another process."""

    def detach(self) -> int:
        """Return the handle, owned by this process."""


@contextmanager
def captured_stderr(on_line: Callable[[str], None]) -> Iterator[IO[str]]:
    """Call `on_line`, in a thread, with each line on stderr while the block runs.

    Yields the terminal's stderr, for what is not to come back as a line. Without free file descriptors, or
    without a stderr, nothing is captured.
    """
    global _is_captured
    before = sys.stderr
    try:
        terminal = _text(os.dup(_STDERR))
        reading, writing = os.pipe()
    except OSError:
        yield before
        return
    os.dup2(writing, _STDERR)
    # Not the old object: on Windows that writes to the console, whatever descriptor 2 is.
    sys.stderr = _text(os.dup(writing))
    reader = _Reader(reading, terminal.fileno(), on_line)
    reader.start()
    _is_captured = True
    try:
        yield terminal
    finally:
        _is_captured = False
        with suppress(OSError, ValueError):
            sys.stderr.close()
        sys.stderr = before
        os.dup2(terminal.fileno(), _STDERR)
        reader.end(writing)
        os.close(writing)
        if not reader.is_alive():
            terminal.close()


class _Reader(threading.Thread):
    """Passes on what comes through the pipe."""

    def __init__(self, reading: int, terminal: int, on_line: Callable[[str], None]) -> None:
        super().__init__(name="read stderr", daemon=True)
        self._reading = reading
        self._terminal = terminal
        self._on_line = on_line
        # Nobody prints this: whatever programs write on stderr, it is not taken for the end.
        self._mark = secrets.token_bytes(16)

    def end(self, writing: int) -> None:
        """End once everything that was printed until now is passed on.

        The pipe need not be closed: processes that outlive this one, such as the resource tracker of
        `multiprocessing`, hold it too.
        """
        os.write(writing, self._mark)
        self.join(_LAST_LINES_SECONDS)

    def run(self) -> None:
        """Read until the end."""
        rest, is_last = b"", False
        while not is_last and (chunk := self._chunk()):
            if self._mark in chunk:
                chunk, is_last = chunk[: chunk.index(self._mark)], True
            with suppress(OSError):  # the terminal may be gone; the log is not
                os.write(self._terminal, chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            self._pass_on(lines)
        self._pass_on([rest])
        os.close(self._reading)

    def _chunk(self) -> bytes:
        try:
            return os.read(self._reading, _CHUNK_BYTES)
        except OSError:
            return b""

    def _pass_on(self, lines: list[bytes]) -> None:
        for line in lines:
            text = line.decode("utf-8", "backslashreplace").rstrip()
            if text:
                self._on_line(text)


def handle_for_child() -> Handle | None:
    """Return what a child needs to print here too; None where it inherits stderr, or none is captured."""
    if os.name != "nt" or not _is_captured:
        return None
    msvcrt: Any = import_module("msvcrt")
    reduction: Any = import_module("multiprocessing.reduction")
    duplicate: Handle = reduction.DupHandle(msvcrt.get_osfhandle(_STDERR), _GENERIC_WRITE)
    return duplicate


def use_handle(handle: Handle | None) -> None:
    """Print on the parent's stderr from now on. Called in the child, with what its parent handed it."""
    if handle is None:
        return
    msvcrt: Any = import_module("msvcrt")
    with suppress(OSError):
        opened: int = msvcrt.open_osfhandle(handle.detach(), os.O_WRONLY)
        os.dup2(opened, _STDERR)
        os.close(opened)
        sys.stderr = _text(os.dup(_STDERR))


def _text(descriptor: int) -> IO[str]:
    return os.fdopen(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
