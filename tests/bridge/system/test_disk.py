"""Files: written whole or not at all, through no link; pipes and devices are never opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.messages import BridgeError
from bridge.system.disk import open_regular, part_path, parts_of, write_new, write_whole
from bridge.system.yaml_files import read_yaml
from tests.conftest import missing


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody writes to: who opens it to read waits for ever."""
    if not hasattr(os, "mkfifo"):
        missing("this system has no pipes in folders")
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    return path


def test_a_pipe_is_not_opened_where_a_file_is_meant(pipe: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(pipe)
    with pytest.raises(BridgeError, match=r"`pipe\.yaml`: cannot be read \(not a regular file\)"):
        read_yaml(pipe, code="preset")


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"bars: 4")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with open_regular(tmp_path / "link") as file:
        assert file.read() == b"bars: 4"


@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_written_through_a_link_laid_where_a_part_will_be(
    tmp_path: Path, exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, path = tmp_path / "victim", tmp_path / "take.wav"
    if exists:
        victim.write_bytes(b"mine")
    foreseen = part_path(path)
    foreseen.symlink_to(victim)
    monkeypatch.setattr("bridge.system.disk.part_path", lambda _: foreseen)
    for write in (write_new, write_whole):
        with pytest.raises((FileExistsError, BridgeError)):
            write(path, b"a take")
    assert victim.exists() == exists
    assert not exists or victim.read_bytes() == b"mine"
    assert not path.exists()


def test_a_link_at_the_name_itself_is_no_place_for_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(path, b"a take")
    assert not (tmp_path / "elsewhere").exists()


def test_no_two_parts_of_a_file_have_one_name_and_all_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a [1] *.wav"
    parts = {part_path(path) for _ in range(10)}
    assert len(parts) == 10
    for part in parts:
        part.touch()
    part_path(tmp_path / "a [1] b.wav").touch()
    assert set(parts_of(path)) == parts
