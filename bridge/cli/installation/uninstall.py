"""The command `uninstall`: removes what the program left on this computer, nothing that a user made."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import LibraryFolder, plain, read_settings
from bridge.messages import BridgeError

if TYPE_CHECKING:
    from bridge.cli.daw_scripts.programs import Program
    from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Removal:
    """Something to remove: what it is, where, and how."""

    what: str
    path: Path
    remove: Callable[[Path], None]


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(uninstall)


def uninstall(
    with_settings: Annotated[bool, typer.Option("--settings", help="Remove settings.yaml too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LibraryFolder = None,
) -> None:
    """Remove what the program left on this computer; takes, presets and taught sounds stay."""
    from bridge.cli.installation.program import this_program

    settings = _settings(library)
    removals = what_goes(settings, with_settings=with_settings)
    for removal in removals:
        print(plain(f"goes   {removal.what}: {removal.path}"))
    for what, path in what_stays(settings, with_settings=with_settings):
        print(plain(f"stays  {what}: {path}"))
    _refuse_while_running(settings)
    if removals:
        if not yes and not typer.confirm("Remove what goes?"):
            print("nothing was removed")
            raise typer.Exit(1)
        failed = [sentence for removal in removals if (sentence := _removed(removal))]
        for sentence in failed:
            print(plain(sentence))
        print(f"removed {len(removals) - len(failed)} of {len(removals)}")
    print("To remove the program itself, run")
    print(plain(f"  {this_program().removal_line()}"))
    if removals and failed:
        raise typer.Exit(1)


def what_goes(settings: Settings, *, with_settings: bool) -> list[Removal]:
    """Return what is there to be removed."""
    from bridge.library.folders import LibraryFolders
    from bridge.settings import default_settings_path, log_folder
    from bridge.system.log_file import log_files

    inner = LibraryFolders(settings.library, settings.drop_folder)
    found = [
        *_autostart_entry(),
        *(Removal("device of Live", path, _to_trash) for path in device_files()),
        *_installed_scripts(),
        *([Removal("logs", log_folder(), _remove_logs)] if log_files(log_folder()) else []),
        Removal("what was heard in files", inner.heard, shutil.rmtree),
        *([Removal("settings", default_settings_path(), _to_trash)] if with_settings else []),
    ]
    return [removal for removal in found if removal.path.exists()]


def what_stays(settings: Settings, *, with_settings: bool) -> list[tuple[str, Path]]:
    """Return what is there and stays, with what it is."""
    from bridge.settings import default_settings_path

    folders = [
        ("takes, recipes and stars", settings.library),
        ("takes", settings.drop_folder),
        ("presets and MIDI maps", settings.presets_folder),
        ("taught sounds", settings.sounds_folder),
        ("models", settings.models_folder),
        ("settings", None if with_settings else default_settings_path()),
    ]
    return [(what, path) for what, path in folders if path is not None and path.exists()]


def _installed_scripts() -> Iterator[Removal]:
    """What `install` has put into other programs' folders; a script that the user changed stays there."""
    from bridge.cli.daw_scripts.programs import PROGRAMS
    from bridge.cli.daw_scripts.records import user_records

    records = user_records()
    for program in PROGRAMS.values():
        installed = records.get(program.name)
        if installed is not None and program.name != "max":
            base = Path(installed.base)
            yield Removal(
                f"scripts of {program.title}", base / program.below, partial(_remove_scripts, program, base)
            )
    # Last, since it says what is theirs.
    yield Removal("list of installed scripts", records.path, lambda path: path.unlink(missing_ok=True))


def _remove_scripts(program: Program, base: Path, _folder: Path) -> None:
    from bridge.cli.daw_scripts.records import user_records

    for sentence in program.remove(base, user_records()):
        print(plain(sentence))


def device_files() -> list[Path]:
    """Return the files of the installed copy of the Max for Live device; none if Live is not found."""
    from bridge.cli.daw_scripts.files import KEPT_SUFFIX
    from bridge.cli.daw_scripts.max_device import FILES, PLACE
    from bridge.library.user_library import find_user_library

    try:
        folder = find_user_library() / PLACE
    except BridgeError:
        return []
    names = [name + suffix for name in FILES for suffix in ("", KEPT_SUFFIX)]
    return [folder / name for name in names if (folder / name).is_file()]


def _settings(library: Path | None) -> Settings:
    """Read the settings; those that cannot be read keep nobody from removing the program."""
    from bridge.settings import Settings as Defaults

    try:
        return read_settings(None, library=library)
    except BridgeError:
        return Defaults() if library is None else Defaults(library=library)


def _autostart_entry() -> list[Removal]:
    from bridge.cli.installation.autostart import switch_off
    from bridge.system.autostart import autostart

    try:
        found = autostart(sys.platform, os.environ, Path.home(), (sys.executable,))
    except (BridgeError, RuntimeError):  # a path that systemd refuses; no home folder
        return []
    return [Removal("start at login", found.path, lambda _path: switch_off(found))]


def _refuse_while_running(settings: Settings) -> None:
    """Raise BridgeError `busy` if a daemon runs; one that starts at login is stopped with that."""
    from bridge.cli.installation.update import end_line
    from bridge.library.daemon_record import running_daemon

    try:
        record = running_daemon(settings.library)
    except OSError:
        return
    if record is None or any(entry.path.exists() for entry in _autostart_entry()):
        return
    raise BridgeError(
        "busy",
        f"a daemon runs (process {record.pid}): stop it by Ctrl-C in its terminal, or `{end_line(record)}`, "
        "and run this again; nothing was removed",
    )


def _removed(removal: Removal) -> str:
    """Remove it; return why not, if that fails."""
    try:
        removal.remove(removal.path)
    except BridgeError as error:
        return error.message
    except Exception as error:  # send2trash raises errors of the system's own
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return f"{removal.path} could not be removed ({reason}): delete it yourself"
    return ""


def _remove_logs(folder: Path) -> None:
    from bridge.system.log_file import log_files

    for path in log_files(folder):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # something else is in it
        folder.rmdir()


def _to_trash(path: Path) -> None:
    from send2trash import send2trash

    send2trash(str(path))
    with suppress(OSError):
        if path.parent.name == "Msanii":  # the device's folder, if nothing else is in it
            path.parent.rmdir()
