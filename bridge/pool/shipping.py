"""Files that travel to and from the renderers of a pool, with their SHA-256 checked on arrival.

Models and other folders are kept on each node under their digest, so that each is sent once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

from bridge.messages import BridgeError

_HEX_OF_A_NAME = 32


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file's name, relative to its folder, with `/` between parts; its bytes, and their SHA-256."""

    name: str
    data: bytes
    sha256: str

    @classmethod
    def read(cls, path: Path, name: str) -> SentFile:
        """Read a file. Raises OSError."""
        data = path.read_bytes()
        return cls(name, data, hashlib.sha256(data).hexdigest())

    def checked(self) -> bytes:
        """Return the bytes. Raises BridgeError `render` if they are not those that were sent."""
        if hashlib.sha256(self.data).hexdigest() != self.sha256:
            raise BridgeError("render", f"`{self.name}` was damaged on its way to or from a node of the pool")
        return self.data


@dataclass(frozen=True, slots=True)
class FolderRef:
    """A folder by its name and the digest of its files, wherever it is."""

    name: str
    digest: str


def folder_ref(folder: Path) -> FolderRef:
    """Return the name and digest of a folder, from the names and contents of its files. Raises OSError."""
    whole = hashlib.sha256()
    for path in _files_of(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return FolderRef(folder.name, whole.hexdigest())


def folder_version(folder: Path) -> tuple[object, ...]:
    """Return a key that changes when a file of a folder does. Raises OSError."""
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in _files_of(folder))


def read_folder(folder: Path) -> tuple[SentFile, ...]:
    """Read all files of a folder. Raises OSError."""
    return tuple(SentFile.read(path, path.relative_to(folder).as_posix()) for path in _files_of(folder))


class NodeCache:
    """The folders that a node has been sent, in `folder`, or else in the user's cache folder."""

    def __init__(self, folder: str = "") -> None:
        self._folder = Path(folder or platformdirs.user_cache_dir("msanii-bridge")) / "pool"

    def path(self, ref: FolderRef) -> Path:
        """Return where a folder is kept, whether or not it is there."""
        return self._folder / ref.digest[:_HEX_OF_A_NAME] / ref.name

    def has(self, ref: FolderRef) -> bool:
        """Return whether a folder is kept here."""
        return self.path(ref).is_dir()

    def keep(self, ref: FolderRef, files: Sequence[SentFile]) -> Path:
        """Write a folder whole or not at all; several processes may do so at once.

        Raises BridgeError `render` if it is not the folder that `ref` names, or cannot be written.
        """
        path = self.path(ref)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(path.parent / "lock"):
                if not path.is_dir():
                    self._write(path, ref, files)
        except OSError as error:
            raise BridgeError(
                "render",
                f"a node of the pool cannot keep `{ref.name}` in `{self._folder}` ({error.strerror}); "
                "free some space there, or make the folder writable",
            ) from error
        return path

    def _write(self, path: Path, ref: FolderRef, files: Sequence[SentFile]) -> None:
        part = Path(tempfile.mkdtemp(dir=path.parent, prefix="part-")) / ref.name
        try:
            part.mkdir()
            write_files(part, files)
            if folder_ref(part) != ref:
                raise BridgeError("render", f"`{ref.name}` reached a node of the pool incomplete")
            os.replace(part, path)
        finally:
            shutil.rmtree(part.parent, ignore_errors=True)


def write_files(folder: Path, files: Iterable[SentFile]) -> list[Path]:
    """Write files into a folder; return their paths. Raises BridgeError `render`, OSError."""
    paths = []
    for file in files:
        path = folder / file.name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BridgeError("render", f"`{file.name}` is outside the folder that it was sent to")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.checked())
        paths.append(path)
    return paths


def _files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
