"""Databases: what is damaged is set aside, what is deleted is written again, who holds one is told."""

from __future__ import annotations

import errno
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bridge.messages import BridgeError
from bridge.system.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (position INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE, request TEXT);
CREATE INDEX IF NOT EXISTS open_jobs ON jobs (request);
"""
_PAGE_BYTES = 4096
_ROWS = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def filled(path: Path) -> Database:
    database = Database(path, _SCHEMA)
    for number in range(_ROWS):
        database.rows("INSERT INTO jobs (job_id, request) VALUES (?, ?)", (f"job {number}", "Am F C G " * 20))
    return database


def ids(database: Database) -> list[str]:
    return [job_id for (job_id,) in database.rows("SELECT job_id FROM jobs ORDER BY position")]


def set_asides(path: Path) -> list[Path]:
    return [found for found in path.parent.glob("*.damaged-*") if not found.name.endswith(("-wal", "-shm"))]


def random_from(page: int, pages: int | None = None) -> Callable[[bytes], bytes]:
    """Overwrites pages with random bytes: all from `page` on, or some."""

    def damage(data: bytes) -> bytes:
        start = (page - 1) * _PAGE_BYTES
        end = len(data) if pages is None else start + pages * _PAGE_BYTES
        return data[:start] + random.Random(7).randbytes(end - start) + data[end:]  # noqa: S311

    return damage


def page_with_rows(data: bytes) -> int:
    """The page in which the table, not an index, holds the middle row."""
    return data.index(f"job {_ROWS // 2}Am F".encode()) // _PAGE_BYTES + 1


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def without_header(data: bytes) -> bytes:
    return b"\0" * 100 + data[100:]


@pytest.mark.parametrize(
    "damage",
    [
        random_from(2),
        random_from(2, 1),
        random_from(3, 1),
        random_from(20, 1),
        half,
        without_header,
        lambda _: b"",
    ],
)
def test_whatever_is_damaged_the_next_start_has_a_database(
    path: Path, damage: Callable[[bytes], bytes]
) -> None:
    filled(path).close()
    path.write_bytes(damage(path.read_bytes()))
    database = Database(path, _SCHEMA)
    database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
    assert ids(database)[-1] == "new"
    database.close()
    with closing(sqlite3.connect(path)) as again:
        assert again.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_rows_on_both_sides_of_a_damaged_page_are_kept(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    filled(path).close()
    data = path.read_bytes()
    path.write_bytes(random_from(page_with_rows(data), 1)(data))
    database = Database(path, _SCHEMA)
    kept = ids(database)
    database.close()
    assert {kept[0], kept[-1]} == {"job 0", f"job {_ROWS - 1}"}
    assert _ROWS - 40 < len(kept) < _ROWS
    assert len(set_asides(path)) == 1
    assert "is damaged" in caplog.text
    assert f"{len(kept)} rows of the old one could still be read" in caplog.text


def test_damage_that_comes_while_it_is_open_costs_no_more(path: Path) -> None:
    database = filled(path)
    database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    database.rows("PRAGMA cache_size = 0")
    data = path.read_bytes()
    with path.open("r+b") as file:  # the same file, not a new one
        file.write(random_from(page_with_rows(data), 1)(data))
    assert _ROWS - 40 < len(ids(database)) < _ROWS
    database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
    assert ids(database)[-1] == "new"
    database.close()
    assert set_asides(path)


def test_a_database_of_another_version_is_set_aside(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE jobs (id INTEGER, what TEXT)")
    database = Database(path, _SCHEMA)
    assert ids(database) == []
    database.close()
    assert len(set_asides(path)) == 1
    assert "of another version" in caplog.text


@pytest.mark.parametrize("whole_folder", [True, False])
def test_a_deleted_database_is_written_again_with_all_its_rows(tmp_path: Path, whole_folder: bool) -> None:
    path = tmp_path / "library" / "journal.sqlite"
    path.parent.mkdir()
    database = filled(path)
    if whole_folder:
        shutil.rmtree(path.parent)
    else:
        path.unlink()
    database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
    # What another process reads is what is left after a kill.
    with closing(sqlite3.connect(path)) as left:
        assert left.execute("SELECT count(*), max(position) FROM jobs").fetchall() == [(_ROWS + 1, _ROWS + 1)]
    database.close()


def test_a_deleted_folder_that_cannot_be_made_again_refuses(tmp_path: Path) -> None:
    path = tmp_path / "library" / "journal.sqlite"
    path.parent.mkdir()
    database = filled(path)
    shutil.rmtree(path.parent)
    path.parent.write_bytes(b"a file in its place")
    with pytest.raises(BridgeError) as caught:
        database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
    assert caught.value.code == "folder"
    database.close()


def test_another_file_in_its_place_is_kept_aside(path: Path) -> None:
    database = filled(path)
    other = path.with_name("other")
    other.write_bytes(b"an older copy")
    other.replace(path)
    assert len(ids(database)) == _ROWS
    assert [aside.read_bytes() for aside in set_asides(path)] == [b"an older copy"]
    database.close()


def test_who_holds_the_database_is_told_at_once_and_all_goes_on_after_it(path: Path) -> None:
    database = filled(path)
    assert database.rows("PRAGMA busy_timeout") == [(50,)]  # all clients wait for it
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BridgeError, match=r"another program holds `journal\.sqlite`") as caught:
            database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
        assert caught.value.code == "busy"
        assert len(ids(database)) == _ROWS
        other.execute("ROLLBACK")
    database.rows("INSERT INTO jobs (job_id, request) VALUES ('new', '')")
    database.close()


def test_a_database_that_could_not_be_begun_anew_is_opened_at_the_next_chance(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    database = filled(path)
    database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    database.rows("PRAGMA cache_size = 0")
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.write(random_from(page_with_rows(data), 1)(data))
    with monkeypatch.context() as patch:
        patch.setattr("bridge.system.database.set_aside", full)
        with pytest.raises(BridgeError) as caught:
            ids(database)
        assert caught.value.code == "disk"
    assert _ROWS - 40 < len(ids(database)) < _ROWS
    database.close()
