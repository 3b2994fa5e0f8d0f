"""`doctor --fix` on damage of each kind: what was there is kept, and the daemon starts afterwards."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from bridge.cli.daw_scripts.command import install_device
from bridge.cli.daw_scripts.max_device import FILES, PLACE
from bridge.cli.doctor import repairs
from bridge.cli.doctor.purpose_checks import device_problem
from bridge.cli.doctor.repairs import repair, repair_folders, repair_settings
from bridge.library.daemon_record import NAME, DaemonRecord, write_record
from bridge.library.folders import LibraryFolders
from bridge.library.takes import Library
from bridge.settings import Settings, load_settings
from bridge.system.disk import PART_SUFFIX
from tests.conftest import missing


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home folder of this test, where there is nothing yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(platformdirs, "user_music_dir", lambda: str(tmp_path / "Music"))
    monkeypatch.setattr(platformdirs, "user_documents_dir", lambda: str(tmp_path / "Documents"))
    return Settings(library=tmp_path / "library", presets_folder=tmp_path / "presets", log_file=False)


def test_missing_folders_are_made_once(settings: Settings) -> None:
    assert f"made the folder {settings.library}" in repair(settings)
    assert settings.presets_folder.is_dir()
    assert repair(settings) == ["nothing to repair"]


def test_a_folder_in_the_way_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "presets").write_text("a file")
    said = repair(settings)
    assert any("not repaired" in sentence and "presets" in sentence for sentence in said)
    assert (tmp_path / "presets").read_text() == "a file"


def test_a_folder_that_is_closed_to_its_owner_is_opened(tmp_path: Path) -> None:
    if sys.platform == "win32":
        missing("rights are those of POSIX")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert repair_folders([closed]) == [f"{closed} can be read and written again"]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_folder_of_another_user_is_left_to_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    (said,) = repair_folders([tmp_path])
    assert f'sudo chown -R "$USER" "{tmp_path}"' in said
    monkeypatch.setattr(sys, "platform", "win32")
    (said,) = repair_folders([tmp_path])
    assert "read-only for you" in said


def test_broken_settings_are_put_aside_and_kept(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "config" / "msanii-bridge" / "settings.yaml"
    assert repair_settings(None) == []
    path.parent.mkdir(parents=True)
    path.write_text("port: 9900\n")
    assert repair_settings(None) == []
    for number in (1, 2):
        path.write_text(f"portt: {number}\n")
        (said,) = repair_settings(None)
        assert "`portt`: no such setting" in said
        assert path.with_name(f"settings.yaml.broken-{number}").read_text() == f"portt: {number}\n"
    assert load_settings(environment={}).port == 9800
    path.write_text("portt: 3\n")
    assert repair_settings(path) == [], "a file that the user names is the user's"


def test_broken_presets_and_maps_are_put_aside_and_kept(settings: Settings) -> None:
    folder = settings.presets_folder
    (folder / "midi").mkdir(parents=True)
    (folder / "good.yaml").write_text("bpm: 90\n")
    (folder / "bad.yaml").write_text("bpm: [\n")
    (folder / "midi" / "pad.yaml").write_text("controls: 3\n")
    said = " ".join(repair(settings))
    assert "bad.yaml aside as bad.yaml.broken-1" in said
    assert "pad.yaml aside as pad.yaml.broken-1" in said
    assert (folder / "bad.yaml.broken-1").read_text() == "bpm: [\n"
    assert (folder / "good.yaml").exists()
    assert repair(settings) == ["nothing to repair"]


def test_a_damaged_index_is_rebuilt_and_kept(settings: Settings) -> None:
    Library(settings.library).close()
    folders = LibraryFolders(settings.library)
    folders.index_path.write_bytes(b"not a database" * 100)
    said = " ".join(repair(settings))
    assert "rebuilt what was damaged" in said
    (kept,) = folders.inner.glob("index.sqlite.damaged-*")
    assert kept.read_bytes() == b"not a database" * 100
    with sqlite3.connect(folders.index_path) as connection:
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]


def test_what_a_killed_daemon_left_goes(settings: Settings) -> None:
    repair(settings)
    part = settings.library / f".take.wav.1{PART_SUFFIX}"
    foreign = settings.library / "download.part"
    for path in (part, foreign):
        path.write_text("half")
    write_record(settings.library, replace(DaemonRecord("1", 9800), born=1.0))
    said = repair(settings)
    assert "removed 1 unfinished file of a killed daemon" in said
    assert "removed the record of a killed daemon" in said
    assert (part.exists(), foreign.exists()) == (False, True)


def test_a_running_daemons_library_is_left_alone(settings: Settings) -> None:
    repair(settings)
    part = settings.library / f".take.wav.1{PART_SUFFIX}"
    part.write_text("in the making")
    write_record(settings.library, DaemonRecord("1", 9800))
    assert any("a daemon uses it" in sentence for sentence in repair(settings))
    assert part.exists()
    (settings.library / ".msanii" / NAME).unlink()
    opened = Library(settings.library)
    part.write_text("of one without a record")
    try:
        assert any("another msanii-bridge already uses" in sentence for sentence in repair(settings))
        assert part.exists()
    finally:
        opened.close()


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_device_is_installed_again(settings: Settings, tmp_path: Path, name: str) -> None:
    library = tmp_path / "Music" / "Ableton" / "User Library"
    library.mkdir(parents=True)
    repair(settings)
    assert not (library / PLACE).exists(), "nobody asked for it"
    install_device()
    folder = library / PLACE
    assert device_problem(folder) == ""
    (folder / name).write_bytes(b"damaged")
    assert "damaged" in device_problem(folder)
    assert any("installed it again" in sentence for sentence in repair(settings))
    assert device_problem(folder) == ""
    assert (folder / f"{name}.previous").read_bytes() == b"damaged"


def test_a_later_device_is_right(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "device"
    folder.mkdir()
    (folder / FILES[-1]).write_bytes(b'"digest" : "Msanii device 999999"')
    assert device_problem(folder) == ""
    (folder / FILES[-1]).write_bytes(b'"digest" : "Msanii device 1"')
    assert "older than this program's" in device_problem(folder)


def test_one_failure_leaves_the_others(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_folder: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", "/presets")

    monkeypatch.setattr(repairs, "repair_presets", fails)
    said = repair(settings)
    assert "not repaired: /presets (Permission denied)" in said
    assert LibraryFolders(settings.library).index_path.exists()
