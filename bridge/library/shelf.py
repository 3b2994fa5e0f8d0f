"""The library of takes as the terminal shows it, beside a running daemon: it only reads index and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from bridge.library.folders import LibraryFolders
from bridge.library.index import known_takes, read_takes
from bridge.library.labels import read_labels
from bridge.library.stars import read_stars
from bridge.library.take import Take
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError


class Shelf(LibraryFolders):
    """The takes of the library at `folder`, or in its `drop_folder`. `trash` moves a file to the trash."""

    def __init__(
        self, folder: Path, drop_folder: Path | None = None, *, trash: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(folder, drop_folder)
        self._trash = trash or _to_trash

    def takes(self) -> list[Take]:
        """Return all takes, newest first; of those that the index does not know, the recipes are read."""
        stars, labels, known = read_stars(self.starred_path), read_labels(self.labels_path), known_takes(self)
        paths = list(self.audio_files())
        takes = [*(known[path] for path in paths if path in known)]
        takes += read_takes(path for path in paths if path not in known)
        takes.sort(key=lambda take: (take.created, take.name), reverse=True)
        return [replace(take, starred=take.name in stars, label=labels.get(take.name, "")) for take in takes]

    def prune_candidates(self) -> list[Take]:
        """Return all takes without a star."""
        return [take for take in self.takes() if not take.starred]

    def prune(self, takes: Iterable[Take]) -> list[Take]:
        """Move takes without a star, with their accompanying files, to the trash; return those moved.

        Raises:
            BridgeError: `folder` if the system has no trash for them.
        """
        stars = read_stars(self.starred_path)
        unstarred = [take for take in takes if take.name not in stars]
        for take in unstarred:
            for path in TakeFiles(take.path).all():
                if path.exists():
                    self._move_to_trash(path)
        return unstarred

    def _move_to_trash(self, path: Path) -> None:
        try:
            self._trash(str(path))
        except OSError as error:
            raise BridgeError("folder", f"`{path.name}` cannot be moved to the trash ({error})") from error


def _to_trash(path: str) -> None:
    from send2trash import send2trash

    send2trash(path)
