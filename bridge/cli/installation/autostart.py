"""The command `autostart`: whether the daemon starts when you log in."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import plain
from bridge.messages import BridgeError

if TYPE_CHECKING:
    from bridge.system.autostart import Autostart, Command

_COMMAND_SECONDS = 30.0


class Switch(StrEnum):
    """What to do."""

    on = "on"
    off = "off"
    status = "status"


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(autostart)


def autostart(switch: Annotated[Switch, typer.Argument(help="on, off, or status to look.")]) -> None:
    """Switch on or off that the daemon starts when you log in, with what settings.yaml says."""
    from bridge.system.autostart import autostart as autostart_of

    program = (sys.executable, "-m", "bridge", "serve")
    found = autostart_of(sys.platform, os.environ, Path.home(), program)
    match switch:
        case Switch.on:
            switch_on(found)
            print(plain(f"the daemon {found.does_now}"))
        case Switch.off:
            switch_off(found)
    state = "on" if found.path.exists() else "off"
    print(plain(f"autostart is {state} ({found.path})"))


def switch_on(found: Autostart) -> None:
    """Write the file and put it to use. Raises BridgeError, and leaves no file, if that fails."""
    from bridge.system.disk import write_whole

    switch_off(found)  # launchd does not load again what it has loaded
    write_whole(found.path, found.content)
    for command in found.on:
        problem = _problem(command)
        if problem:
            switch_off(found)
            raise BridgeError("folder", f"autostart: `{' '.join(command)}` failed: {problem}; it stays off")


def switch_off(found: Autostart) -> None:
    """End what the file has started and remove it. Raises BridgeError if it cannot be removed."""
    from bridge.system.disk import disk_error

    if not found.path.exists():
        return
    for command in found.off:
        _problem(command)  # what was never put to use cannot be put out of use
    try:
        found.path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, found.path.parent) from error
    for command in found.removed:
        _problem(command)


def _problem(command: Command) -> str:
    """Run a command; return what it says if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 (the system's own programs, with our paths)
            command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or f"status {done.returncode}"
