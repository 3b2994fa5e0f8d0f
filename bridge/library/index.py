"""The index of a library: allocated names and known takes, in SQLite."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import astuple, fields
from pathlib import Path

from bridge.library.file_names import file_name
from bridge.library.folders import AUDIO_SUFFIXES, LibraryFolders
from bridge.library.take import Take, read_take
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, Job
from bridge.system.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS names (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL,
    take INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (job_id, take)
);
DROP TABLE IF EXISTS takes;  -- of earlier versions
DROP TABLE IF EXISTS known_takes;
DROP TABLE IF EXISTS takes_by_path;
CREATE TABLE IF NOT EXISTS takes_and_heard (
    path TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    bpm REAL,
    meter TEXT NOT NULL,
    key TEXT NOT NULL,
    chords TEXT NOT NULL,
    sound TEXT NOT NULL,
    part TEXT NOT NULL,
    preset TEXT NOT NULL,
    verb TEXT NOT NULL,
    seed INTEGER NOT NULL,
    created TEXT NOT NULL,
    parent TEXT NOT NULL,
    heard_chords REAL,
    heard_onsets REAL
);
"""
# The columns are those of a Take, but for star and label, which have files of their own.
_FIELDS = len(fields(Take)) - 2
_COLUMNS = ", ".join(field.name for field in fields(Take)[:_FIELDS])
_NUMBER = re.compile(r"_(\d{1,9})$")


class Index:
    """The index of the library in `folders`. Only the daemon that has locked the library may open it.

    Raises:
        BridgeError: `folder`, `disk` or `busy` if it cannot be opened or written.
    """

    def __init__(self, folders: LibraryFolders) -> None:
        self._folders = folders
        self._database = Database(folders.index_path, _SCHEMA)

    def close(self) -> None:
        """Close the index."""
        self._database.close()

    def refresh(self) -> None:
        """Update the index from the files: remove missing files, add new ones."""
        known = {path for (path,) in self._database.rows("SELECT path FROM takes_and_heard")}
        found = set(self._folders.audio_files())
        rows = [_row(take) for take in read_takes(sorted(found - known))]

        def update(index: sqlite3.Connection) -> None:
            index.executemany(
                "DELETE FROM takes_and_heard WHERE path = ?", [(path,) for path in known - found]
            )
            index.executemany(_insert(), rows)

        self._database.run(update)

    def add(self, take: Take) -> None:
        """Add a take."""
        self._database.rows(_insert(), _row(take))

    def allocate(self, job: Job) -> list[Path]:
        """Allocate a path for each of the job's takes; an interrupted job gets the same paths again."""
        return self._database.run(
            lambda index: [self._allocate(index, job, take) for take in job.request.takes]
        )

    def first_name(self, job_id: str) -> str:
        """Return the file name of a job's first take; empty for a job without names."""
        found = self._database.rows("SELECT name FROM names WHERE job_id = ? AND take = 0", (job_id,))
        return str(found[0][0]) if found else ""

    def names_of_job_with(self, name: str) -> list[str]:
        """Return the file names of all takes of the job that made a take, in order; none for other audio."""
        made = "SELECT job_id FROM names WHERE name = ? AND job_id != '' ORDER BY number DESC LIMIT 1"
        rows = self._database.rows(
            f"SELECT name FROM names WHERE job_id = ({made}) ORDER BY take",  # noqa: S608
            (name,),
        )
        return [str(found) for (found,) in rows]

    def _allocate(self, index: sqlite3.Connection, job: Job, take: int) -> Path:
        given = index.execute(
            "SELECT name FROM names WHERE job_id = ? AND take = ?", (job.job_id, take)
        ).fetchone()
        if given:
            return self._folders.takes_folder / str(given[0])
        while True:
            cursor = index.execute(
                "INSERT OR REPLACE INTO names (job_id, take, name) VALUES (?, ?, '')", (job.job_id, take)
            )
            number = int(cursor.lastrowid or 0)
            path = self._folders.takes_folder / file_name(job.request, take, number)
            # Audio of any format takes a name.
            others = (path.with_suffix(suffix) for suffix in AUDIO_SUFFIXES)
            if not any(other.exists() for other in (*others, *TakeFiles(path).all())):
                index.execute("UPDATE names SET name = ? WHERE number = ?", (path.name, number))
                return path
            # The index was lost, and its counter lags behind the files.
            self._raise_counter(index, number)

    def _raise_counter(self, index: sqlite3.Connection, number: int) -> None:
        """Advance the counter past `number`, and past the highest number at the end of a file name."""
        stems = (Path(path).stem for path in self._folders.audio_files())
        highest = max((int(match[1]) for stem in stems if (match := _NUMBER.search(stem))), default=0)
        index.execute(
            "INSERT OR IGNORE INTO names (number, job_id, take, name) VALUES (?, '', ?, '')",
            (max(highest, number), max(highest, number)),
        )


def read_takes(paths: Iterable[str]) -> list[Take]:
    """Read the takes at these paths, without other audio of the user."""
    takes = []
    for path in paths:
        with suppress(BridgeError):
            takes.append(read_take(Path(path)))
    return takes


def known_takes(folders: LibraryFolders) -> dict[str, Take]:
    """Return the takes in the index by path, without changing anything; none if it cannot be read."""
    for mode in ("mode=ro", "immutable=1"):  # the second where not even a lock may be written
        with suppress(sqlite3.Error):
            address = f"{folders.index_path.absolute().as_uri()}?{mode}"
            with closing(sqlite3.connect(address, uri=True)) as index:
                rows = index.execute(f"SELECT {_COLUMNS} FROM takes_and_heard").fetchall()  # noqa: S608
                return {str(row[0]): Take(Path(row[0]), *row[1:]) for row in rows}
    return {}


def _row(take: Take) -> tuple[object, ...]:
    return str(take.path), *astuple(take)[1:_FIELDS]


def _insert() -> str:
    places = ", ".join("?" * _FIELDS)
    return f"INSERT OR REPLACE INTO takes_and_heard ({_COLUMNS}) VALUES ({places})"  # noqa: S608
