"""The command `log`: the end of the daemon's log file."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import IO, Annotated

import typer

from bridge.cli.options import LibraryFolder, SettingsFile, plain, read_settings
from bridge.messages import BridgeError

_LOOK_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(log)


def log(
    lines: Annotated[int, typer.Option(min=0, help="How many lines to print.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as lines come, until Ctrl-C.")] = False,
    library: LibraryFolder = None,
    settings_file: SettingsFile = None,
) -> None:
    """Print the end of the daemon's log file."""
    from contextlib import suppress

    path = read_settings(settings_file, library=library).log_path
    with _opened(path) as file:
        for line in deque(file, lines):
            print(plain(line.rstrip("\n")))
        if follow:
            with suppress(KeyboardInterrupt):
                _print_more(path, file)


def _opened(path: Path) -> IO[str]:
    """Open the log. Raises BridgeError `missing` if it cannot be read."""
    try:
        return path.open(encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise BridgeError(
            "missing",
            f"no log in `{path}` ({error.strerror}): `msanii-bridge serve` writes it, "
            "unless `log_file` is false in the settings",
        ) from error


def _print_more(path: Path, file: IO[str]) -> None:
    """Print what is added to the file, and to the one that comes after it."""
    while True:
        for line in file:
            print(plain(line.rstrip("\n")), flush=True)
        if _is_turned_over(path, file):
            file = _opened(path)
            continue
        time.sleep(_LOOK_SECONDS)


def _is_turned_over(path: Path, file: IO[str]) -> bool:
    """Whether a new file has the name; a file that shrank, as by hand, is read anew too."""
    import os

    try:
        now = path.stat()
    except OSError:
        return False
    return not os.path.samestat(now, os.fstat(file.fileno())) or now.st_size < file.tell()
