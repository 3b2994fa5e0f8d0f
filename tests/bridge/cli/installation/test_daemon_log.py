"""The daemon's log file as a daemon writes it: its children's words, and why it did not start."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows
from typer.testing import CliRunner

from bridge.cli.app import app
from bridge.cli.installation.daemon_log import logged
from bridge.messages import BridgeError
from bridge.settings import Settings, default_library, default_log_path, load_settings, log_folder
from tests.bridge.waiting import until
from tests.conftest import NO_MODEL, ROOT, DaemonUnderTest


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of logs, in this test's own home."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LOG_FILE", "1")
    return tmp_path / "state" / "msanii-bridge" / "log"


def wait_until(condition: Callable[[], bool]) -> None:
    asyncio.run(until(condition))


def log_of(daemon: DaemonUnderTest) -> Path:
    return Settings(library=daemon.library).log_path


def test_a_daemon_writes_it_with_what_its_children_say(make_daemon: Any, logs: Path) -> None:
    daemon: DaemonUnderTest = make_daemon()
    daemon.start()
    worker = int(daemon.status()["pid"])
    path = log_of(daemon)
    assert path.parent == logs
    assert path.name != "msanii-bridge.log", "that is the default library's"
    # The child's stderr is the daemon's: on Linux its descriptor says so.
    Path(f"/proc/{worker}/fd/2").write_text("words of the render process\n")
    wait_until(lambda: "words of the render process" in path.read_text(encoding="utf-8"))
    wait_until(lambda: "words of the render process" in daemon.words())
    assert daemon.stop() == 0
    text = path.read_text(encoding="utf-8")
    assert "INFO starts: Python" in text
    assert f"listens on 127.0.0.1:{daemon.port}" in text
    assert text.endswith("INFO stopped\n")
    assert str(daemon.library) not in text


def test_a_second_daemon_of_the_library_says_there_why_it_does_not_start(
    make_daemon: Any, logs: Path
) -> None:
    first: DaemonUnderTest = make_daemon(model=NO_MODEL)
    first.start()
    second: DaemonUnderTest = make_daemon(log_name="second.log")
    assert second.spawn().wait(60) == 1
    text = log_of(first).read_text(encoding="utf-8")
    assert "ERROR does not start: another msanii-bridge already uses the folder" in text
    first.client().hello()


def test_two_libraries_have_two_logs() -> None:
    one, other = Settings(library=Path("/one")), Settings(library=Path("/other"))
    assert one.log_path != other.log_path
    assert one.log_path.parent == other.log_path.parent == log_folder()
    assert "one" not in one.log_path.name, "a name tells no path"
    assert Settings(library=default_library()).log_path == default_log_path()


def test_broken_settings_are_in_the_log(logs: Path) -> None:
    settings = logs.parents[2] / "config" / "msanii-bridge" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("portt: 9800\n")
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "serve"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "`portt`: no such setting" in done.stderr
    assert "does not start: `portt`: no such setting" in (logs / "msanii-bridge.log").read_text()


def test_a_traceback_is_in_the_log_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "l.log"
    with pytest.raises(ZeroDivisionError), logged(path):
        1 / 0  # noqa: B018
    assert "ZeroDivisionError: division by zero" in path.read_text()
    with pytest.raises(BridgeError), logged(path):
        raise BridgeError("busy", "the port is taken")
    text = path.read_text()
    assert "ERROR does not start: the port is taken" in text
    assert text.count("Traceback") == 1


def test_a_daemon_runs_on_without_its_log_and_says_so_once(make_daemon: Any, logs: Path) -> None:
    logs.parent.mkdir(parents=True)
    logs.write_text("a file where the folder should be")
    daemon: DaemonUnderTest = make_daemon(model=NO_MODEL)
    daemon.start()
    assert daemon.stop() == 0
    assert daemon.words().count("cannot be written") == 1


def test_without_the_setting_there_is_no_file(
    make_daemon: Any, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSANII_LOG_FILE", "0")
    daemon: DaemonUnderTest = make_daemon(model=NO_MODEL)
    daemon.start()
    assert daemon.stop() == 0
    assert not logs.exists()


@pytest.mark.parametrize(
    ("system", "place"),
    [
        (Unix, ".local/state/msanii-bridge/log"),
        (MacOS, "Library/Logs/msanii-bridge"),
        (Windows, "AppData/Local/msanii-bridge/msanii-bridge/Logs"),
    ],
)
def test_it_is_where_each_system_keeps_logs(
    system: Any, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "AppData" / "Local"))
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _name: str(tmp_path / "AppData/Local"))
    monkeypatch.setattr(platformdirs, "PlatformDirs", system)
    assert default_log_path() == tmp_path / place / "msanii-bridge.log"


# --- the command ----------------------------------------------------------------------------------------


def test_the_command_prints_the_end_of_it(logs: Path) -> None:
    nothing = CliRunner().invoke(app, ["log"])
    assert "no log in" in str(nothing.exception)
    path = load_settings().log_path
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"line {number}\n" for number in range(100)) + "steers \x1b[2J\n")
    said = CliRunner().invoke(app, ["log", "--lines", "2"]).output
    assert said == "line 99\nsteers \\x1b[2J\n"


def test_the_command_follows_over_a_new_file(logs: Path) -> None:
    path = load_settings().log_path
    path.parent.mkdir(parents=True)
    path.write_text("first\n")
    command = [sys.executable, "-u", "-m", "bridge", "log", "--follow"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "first\n"
            with path.open("a") as file:
                file.write("second\n")
            assert process.stdout.readline() == "second\n"
            path.rename(path.with_name(path.name + ".1"))
            path.write_text("third\n")
            assert process.stdout.readline() == "third\n"
        finally:
            process.kill()
