"""Files and folder locks on disk, with errors worded for musicians."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import filelock

from bridge.messages import BridgeError

# Suffix of files being written. A drop folder may hold other programs' `.part` files.
PART_SUFFIX = ".msanii-part"

_FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name))


def disk_error(error: OSError, folder: Path) -> BridgeError:
    """Return the BridgeError for a failed write: code `disk` if the disk is full, else `folder`."""
    if error.errno in _FULL:
        return full_disk(folder)
    return not_writable(folder, error.strerror or str(error))


def full_disk(folder: Path) -> BridgeError:
    """Return the error for a folder on a full disk."""
    return BridgeError("disk", f"the disk of `{folder}` is full: free some space and ask again")


def not_writable(folder: Path, reason: str) -> BridgeError:
    """Return the error for a folder that cannot be written for some other reason."""
    return BridgeError(
        "folder", f"cannot write in `{folder}` ({reason}): make it writable, or choose another folder"
    )


def make_folder(folder: Path) -> None:
    """Create a folder and its parents. Raises BridgeError `folder` or `disk`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, folder) from error


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, or a link to one, for reading: a pipe or a device could block or never end.

    Raises OSError, also for anything that is not a regular file.
    """
    # Look before opening, since to open a device may already set it going; look again at what was opened.
    _require_regular(path, path.stat())
    file = open(path, "rb", opener=_opened_without_waiting)  # noqa: SIM115  (the caller closes it)
    try:
        _require_regular(path, os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically, creating its folder if missing. Raises BridgeError `folder` or `disk`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _part(path, data) as part:
            part.replace(path)
    except OSError as error:
        raise disk_error(error, path.parent) from error


def write_new(path: Path, data: bytes | memoryview) -> None:
    """Write a file atomically, and synced to disk. Raises FileExistsError instead of overwriting, OSError."""
    with _part(path, data) as part:
        _rename_to_new(part, path)
    _sync_folder(path.parent)


def part_path(path: Path) -> Path:
    """Return a path for a file to be renamed to `path`. Nobody can put a link or pipe there beforehand."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART_SUFFIX}")


def parts_of(path: Path) -> list[Path]:
    """Return what killed writers of the file left."""
    return list(path.parent.glob(f".{glob.escape(path.name)}.*{PART_SUFFIX}"))


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
            f"another msanii-bridge already uses the folder `{folder}`: use that one, stop it, "
            "or give this one another folder",
        ) from error
    except OSError as error:
        raise disk_error(error, folder) from error
    return lock


def _require_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))


def _opened_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextmanager
def _part(path: Path, data: bytes | memoryview) -> Iterator[Path]:
    """Write data to a new file beside `path`, for the block to rename; remove it if it does not."""
    part = part_path(path)
    file = part.open("xb")  # follows no link
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        discard([part])


def _rename_to_new(part: Path, path: Path) -> None:
    if os.name == "nt":
        part.rename(path)  # on Windows this fails if the name exists
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError as error:
        # exFAT and some network folders have no hard links; the library's counter keeps names apart.
        if path.exists():
            raise FileExistsError(path) from error
        part.rename(path)


def _sync_folder(folder: Path) -> None:
    """Make a new file name survive a power cut, on systems that can sync folders."""
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
