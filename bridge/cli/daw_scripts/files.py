"""Puts files into other programs' folders and takes them away again. What the user changed is kept."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from bridge.cli.daw_scripts.records import digest
from bridge.messages import BridgeError
from bridge.system.disk import disk_error, write_whole

KEPT_SUFFIX = ".previous"
Digests = Mapping[str, str]


def read_file(folder: Path, name: str) -> bytes:
    """Read one of our own files. Raises BridgeError `folder`."""
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BridgeError(
            "folder", f"`{folder / name}` cannot be read ({error.strerror}): install msanii-bridge again"
        ) from error


def put_file(path: Path, data: bytes, installed: str = "") -> Iterator[str]:
    """Write a file atomically; yield a sentence per step.

    `installed` is the digest of what we wrote there before. What the user changed since stays where ours is
    still the same, and else is kept with the suffix `.previous`. Raises BridgeError `folder` or `disk`.
    """
    before = read_file(path.parent, path.name) if path.is_file() else None
    if before == data:
        yield f"{path} is up to date"
        return
    if before is not None and installed == digest(data):
        yield f"{path} stays as you changed it; delete it to have ours again"
        return
    if before is not None and digest(before) != installed:
        kept = _kept_path(path, before)
        write_whole(kept, before)
        yield f"{kept} keeps what was there"
    write_whole(path, data)
    yield f"{path} written"


def remove_files(folder: Path, files: Digests, whole_folder: bool) -> Iterator[str]:
    """Remove files that are as they were installed; yield a sentence for each. `whole_folder` is ours alone.

    Raises BridgeError `folder` if one cannot be removed.
    """
    for name, installed in files.items():
        path = folder / name
        if not path.is_file():
            continue
        if digest(read_file(folder, name)) != installed:
            yield f"{path} stays: you changed it"
            continue
        try:
            path.unlink()
        except OSError as error:
            raise disk_error(error, path.parent) from error
        yield f"{path} removed"
    below = {folder / parent for name in files for parent in Path(name).parents}
    if not whole_folder:
        below.discard(folder)
    for one in sorted(below, reverse=True):
        # Python in other programs leaves this behind.
        shutil.rmtree(one / "__pycache__", ignore_errors=True)
        with contextlib.suppress(OSError):  # not empty, or not there
            one.rmdir()


def _kept_path(path: Path, data: bytes) -> Path:
    """A name for what the user changed, which takes the place of nothing else."""
    for number in count(1):
        kept = path.with_name(path.name + KEPT_SUFFIX + (f"-{number}" if number > 1 else ""))
        if not kept.is_file() or kept.read_bytes() == data:
            break
    return kept
