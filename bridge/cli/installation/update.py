"""The command `update`: the line that updates this copy of the program. Nothing is looked up online."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bridge.cli.options import LibraryFolder, SettingsFile, plain, read_settings

if TYPE_CHECKING:
    from bridge.library.daemon_record import DaemonRecord


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(update)


def update(library: LibraryFolder = None, settings_file: SettingsFile = None) -> None:
    """Say how to update this copy, and whether the daemon must be restarted. Looks nothing up online."""
    from bridge.cli.installation.program import this_program
    from bridge.library.daemon_record import running_daemon
    from bridge.render.status import version

    program = this_program()
    print(plain(f"msanii-bridge {version()} was installed {program.how}. To update it, run"))
    print(plain(f"  {program.update_line()}"))
    if program.comes_from_file:
        print("with the path of the new version in place of NEW.whl.")
    try:
        record = running_daemon(read_settings(settings_file, library=library).library)
    except OSError:
        record = None
    if record is None:
        return
    if is_outdated(record):
        print(
            plain(f"The daemon (process {record.pid}) runs an older version, {record.version}: restart it.")
        )
        print(plain(f"  {restart_line(record)}"))
    else:
        print(
            plain(f"Then restart the daemon (process {record.pid}), which keeps the old version until then:")
        )
        print(plain(f"  {restart_line(record)}"))


def is_outdated(record: DaemonRecord) -> bool:
    """Whether the program's files are newer than what the daemon runs."""
    from bridge.cli.installation.program import newest_file_seconds, this_program
    from bridge.render.status import version

    return record.version != version() or newest_file_seconds(this_program()) > record.since


def restart_line(record: DaemonRecord) -> str:
    """Return the line that restarts the daemon, as it is started at login if it is."""
    import os

    from bridge.system.autostart import autostart

    try:
        found = autostart(sys.platform, os.environ, Path.home(), (sys.executable,))
    except Exception:  # no home, or a path that systemd refuses: then nothing starts it at login
        found = None
    if found is not None and found.path.exists() and found.restart:
        return " ".join(found.restart)
    return f"{end_line(record)}, then msanii-bridge serve"


def end_line(record: DaemonRecord) -> str:
    """Return the line that ends the daemon, as Ctrl-C in its terminal does."""
    return f"taskkill /F /PID {record.pid}" if sys.platform == "win32" else f"kill {record.pid}"
