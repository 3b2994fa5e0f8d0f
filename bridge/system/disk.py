"""Folders, locks and small databases on a user's disk, with failures put as sentences for musicians."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from bridge.messages import BridgeError

_log = logging.getLogger(__name__)

# What files are called while they are written: a drop folder may hold other programs' `.part` files.
PART_SUFFIX = ".msanii-part"

_FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))


def disk_error(error: OSError, folder: Path) -> BridgeError:
    """A failed write: code `disk` when there is no room, else `folder`."""
    if error.errno in _FULL:
        return BridgeError("disk", f"the disk of `{folder}` is full: free some space and ask again")
    reason = error.strerror or str(error)
    return BridgeError(
        "folder", f"cannot write in `{folder}` ({reason}): make it writable, or choose another folder"
    )


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it. Raises BridgeError `folder` or `disk`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, folder) from error


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, in a folder that is made. Raises BridgeError `folder` or `disk`."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        discard([part])
        raise disk_error(error, path.parent) from error


def discard(paths: Iterable[Path]) -> None:
    """Removes files that nobody needs; one that cannot be removed stays."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def lock_folder(lock_path: Path, folder: Path) -> filelock.BaseFileLock:
    """Holds a folder until released or the process dies. Raises BridgeError `folder` when it is held."""
    lock = filelock.FileLock(lock_path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BridgeError(
            "folder",
            f"another msanii-bridge already uses the library `{folder}`: use that one, stop it, "
            "or give this one another library folder",
        ) from error
    except OSError as error:
        raise disk_error(error, folder) from error
    return lock


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """Opens a database, made if missing; a damaged one is moved aside and a new one begun.

    Raises:
        BridgeError: `folder` or `disk` when it cannot be opened or written.
    """
    try:
        try:
            return _connect(path, schema)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # A daemon that cannot start helps nobody; the old file stays for whoever wants to look.
            _set_aside(path)
            return _connect(path, schema)
    except sqlite3.OperationalError as error:
        raise _database_error(error, path.parent) from error
    except OSError as error:
        raise disk_error(error, path.parent) from error


@contextmanager
def transaction(database: sqlite3.Connection, folder: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, committed at the end, undone on any error. Raises BridgeError `folder` or `disk`."""
    try:
        with database:
            yield database
    except sqlite3.OperationalError as error:
        raise _database_error(error, folder) from error


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        # NORMAL: a killed process loses nothing that was committed, and a burst needs no fsync per job.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(schema)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _set_aside(path: Path) -> None:
    """Renames a database with the files beside it, which may hold its latest rows."""
    aside = f"{path.name}.damaged-{secrets.token_hex(3)}"
    _log.error("`%s` is damaged: it is kept as `%s`, and a new one is begun", path.name, aside)
    # The file itself last: the rows of an old -wal must never meet a new file.
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(path.with_name(aside + suffix))


def _database_error(error: sqlite3.OperationalError, folder: Path) -> BridgeError:
    if "full" in str(error):
        return BridgeError("disk", f"the disk of `{folder}` is full: free some space and ask again")
    return BridgeError(
        "folder", f"cannot write in `{folder}` ({error}): make it writable, or choose another folder"
    )
