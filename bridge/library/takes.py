"""The library of takes as the daemon uses it: names for new takes, the index, stars, labels and sources."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bridge.library.folders import INNER, LibraryFolders
from bridge.library.index import Index
from bridge.library.labels import mended_labels, read_labels, write_label
from bridge.library.stars import write_star
from bridge.library.take import Take, read_take
from bridge.messages import BridgeError, Job
from bridge.system.disk import PART_SUFFIX, discard, lock_folder, make_folder
from bridge.values import check_label

_log = logging.getLogger(__name__)


class Library(LibraryFolders):
    """A library that this process alone writes to, until `close`. Commands in the terminal use `Shelf`.

    Use it from one thread only, except for `keep_source`, `source_path` and `named`.

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
            _mend_labels(self.labels_path)
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

    def variations(self, name: str) -> list[str]:
        """Return the file names of the takes of the same job that are there, in order."""
        names = self._index.names_of_job_with(name)
        return [each for each in names if (self.takes_folder / each).exists()]

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
        BridgeError: as `find_take`; `disk` or `folder` if the list of stars cannot be written.
    """
    take = find_take(folders, path_or_name)
    write_star(folders.starred_path, take.name, on)
    return replace(take, starred=on)


def name_take(folders: LibraryFolders, path_or_name: str, label: str, *, may_replace: bool = True) -> Take:
    """Give a take a label, or take it away with an empty one; its file keeps its name.

    Without `may_replace` only a take that has no label gets one, and only one that no other take has.

    Raises:
        BridgeError: as `check_label` and `find_take`; `forbidden` without `may_replace`; `disk` or `folder`
            if the labels cannot be written.
    """
    label = check_label(label)
    take = find_take(folders, path_or_name)
    labels = read_labels(folders.labels_path)
    if not may_replace and labels.get(take.name, label) != label:
        raise _taken(f"take `{take.name}`", labels[take.name])
    others = {name: each.casefold() for name, each in labels.items() if name != take.name}
    if not may_replace and label.casefold() in others.values():
        raise _taken("another take", label)
    write_label(folders.labels_path, take.name, label)
    return replace(take, label=label)


def find_take(folders: LibraryFolders, path_or_name: str) -> Take:
    """Return the take at a path, or of a file name or label. Raises BridgeError `missing`, `value`."""
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
    return take


def _mend_labels(path: Path) -> None:
    """Set a damaged list of labels aside; one that cannot be read keeps nobody from making takes."""
    try:
        mended_labels(path)
    except BridgeError as error:
        _log.error("%s", error)


def _taken(what: str, label: str) -> BridgeError:
    why = f"{what} is named `{label}` already, which a client on the network may not change"
    return BridgeError("forbidden", f"{why}; set `network_may_overwrite` in the daemon's settings")
