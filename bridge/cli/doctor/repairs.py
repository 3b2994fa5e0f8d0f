"""What `doctor --fix` repairs. It renames and makes, and deletes nothing that a musician made."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bridge.cli.daw_scripts.max_device import PLACE
from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import user_records
from bridge.cli.doctor.purpose_checks import device_problem
from bridge.library.daemon_record import running_daemon
from bridge.library.folders import INNER, LibraryFolders
from bridge.library.takes import Library
from bridge.library.user_library import find_user_library
from bridge.messages import BridgeError
from bridge.midi.map import load_map
from bridge.render.queue import RenderQueue
from bridge.render.status import version
from bridge.requests.preset_files import Preset
from bridge.requests.preset_folders import Presets
from bridge.settings import Settings, default_settings_path, factory_presets_folder, load_settings
from bridge.system.disk import PART_SUFFIX, make_folder

BROKEN_SUFFIX = ".broken"
_DAMAGED = "*.damaged-*"


def repair_settings(given: Path | None) -> list[str]:
    """Put the default settings file aside if it is broken; return what was done."""
    path = default_settings_path()
    if given is not None or not path.exists():
        return []
    try:
        load_settings(None, environment={})
    except BridgeError as error:
        return [f"{_put_aside(path)}; it said: {error.message}"]
    return []


def repair(settings: Settings) -> list[str]:
    """Repair what can be repaired; return a sentence for each thing that was done, or could not be."""
    steps: Iterable[Callable[[], list[str]]] = (
        lambda: repair_folders(own_folders(settings)),
        lambda: repair_presets(settings.presets_folder),
        lambda: repair_library(settings),
        repair_device,
    )
    said = []
    for step in steps:
        try:
            said += step()
        except BridgeError as error:
            said.append(f"not repaired: {error.message}")
        except OSError as error:
            said.append(f"not repaired: {error.filename} ({error.strerror})")
    return said or ["nothing to repair"]


def own_folders(settings: Settings) -> list[Path]:
    """Return the folders that the daemon needs, outermost first."""
    inner = LibraryFolders(settings.library, settings.drop_folder)
    folders = [
        settings.library, inner.inner, inner.sources, inner.heard, settings.exchange_folder,
        settings.presets_folder,
    ]  # fmt: skip
    logs = [settings.log_path.parent] if settings.log_file else []
    return [*folders, *([settings.drop_folder] if settings.drop_folder else []), *logs]


def repair_folders(folders: Iterable[Path]) -> list[str]:
    """Make the folders that are missing, and open those of this user that are closed to their owner."""
    said = []
    for folder in folders:
        if folder.is_dir():
            said += _opened(folder)
            continue
        try:
            make_folder(folder)
            said.append(f"made the folder {folder}")
        except BridgeError as error:
            said.append(f"not repaired: {error.message}")
    return said


def repair_presets(folder: Path) -> list[str]:
    """Put presets and MIDI maps of the user aside that cannot be read."""
    presets = Presets(factory_presets_folder(), folder)
    broken = {}
    for file in presets.files():
        if not file.is_factory and not isinstance(found := presets.read(file), Preset):
            broken[file.path] = found.message
    for path in sorted((folder / "midi").glob("*.y*ml")):
        try:
            load_map(path)
        except BridgeError as error:
            broken[path] = error.message
    return [f"{_put_aside(path)}; it said: {message}" for path, message in broken.items()]


def repair_library(settings: Settings) -> list[str]:
    """Rebuild a damaged index or queue and remove what killed daemons left, as a daemon's start does."""
    library = settings.library
    if running_daemon(library) is not None:
        return ["the library is left alone: a daemon uses it, and has looked after it as it started"]
    folders = LibraryFolders(library, settings.drop_folder)
    before, parts = _damaged(folders.inner), _parts(folders)
    record = library / INNER / "daemon.json"
    is_stale = record.exists()
    opened = Library(library, drop_folder=settings.drop_folder)
    try:
        RenderQueue(folders.journal_path).close()
    finally:
        opened.close()
    record.unlink(missing_ok=True)
    kept = sorted(_damaged(folders.inner) - before)
    said = [f"rebuilt what was damaged in the library; {path} keeps the old file" for path in kept]
    if gone := parts - _parts(folders):
        said.append(f"removed {len(gone)} unfinished file{'s' * (len(gone) > 1)} of a killed daemon")
    return said + ["removed the record of a killed daemon"] * is_stale


def repair_device() -> list[str]:
    """Install the device again where its installed copy is damaged or older; what was there is kept."""
    try:
        folder = find_user_library() / PLACE
    except BridgeError:
        return []
    problem = device_problem(folder) if folder.is_dir() else ""
    if not problem:
        return []
    program, records = PROGRAMS["max"], user_records()
    said = program.install(program.base(None, records), records, version(), keeps_changes=False)
    return [f"{problem}: installed it again", *said]


def _put_aside(path: Path) -> str:
    """Rename a file, and say so. Raises OSError."""
    number = 1
    while (aside := path.with_name(f"{path.name}{BROKEN_SUFFIX}-{number}")).exists():
        number += 1
    path.rename(aside)
    return f"put {path} aside as {aside.name}"


def _opened(folder: Path) -> list[str]:
    """Let the owner read and write a folder again; say who can where that is not this user."""
    if sys.platform == "win32":
        return [] if os.access(folder, os.W_OK) else [f"not repaired: {folder} is read-only for you"]
    status = folder.stat()
    mine = status.st_uid == os.geteuid()
    if mine and status.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IRWXU)
        return [f"{folder} can be read and written again"]
    if not mine and not os.access(folder, os.W_OK):
        return [f'not repaired: {folder} belongs to another user; run: sudo chown -R "$USER" "{folder}"']
    return []


def _damaged(inner: Path) -> set[Path]:
    return set(inner.glob(_DAMAGED))


def _parts(folders: LibraryFolders) -> set[Path]:
    places = {folders.folder, folders.takes_folder, folders.inner, folders.sources}
    return {part for place in places for part in place.glob(f"*{PART_SUFFIX}")}
