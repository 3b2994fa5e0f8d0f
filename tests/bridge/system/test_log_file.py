"""The log file: bounded, turned over by one process alone, and never a reason to stop."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import filelock
import pytest

from bridge.system.log_file import LOCK_SUFFIX, OLD_LOGS, LogFile, log_files

LINE = "x" * 100


def filled(file: LogFile, lines: int) -> None:
    for number in range(lines):
        file.note(f"{number} {LINE}")


def fill(ballast: Path) -> None:
    """Fill the disk to its last block."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"0" * 512)


def no_failure(sentence: str) -> None:
    raise AssertionError(sentence)


def test_it_makes_its_folder_and_never_grows_beyond_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "msanii-bridge.log"
    file = LogFile(path, no_failure, most_bytes=2_000)
    filled(file, 500)
    file.close()
    kept = [one for one in log_files(path.parent) if not one.name.endswith(LOCK_SUFFIX)]
    assert len(kept) == OLD_LOGS + 1
    assert all(one.stat().st_size <= 2_000 for one in kept)
    assert " 499 x" in path.read_text(encoding="utf-8")


def test_odd_text_is_written(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "l.log", no_failure)
    file.note("a lone surrogate \udcff and Ünïcode")
    file.close()
    assert r"\udcff and Ünïcode" in (tmp_path / "l.log").read_text(encoding="utf-8")


def test_a_second_process_appends_and_turns_nothing_over(tmp_path: Path) -> None:
    path = tmp_path / "l.log"
    first = LogFile(path, no_failure, most_bytes=2_000)
    first.note("first")
    code = (
        "import sys; from pathlib import Path; from bridge.system.log_file import LogFile\n"
        "file = LogFile(Path(sys.argv[1]), print, most_bytes=2_000)\n"
        f"for number in range(100): file.note({LINE!r})\n"
        "file.note('last of the second'); file.close()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert not done.stdout
    assert not path.with_name("l.log.1").exists()
    assert "last of the second" in path.read_text()
    first.note("first again")
    first.close()
    assert "last of the second" in path.with_name("l.log.1").read_text()
    assert "first again" in path.read_text()


def test_who_comes_after_turns_it_over(tmp_path: Path) -> None:
    path = tmp_path / "l.log"
    lock = filelock.FileLock(path.with_name(path.name + LOCK_SUFFIX))
    with lock:
        file = LogFile(path, no_failure, most_bytes=1_000)
        filled(file, 30)
        assert not path.with_name("l.log.1").exists()
    filled(file, 1)
    file.close()
    assert path.with_name("l.log.1").exists()


def test_a_file_that_cannot_be_renamed_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows while another program has it open."""
    file = LogFile(tmp_path / "l.log", no_failure, most_bytes=500)

    def refused(source: str, target: str) -> None:
        raise PermissionError(13, "used by another process", source, 32, target)

    monkeypatch.setattr(file, "rotate", refused)
    filled(file, 20)
    file.close()
    text = (tmp_path / "l.log").read_text()
    assert all(f" {number} x" in text for number in range(20))


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said: list[str] = []
    file = LogFile(tmp_path / "file" / "l.log", said.append)
    filled(file, 3)
    file.close()
    (sentence,) = said
    assert "cannot be written" in sentence
    assert "Free some space" in sentence


def test_a_full_disk_is_told_once_and_written_again_once_there_is_room(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    said: list[str] = []
    path = small_disk / "log" / "l.log"
    file = LogFile(path, said.append)
    file.note("before")
    fill(ballast)
    filled(file, 200)
    assert len(said) == 1
    assert "No space left" in said[0]
    ballast.unlink()
    file.note("after")
    file.close()
    text = path.read_text()
    assert "before" in text
    assert "after" in text


def test_no_folder_has_no_logs(tmp_path: Path) -> None:
    assert log_files(tmp_path / "none") == []
    (tmp_path / "l.log").mkdir()
    assert log_files(tmp_path) == []
    shutil.rmtree(tmp_path / "l.log")


def test_a_traceback_is_in_it(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "l.log", no_failure)
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    file.handle(record)
    file.close()
    assert "RuntimeError: boom" in (tmp_path / "l.log").read_text()
