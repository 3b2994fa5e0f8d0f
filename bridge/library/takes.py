"""The library of takes. The files on disk are authoritative; SQLite is only an index.

    <library>/                       takes and their recipes, unless there is a drop folder
    <library>/.msanii/journal.sqlite the job queue
    <library>/.msanii/index.sqlite   allocated names and known takes; rebuilt from the files if lost
    <library>/.msanii/starred        names of starred takes, one per line
    <library>/.msanii/sources/       source audio by hash

Use a library from one thread only, except for `keep_source` and `source_path`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.library.file_names import EXTENSIONS, file_name
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.sources import find_source, keep_source
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, Job, SourceAudio
from bridge.system.disk import (
    PART_SUFFIX,
    discard,
    disk_error,
    lock_folder,
    make_folder,
    open_database,
    transaction,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS names (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL,
    take INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (job_id, take)
);
CREATE TABLE IF NOT EXISTS takes (
    path TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    bpm REAL NOT NULL,
    preset TEXT NOT NULL,
    created TEXT NOT NULL
);
"""
_AUDIO_SUFFIXES = frozenset(EXTENSIONS.values())


@dataclass(frozen=True, slots=True)
class Take:
    """A finished audio file in the library; `created` is an ISO 8601 time in UTC."""

    path: Path
    bytes: int
    seconds: float
    bpm: float
    preset: str
    created: str
    starred: bool

    @property
    def name(self) -> str:
        """The file name, unique in its library."""
        return self.path.name


