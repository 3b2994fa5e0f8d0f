"""`uninstall` removes what the program left, and nothing that a musician made; `update` names the line."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest
from typer.testing import CliRunner

from bridge.cli.app import app
from bridge.cli.daw_scripts.command import Name, install, install_device
from bridge.cli.daw_scripts.max_device import FILES, PLACE
from bridge.cli.installation import uninstall as uninstalling
from bridge.cli.installation.update import end_line, is_outdated, restart_line
from bridge.library.daemon_record import DaemonRecord, write_record
from bridge.render.status import version
from bridge.system.autostart import autostart


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with everything that the program leaves, and what its user made."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_MUSIC_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # It looks for the trash when it is imported.
    for name in [name for name in sys.modules if name.split(".")[0] == "send2trash"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(platformdirs, "user_music_dir", lambda: str(tmp_path / "Music"))
    monkeypatch.setattr(platformdirs, "user_documents_dir", lambda: str(tmp_path / "Documents"))
    (tmp_path / "Music" / "Ableton" / "User Library").mkdir(parents=True)
    install_device()
    pd = tmp_path / "Documents" / "Pd" / "externals"
    pd.mkdir(parents=True)
    install(Name.PURE_DATA, pd)
    made = ["take.wav", "take.json", ".msanii/starred", ".msanii/sources/a.wav", ".msanii/heard/a.json"]
    for name in made:
        _write(tmp_path / "Music" / "Msanii" / name)
    for name in ("settings.yaml", "presets/mine.yaml", "presets/midi/learned.yaml"):
        _write(tmp_path / ".config" / "msanii-bridge" / name, "")
    for name in ("msanii-bridge.log", "msanii-bridge.log.1", "msanii-bridge.log.lock"):
        _write(tmp_path / ".local/state/msanii-bridge/log" / name)
    entry = autostart("linux", {}, tmp_path, (sys.executable,))
    _write(entry.path)
    return tmp_path


def _write(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files(home: Path) -> set[str]:
    trash = home / ".local/share/Trash"
    return {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and trash not in path.parents
    }


KEPT = {
    "Music/Msanii/take.wav",
    "Music/Msanii/take.json",
    "Music/Msanii/.msanii/starred",
    "Music/Msanii/.msanii/sources/a.wav",
    ".config/msanii-bridge/presets/mine.yaml",
    ".config/msanii-bridge/presets/midi/learned.yaml",
}
SETTINGS = ".config/msanii-bridge/settings.yaml"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the paths are those of Linux")


@pytest.mark.parametrize(("flags", "kept"), [([], KEPT | {SETTINGS}), (["--settings"], KEPT)])
def test_what_a_musician_made_stays(home: Path, flags: list[str], kept: set[str]) -> None:
    done = CliRunner().invoke(app, ["uninstall", *flags], input="y\n")
    assert done.exit_code == 0, done.output
    assert files(home) == kept
    assert "goes   start at login" in done.output
    assert "stays  takes, recipes and stars" in done.output
    assert "uninstall msanii-bridge" in done.output
    assert not (home / "Music/Ableton/User Library" / PLACE).exists()
    trash = home / ".local/share/Trash/files"
    assert {path.name for path in trash.iterdir()} >= set(FILES)
    again = CliRunner().invoke(app, ["uninstall", "--yes"])
    assert again.exit_code == 0
    assert "goes" not in again.output


def test_who_says_no_keeps_everything(home: Path) -> None:
    before = files(home)
    done = CliRunner().invoke(app, ["uninstall"], input="n\n")
    assert done.exit_code == 1
    assert "nothing was removed" in done.output
    assert files(home) == before


def test_a_running_daemon_is_not_undercut(home: Path) -> None:
    autostart("linux", {}, home, (sys.executable,)).path.unlink()
    write_record(home / "Music" / "Msanii", DaemonRecord(version(), 9800))
    before = files(home)
    done = CliRunner().invoke(app, ["uninstall", "--yes"])
    assert done.exit_code == 1
    assert done.exception is not None
    assert "nothing was removed" in str(done.exception)
    assert files(home) == before


def test_what_cannot_be_removed_is_told_and_the_rest_goes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_trash(path: Path) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(uninstalling, "_to_trash", no_trash)
    done = CliRunner().invoke(app, ["uninstall", "--yes"])
    assert done.exit_code == 1
    assert "could not be removed (Read-only file system): delete it yourself" in done.output
    assert not (home / ".local/state/msanii-bridge/log").exists()


def test_broken_settings_keep_nobody_from_uninstalling(home: Path) -> None:
    (home / SETTINGS).write_text("portt: 1\n")
    assert CliRunner().invoke(app, ["uninstall", "--yes"]).exit_code == 0


# --- update ---------------------------------------------------------------------------------------------


def test_update_names_the_line_and_what_to_do_about_the_daemon(home: Path) -> None:
    said = CliRunner().invoke(app, ["update"]).output
    assert "To update it, run\n" in said
    assert "daemon" not in said
    library = home / "Music" / "Msanii"
    write_record(library, DaemonRecord("0.0.1", 9800))
    assert "runs an older version, 0.0.1: restart it" in CliRunner().invoke(app, ["update"]).output
    write_record(library, DaemonRecord(version(), 9800, since=4e9))
    assert "keeps the old version until then" in CliRunner().invoke(app, ["update"]).output


def test_a_daemon_that_is_older_than_its_files_is_outdated() -> None:
    assert not is_outdated(DaemonRecord(version(), 9800, since=4e9))
    assert is_outdated(DaemonRecord(version(), 9800, since=1.0))
    assert is_outdated(DaemonRecord("0.0.1", 9800, since=4e9))


def test_a_daemon_is_restarted_as_it_was_started(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = DaemonRecord(version(), 9800, pid=77)
    assert restart_line(record) == "kill 77, then msanii-bridge serve"
    (home / "run" / "systemd").mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
    _write(home / ".config/systemd/user/msanii-bridge.service")
    assert restart_line(record) == "systemctl --user restart msanii-bridge.service"
    monkeypatch.setattr(sys, "platform", "darwin")
    _write(home / "Library/LaunchAgents/org.msanii-bridge.daemon.plist")
    assert restart_line(record).startswith("launchctl kickstart -k gui/")
    monkeypatch.setattr(sys, "platform", "win32")
    assert end_line(record) == "taskkill /F /PID 77"
