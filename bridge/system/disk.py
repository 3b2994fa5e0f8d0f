"""Files, folder locks and small databases on disk, with errors worded for musicians."""

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

# Suffix of files being written. A drop folder may hold other programs' `.part` files.
PART_SUFFIX = ".msanii-part"

_FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))


def disk_error(error: OSError, folder: Path) -> BridgeError:
    """Return the BridgeError for a failed write: code `disk` if the disk is full, else `folder`."""
    if error.errno in _FULL:
        return BridgeError("disk", f"the disk of `{folder}` is full: free some space and ask again")
    reason = error.strerror or str(error)
    return BridgeError(
        "folder", f"cannot write in `{folder}` ({reason}): make it writable, or choose another folder"
    )


def make_folder(folder: Path) -> None:
    """Create a folder and its parents. Raises BridgeError `folder` or `disk`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, folder) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically, creating its folder if missing. Raises BridgeError `folder` or `disk`."""
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
    """Remove files if possible; missing ones and errors are ignored."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def lock_folder(lock_path: Path, folder: Path) -> filelock.BaseFileLock:
    """Lock a folder until released or the process dies. Raises BridgeError `folder` if it is locked."""
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
    """Open a database, creating it if missing. A damaged one is renamed and replaced by a new one.

    Raises:
        BridgeError: `folder` or `disk` if it cannot be opened or written.
    """
    try:
        try:
            return _connect(path, schema)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # Better a new database than a daemon that cannot start; the old file stays for inspection.
            _set_aside(path)
            return _connect(path, schema)
    except sqlite3.OperationalError as error:
        raise _database_error(error, path.parent) from error
    except OSError as error:
        raise disk_error(error, path.parent) from error


@contextmanager
def transaction(database: sqlite3.Connection, folder: Path) -> Iterator[sqlite3.Connection]:
    """Run a transaction; commit at the end, roll back on any error. Raises BridgeError `folder` or `disk`."""
    try:
        with database:
            yield database
    except sqlite3.OperationalError as error:
        raise _database_error(error, folder) from error


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        # NORMAL: a killed process loses no committed data, and a burst of jobs needs no fsync for each.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(schema)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _set_aside(path: Path) -> None:
    """Rename a database and the files beside it, which may hold its latest rows."""
    aside = f"{path.name}.damaged-{secrets.token_hex(3)}"
    _log.error("`%s` is damaged: it is kept as `%s`, and a new one is begun", path.name, aside)
    # The database itself last: an old -wal must never be applied to a new file.
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(path.with_name(aside + suffix))


def _database_error(error: sqlite3.OperationalError, folder: Path) -> BridgeError:
    if "full" in str(error):
        return BridgeError("disk", f"the disk of `{folder}` is full: free some space and ask again")
    return BridgeError(
        "folder", f"cannot write in `{folder}` ({error}): make it writable, or choose another folder"
    )