class Library:
    """A folder of takes. The daemon opens it with `exclusive`, terminal commands without.

    Takes are written to `drop_folder` if given, else to `folder`. `trash` moves a file to the trash.

    Raises:
        BridgeError: `folder` if it cannot be created or written, or another daemon uses it; `disk` if its
            disk is full.
    """

    def __init__(
        self,
        folder: Path,
        *,
        drop_folder: Path | None = None,
        exclusive: bool = True,
        trash: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder
        self.takes_folder = drop_folder or folder
        self._inner = folder / ".msanii"
        self._sources = self._inner / "sources"
        self._starred = self._inner / "starred"
        self._trash = trash or _to_trash
        for needed in (self._sources, self.takes_folder):
            make_folder(needed)
        self._lock = lock_folder(self._inner / "lock", folder) if exclusive else None
        try:
            self._index = open_database(self._inner / "index.sqlite", _SCHEMA)
            if exclusive:
                self._sweep()
            self.refresh()
        except BaseException:
            self._release()
            raise

    @property
    def journal_path(self) -> Path:
        """The path of the queue's journal."""
        return self._inner / "journal.sqlite"

    def close(self) -> None:
        """Close the index and release the lock on the library."""
        self._index.close()
        self._release()

    def allocate_names(self, job: Job) -> list[Path]:
        """Allocate a path for each of the job's takes; an interrupted job gets the same paths again.

        Raises:
            BridgeError: `disk` or `folder` if the index cannot be written.
        """
        with transaction(self._index, self._inner):
            return [self._allocate(job, take) for take in job.request.takes]

    def add(self, path: Path) -> Take:
        """Add a finished file to the index. Raises BridgeError `source` if it has no recipe."""
        recipe = _recipe_of(path)
        row = _row(path, recipe)
        with transaction(self._index, self._inner):
            self._index.execute("INSERT OR REPLACE INTO takes VALUES (?, ?, ?, ?, ?, ?)", row)
        return _take(row, self._stars())

    def first_take(self, job_id: str) -> Path | None:
        """Return the first take of a job, or None if it is not finished or no longer exists."""
        query = "SELECT name FROM names WHERE job_id = ? AND take = 0"
        found = self._index.execute(query, (job_id,)).fetchone()
        path = self.takes_folder / str(found[0]) if found and found[0] else None
        return path if path is not None and path.exists() else None

    def takes(self) -> list[Take]:
        """Return all takes whose files exist, oldest first."""
        stars = self._stars()
        rows = self._index.execute("SELECT * FROM takes ORDER BY created, path").fetchall()
        return [_take(row, stars) for row in rows if Path(row[0]).exists()]

    def refresh(self) -> None:
        """Update the index from the files: remove entries of missing files, add new ones."""
        known = {row[0] for row in self._index.execute("SELECT path FROM takes")}
        found = {str(path) for path in self._audio_files()}
        rows = []
        for path in sorted(found - known):
            try:
                rows.append(_row(Path(path), _recipe_of(Path(path))))
            except BridgeError:
                continue  # other audio of the user, not a take
        with transaction(self._index, self._inner):
            self._index.executemany("DELETE FROM takes WHERE path = ?", [(path,) for path in known - found])
            self._index.executemany("INSERT OR REPLACE INTO takes VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._raise_counter(Path(row[0]) for row in rows)

    def star(self, path_or_name: str, on: bool) -> Take:
        """Star a take, or remove its star.

        Raises:
            BridgeError: `missing` if the library has no such take; `disk` or `folder` if the list of stars
                cannot be written.
        """
        wanted = Path(path_or_name)
        for take in self.takes():
            if take.name == wanted.name and (len(wanted.parts) == 1 or take.path == wanted):
                stars = self._stars() | {take.name} if on else self._stars() - {take.name}
                self._write_stars(stars)
                return _take(_row(take.path, _recipe_of(take.path)), stars)
        raise BridgeError(
            "missing", f"take `{wanted.name}`: not in this library; `msanii-bridge takes` lists them"
        )

    def prune_candidates(self) -> list[Take]:
        """Return all takes without a star."""
        return [take for take in self.takes() if not take.starred]

    def prune(self, takes: Iterable[Take]) -> list[Take]:
        """Move takes without a star, with their accompanying files, to the trash; return those moved.

        Raises:
            BridgeError: `folder` if the system has no trash for them.
        """
        stars, moved = self._stars(), []
        for take in takes:
            if take.name in stars:
                continue
            for path in TakeFiles(take.path).all():
                if path.exists():
                    self._move_to_trash(path)
            moved.append(take)
        self.refresh()
        return moved

    def keep_source(self, path: str, allowed_folders: Sequence[Path] | None) -> SourceAudio:
        """Copy an audio file under its hash; see `sources.keep_source`. A bare name may be that of a take."""
        return keep_source(path, self._sources, allowed_folders=allowed_folders, bases=[self.takes_folder])

    def source_path(self, source: SourceAudio) -> Path:
        """Return the library's copy of a source. Raises BridgeError `source` if it is gone."""
        return find_source(source, self._sources)

    def _allocate(self, job: Job, take: int) -> Path:
        given = self._index.execute(
            "SELECT name FROM names WHERE job_id = ? AND take = ?", (job.job_id, take)
        ).fetchone()
        if given:
            return self.takes_folder / str(given[0])
        while True:
            cursor = self._index.execute(
                "INSERT OR REPLACE INTO names (job_id, take, name) VALUES (?, ?, '')", (job.job_id, take)
            )
            number = int(cursor.lastrowid or 0)
            path = self.takes_folder / file_name(job.request, take, number)
            # If the index was lost, the counter may lag behind the files. Audio of any format takes a name.
            others = (path.with_suffix(suffix) for suffix in _AUDIO_SUFFIXES)
            if not any(other.exists() for other in (*others, *TakeFiles(path).all())):
                self._index.execute("UPDATE names SET name = ? WHERE number = ?", (path.name, number))
                return path

    def _raise_counter(self, paths: Iterable[Path]) -> None:
        """Advance the counter past the highest number at the end of a file name."""
        numbers = [int(match[1]) for path in paths if (match := re.search(r"_(\d{1,9})$", path.stem))]
        if numbers:
            self._index.execute(
                "INSERT OR IGNORE INTO names (number, job_id, take, name) VALUES (?, '', ?, '')",
                (max(numbers), max(numbers)),
            )

    def _audio_files(self) -> Iterable[Path]:
        for folder in {self.folder, self.takes_folder}:
            for entry in os.scandir(folder):
                path = Path(entry.path)
                if path.suffix in _AUDIO_SUFFIXES and not path.name.startswith(".") and entry.is_file():
                    yield path

    def _sweep(self) -> None:
        """Delete the partial files of killed renders; only the holder of the lock may do so."""
        discard([*self.takes_folder.glob(f".*{PART_SUFFIX}"), *self._sources.glob(f"*{PART_SUFFIX}")])

    def _stars(self) -> frozenset[str]:
        try:
            return frozenset(self._starred.read_text(encoding="utf-8").splitlines())
        except FileNotFoundError:
            return frozenset()

    def _write_stars(self, stars: Iterable[str]) -> None:
        part = self._starred.with_suffix(".part")
        try:
            part.write_text("".join(f"{name}\n" for name in sorted(stars)), encoding="utf-8")
            part.replace(self._starred)
        except OSError as error:
            raise disk_error(error, self._inner) from error

    def _move_to_trash(self, path: Path) -> None:
        try:
            self._trash(str(path))
        except OSError as error:
            raise BridgeError("folder", f"`{path.name}` cannot be moved to the trash ({error})") from error

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _recipe_of(path: Path) -> Recipe:
    return read_recipe(TakeFiles(path).recipe_source())


def _row(path: Path, recipe: Recipe) -> tuple[str, int, float, float, str, str]:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise BridgeError("source", f"take `{path.name}`: there is no such file") from error
    request = recipe.request
    return str(path), size_bytes, recipe.seconds, request.known_bpm, request.preset, recipe.created


def _take(row: tuple[str, int, float, float, str, str], stars: frozenset[str]) -> Take:
    path = Path(row[0])
    return Take(path, *row[1:], starred=path.name in stars)


def _to_trash(path: str) -> None:
    from send2trash import send2trash

    send2trash(path)
