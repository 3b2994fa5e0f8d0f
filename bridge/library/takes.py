"""The library of takes as the daemon uses it: names for new takes, the index, stars and sources."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bridge.library.folders import INNER, LibraryFolders
from bridge.library.index import Index
from bridge.library.stars import write_star
from bridge.library.take import Take, read_take
from bridge.messages import BridgeError, Job
from bridge.system.disk import PART_SUFFIX, discard, lock_folder, make_folder


class Library(LibraryFolders):
    """A library that this process alone writes to, until `close`. Commands in the terminal use `Shelf`.

    Use it from one thread only, except for `keep_source` and `source_path`.

    Raises:
        BridgeError: `folder` if it cannot be created or written, or another daemon uses it or its drop
            folder; `disk` if its disk is full; `busy` if another program holds its index.
    """

    def __init__(self, folder: Path, *, drop_folder: Path | None = None) -> None:
        super().__init__(folder, drop_folder)
        for needed in (self.sources, self.takes_folder / INNER):
            make_folder(needed)
        # Two daemons in one drop folder would give the same names, and delete each other's parts.
        is_one = self.takes_folder.samefile(self.folder)
        with ExitStack() as opened:
            for locked in (self.folder,) if is_one else (self.folder, self.takes_folder):
                opened.callback(lock_folder(locked / INNER / "lock", locked).release)
            self._index = Index(self)
            opened.callback(self._index.close)
            self._sweep()
            self._index.refresh()
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close the index and release the lock on the library."""
        self._opened.close()

    def allocate_names(self, job: Job) -> list[Path]:
        """Allocate a path for each of the job's takes; an interrupted job gets the same paths again.

        Raises:
            BridgeError: `disk` or `folder` if the index cannot be written, `busy` if another program
                holds it.
        """
        return self._index.allocate(job)

    def add(self, path: Path) -> Take:
        """Add a finished file to the index. Raises BridgeError `source` if it has no recipe."""
        take = read_take(path)
        self._index.add(take)
        return take

    def first_take(self, job_id: str) -> Path | None:
        """Return the first take of a job, or None if it is not finished or no longer exists."""
        name = self._index.first_name(job_id)
        path = self.takes_folder / name
        return path if name and path.exists() else None

    def star(self, path_or_name: str, on: bool) -> Take:
        """Star a take, or remove its star; see `star`."""
        return star(self, path_or_name, on)

    def _sweep(self) -> None:
        """Delete the partial files of killed renders; only the holder of the locks may do so."""
        folders = {self.folder, self.takes_folder, self.inner, self.sources}
        discard(part for folder in folders for part in folder.glob(f"*{PART_SUFFIX}"))


def star(folders: LibraryFolders, path_or_name: str, on: bool) -> Take:
    """Star a take, or remove its star. This looks at one file, not at the whole library.

    Raises:
        BridgeError: `missing` if the library has no such take; `disk` or `folder` if the list of stars
            cannot be written.
    """
    path = folders.find(path_or_name)
    try:
        take = read_take(path) if path is not None else None
    except BridgeError:
        take = None
    if take is None:
        raise BridgeError(
            "missing",
            f"take `{Path(path_or_name).name}`: not in this library; `msanii-bridge takes` lists them",
        )
    write_star(folders.starred_path, take.name, on)
    return replace(take, starred=on)
