"""SQLite databases that keep working: what is damaged is set aside, what is deleted is written again."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from bridge.messages import BridgeError
from bridge.system.disk import disk_error, full_disk, make_folder, not_writable, part_path

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_Columns = dict[str, tuple[str, ...]]

# While the daemon serves, whoever else holds the database must not keep everybody waiting.
_BUSY_MS = 50
_BUSY_AT_START_SECONDS = 5.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """A database at `path`, created with `schema` if missing. Use it from one thread, and alone.

    A damaged file, or one of another version, is renamed and replaced by a new one with all rows that can
    still be read. A file that is deleted meanwhile is written again.

    Raises:
        BridgeError: `folder` or `disk` if it cannot be opened or written, `busy` if another program holds it.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._schema = schema
        self._is_open = False
        try:
            self._connection = self._opened()
        except sqlite3.Error as error:
            raise _worded(error, path) from error
        except OSError as error:
            raise disk_error(error, path.parent) from error

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Execute one statement in a transaction; return its rows. Raises BridgeError as `run`."""
        return self.run(lambda connection: connection.execute(query, values).fetchall())

    def run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Run `work` in a transaction: committed at its end, rolled back on any error.

        If the database turns out to be damaged, `work` runs a second time, on the new one.

        Raises:
            BridgeError: `folder` or `disk` if it cannot be read or written, `busy` if another program
                holds it.
        """
        try:
            if not self._is_open:
                self._connection = self._opened()
            self._write_again_if_deleted()
            try:
                return self._transaction(work)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self.close()
                self._connection = self._begun_anew("is damaged")
                return self._transaction(work)
        except sqlite3.Error as error:
            raise _worded(error, self._path) from error
        except OSError as error:
            raise disk_error(error, self._path.parent) from error

    def close(self) -> None:
        """Close the database."""
        self._is_open = False
        self._connection.close()

    def _transaction(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        with self._connection:
            return work(self._connection)

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connected()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        # Better a new database than a daemon that cannot start.
        return self._begun_anew("is damaged, or of another version")

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_AT_START_SECONDS)
        try:
            # NORMAL: a killed process loses no committed data, and a burst of jobs needs no fsync for each.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _check(connection, self._schema)
            connection.executescript(self._schema)
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        except BaseException:
            connection.close()
            raise
        self._file_id, self._is_open = self._file_id_now(), True
        return connection

    def _begun_anew(self, why: str) -> sqlite3.Connection:
        """Set the file aside and open a new one with the rows that can still be read."""
        aside = set_aside(self._path, why)
        connection = self._connected()
        saved = _copy_readable_rows(aside, connection, self._schema)
        _log.warning("`%s`: %d rows of the old one could still be read", self._path.name, saved)
        return connection

    def _write_again_if_deleted(self) -> None:
        """Write the open database to its path again if its file was deleted, or replaced by another.

        SQLite would go on with the deleted file, and all would be lost once the process ends.
        """
        if self._file_id_now() == self._file_id:
            return
        make_folder(self._path.parent)
        if self._path.exists():
            set_aside(self._path, "is not the one that is in use")
        _log.warning("`%s` was deleted: it is written again", self._path)
        part = part_path(self._path)
        with closing(sqlite3.connect(part)) as copy:
            self._connection.backup(copy)
        # An old -wal must never be applied to a new file.
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        part.replace(self._path)
        # The deleted file goes last: until then it is the only one that is known to be whole.
        deleted, self._connection = self._connection, self._connected()
        deleted.close()

    def _file_id_now(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


class _DamagedError(sqlite3.DatabaseError):
    """What is wrong was found by looking, not by SQLite."""


def set_aside(path: Path, why: str) -> Path:
    """Rename a database and the files beside it, which may hold its latest rows; return its new path."""
    aside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(3)}")
    _log.error("`%s` %s: it is kept as `%s`, and a new one is begun", path.name, why, aside.name)
    # The database itself last: an old -wal must never be applied to a new file.
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return aside


def _check(connection: sqlite3.Connection, schema: str) -> None:
    """Raise DatabaseError if the file has damaged pages, or tables of the schema with other columns."""
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise _DamagedError("quick_check")
    expected = _columns_of(schema)
    found = {table: _columns(connection, table) for table in expected}
    if any(found[table] not in ((), columns) for table, columns in expected.items()):
        raise _DamagedError("other columns")


def _columns_of(schema: str) -> _Columns:
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(schema)
        tables = empty.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        return {str(table): _columns(empty, table) for (table,) in tables.fetchall()}


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})"))


def _copy_readable_rows(aside: Path, connection: sqlite3.Connection, schema: str) -> int:
    """Copy the rows of every table from both ends, up to where the damage begins; return their number."""
    before = connection.total_changes
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{aside.absolute().as_uri()}?mode=ro", uri=True)) as old,
    ):
        for table, columns in _columns_of(schema).items():
            places = ", ".join("?" * len(columns))
            insert = f"INSERT OR IGNORE INTO {table} VALUES ({places})"  # noqa: S608
            for order in ("ASC", "DESC"):
                with connection, suppress(sqlite3.Error):  # commit what came before the damage
                    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid {order}"  # noqa: S608
                    for row in old.execute(query):
                        connection.execute(insert, row)
    return connection.total_changes - before


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return isinstance(error, _DamagedError) or _code(error) in _DAMAGED


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary error code; 0 if the error is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _worded(error: sqlite3.Error, path: Path) -> BridgeError:
    if _code(error) == sqlite3.SQLITE_FULL:
        return full_disk(path.parent)
    if _code(error) in _HELD:
        return BridgeError(
            "busy",
            f"another program holds `{path.name}` in `{path.parent}`: close that program, and ask again",
        )
    return not_writable(path.parent, str(error))
