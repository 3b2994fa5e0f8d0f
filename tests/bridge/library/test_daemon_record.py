"""The record by which a terminal finds the daemon of a library."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bridge.library.daemon_record import NAME, DaemonRecord, remove_record, running_daemon, write_record
from bridge.library.folders import INNER

HERE = DaemonRecord("1.2.3", 9800, 9801)


def test_a_record_is_found_until_it_is_removed(tmp_path: Path) -> None:
    assert running_daemon(tmp_path / "nowhere") is None
    write_record(tmp_path, HERE)
    assert running_daemon(tmp_path) == HERE
    assert HERE.pid == os.getpid()
    remove_record(tmp_path)
    assert running_daemon(tmp_path) is None
    remove_record(tmp_path)


def test_a_dead_process_does_not_run_nor_does_another_of_its_number(tmp_path: Path) -> None:
    free = next(pid for pid in range(4_000_000, 3_000_000, -1) if not psutil.pid_exists(pid))
    for record in (replace(HERE, pid=free), replace(HERE, born=HERE.born - 3_600), replace(HERE, pid=-1)):
        write_record(tmp_path, record)
        assert running_daemon(tmp_path) is None


def test_the_record_of_the_next_daemon_stays(tmp_path: Path) -> None:
    next_one = replace(HERE, pid=os.getppid(), born=psutil.Process(os.getppid()).create_time())
    write_record(tmp_path, next_one)
    remove_record(tmp_path)
    assert running_daemon(tmp_path) == next_one


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"port": "x"}', "\xff", '{"pid": 1e999}'])
def test_a_broken_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / INNER).mkdir()
    (tmp_path / INNER / NAME).write_text(text, encoding="latin-1")
    assert running_daemon(tmp_path) is None
    remove_record(tmp_path)


def test_a_full_disk_keeps_nobody_from_serving(tmp_path: Path) -> None:
    (tmp_path / INNER).write_text("no folder")
    write_record(tmp_path, HERE)
    assert running_daemon(tmp_path) is None
