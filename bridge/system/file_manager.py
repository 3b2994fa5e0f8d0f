"""Shows files in this machine's file manager: Finder, Explorer, or that of a Linux desktop."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from bridge.messages import BridgeError

# A program of the desktop that goes on for longer is at work: some end with their window.
_PATIENCE_SECONDS = 3.0
_FILE_MANAGER = "org.freedesktop.FileManager1"


def reveal(path: Path) -> None:
    """Show a file, selected where the file manager can do that. Takes seconds at most.

    Raises BridgeError `missing` if no file manager of this machine can be asked.
    """
    if not any(_starts(command) for command in _commands(path.absolute())):
        raise BridgeError(
            "missing",
            f"the daemon reaches no file manager: this machine has none, or no desktop; `{path.name}` is in "
            f"`{path.parent}`",
        )


def _commands(path: Path) -> Iterator[Sequence[str] | str]:
    """Yield the commands that show a file, in the order in which to try them."""
    if sys.platform == "darwin":
        yield "open", "-R", str(path)
    elif sys.platform == "win32":
        yield f'explorer /select,"{path}"'  # quoted as a whole, Explorer would not take it
    else:
        # https://www.freedesktop.org/wiki/Specifications/file-manager-interface/
        # In a URI a comma is escaped, so dbus-send does not take it for the end of an item.
        yield (
            "dbus-send", "--session", "--print-reply", f"--dest={_FILE_MANAGER}",
            f"/{_FILE_MANAGER.replace('.', '/')}", f"{_FILE_MANAGER}.ShowItems",
            f"array:string:{path.as_uri()}", "string:",
        )  # fmt: skip
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            # Without a screen it would start a browser in the daemon's terminal.
            yield "xdg-open", str(path.parent)


def _starts(command: Sequence[str] | str) -> bool:
    """Run a program of the desktop; return whether it ended well, or goes on."""
    try:
        process = subprocess.Popen(  # noqa: S603  (fixed programs; a take's path is one argument)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the daemon's Ctrl-C is not for it
        )
    except OSError:
        return False
    try:
        failed = process.wait(_PATIENCE_SECONDS) != 0
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, name="file manager", daemon=True).start()
        return True
    return not failed or sys.platform == "win32"  # Explorer's exit status is always 1
