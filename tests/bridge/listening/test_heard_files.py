"""What was heard is remembered by content, and a damaged or foreign file of it is as good as none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.listening import heard_files
from bridge.listening.heard_files import HeardFiles, RememberedAudio
from bridge.messages import HeardAudio

HASH = "ab" * 32
LOOP = RememberedAudio(
    name="loop.wav",
    listener="of today",
    heard=HeardAudio(97.3, 3, 4, 9_600, "Am", "Am | F:2 C:1", 0.9, (0.2, 0.817, 1.433), 1.0),
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    files = HeardFiles(tmp_path / "heard")
    files.write(HASH, LOOP)
    assert files.read(HASH) == LOOP
    assert HeardFiles(tmp_path / "heard").read(HASH) == LOOP


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": "loop.wav"}', b"\xff" * 100])
def test_a_damaged_answer_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / f"{HASH}.json").write_bytes(content)
    assert HeardFiles(tmp_path).read(HASH) is None


def test_nothing_is_known_of_what_was_never_heard(tmp_path: Path) -> None:
    assert HeardFiles(tmp_path / "not there").read(HASH) is None
    (tmp_path / f"{HASH}.json").mkdir()
    assert HeardFiles(tmp_path).read(HASH) is None


def test_a_disk_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "heard").write_text("a file in the place of the folder")
    files = HeardFiles(tmp_path / "heard")
    files.write(HASH, LOOP)
    assert files.read(HASH) is None


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard_files, "MOST_FILES", 2)
    files = HeardFiles(tmp_path)
    for number, digit in enumerate("abc"):
        files.write(digit * 64, LOOP)
        os.utime(tmp_path / f"{digit * 64}.json", (number, number))
    files.write("d" * 64, LOOP)
    assert [files.read(digit * 64) is not None for digit in "abcd"] == [False, False, True, True]
