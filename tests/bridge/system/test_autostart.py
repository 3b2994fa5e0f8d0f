"""Starting at login: what each system is given, read by the system's own reader where one is here."""

from __future__ import annotations

import configparser
import os
import plistlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.cli.installation.autostart import switch_off, switch_on
from bridge.messages import BridgeError
from bridge.system.autostart import Autostart, autostart
from tests.conftest import missing

# Whatever a folder may be called; systemd starts nothing in one with quotes.
ODD = "My $HOME 100%"


def odd_program(folder: Path, quoted: str = "") -> list[str]:
    """A program in a folder with an odd name."""
    home = folder / (ODD + quoted)
    home.mkdir()
    program = home / "python"
    program.symlink_to(sys.executable)
    return [str(program), "-m", "bridge", "serve"]


def on_linux(home: Path, program: list[str], *, systemd: bool) -> Autostart:
    runtime = home / "run"
    runtime.mkdir()
    if systemd:
        (runtime / "systemd").mkdir()
    return autostart("linux", {"XDG_RUNTIME_DIR": str(runtime)}, home, program)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze is not installed")
    found = on_linux(tmp_path, odd_program(tmp_path), systemd=True)
    assert found.path == tmp_path / ".config/systemd/user/msanii-bridge.service"
    found.path.parent.mkdir(parents=True)
    # It looks whether the program is there, so that a name which is read wrong is an error.
    for content, is_right in ((found.content, True), (found.content.replace(b"python", b"nothon"), False)):
        found.path.write_bytes(content)
        done = subprocess.run(
            ["systemd-analyze", "--user", "verify", found.path],
            env={**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (found.path.name not in done.stderr) == is_right, done.stderr
    with pytest.raises(BridgeError, match="no program with a quote"):
        autostart("linux", {"XDG_RUNTIME_DIR": str(tmp_path / "run")}, tmp_path, ['/a "b"/python'])
    assert found.on[-1] == ("systemctl", "--user", "enable", "--now", "msanii-bridge.service")


def test_a_desktop_without_systemd_has_an_entry(tmp_path: Path) -> None:
    program = odd_program(tmp_path, ' "quoted"')
    found = on_linux(tmp_path, program, systemd=False)
    assert found.path == tmp_path / ".config/autostart/msanii-bridge.desktop"
    reader = configparser.RawConfigParser()
    reader.read_string(found.content.decode())
    entry = dict(reader["Desktop Entry"])
    assert (entry["type"], entry["name"]) == ("Application", "msanii-bridge")
    # Strings first undouble their backslashes, then a shell's rules hold for double quotes, then field codes.
    quoted = entry["exec"].replace("\\\\", "\\")
    shell = ["sh", "-c", f"printf '%s\\n' {quoted}"]
    words = subprocess.run(shell, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [word.replace("%%", "%") for word in words] == program


def test_the_config_folder_may_lie_elsewhere(tmp_path: Path) -> None:
    found = autostart("linux", {"XDG_CONFIG_HOME": str(tmp_path / "etc")}, tmp_path, ["python"])
    assert found.path == tmp_path / "etc/autostart/msanii-bridge.desktop"


def test_macos_has_a_launch_agent(tmp_path: Path) -> None:
    program = ["/Applications/My 100%/python", "-m", "bridge", "serve"]
    found = autostart("darwin", {}, tmp_path, program)
    assert found.path.parent == tmp_path / "Library/LaunchAgents"
    agent = plistlib.loads(found.content)
    assert agent["ProgramArguments"] == program
    assert found.path.name == f"{agent['Label']}.plist"
    assert agent["RunAtLoad"] is True
    assert found.on == (("launchctl", "bootstrap", f"gui/{os.getuid()}", str(found.path)),)


def test_windows_has_a_script_in_its_startup_folder(tmp_path: Path) -> None:
    program = [r"C:\Users\Jörg 100%\python.exe", "-m", "bridge", "serve"]
    found = autostart("win32", {"APPDATA": str(tmp_path)}, tmp_path, program)
    assert found.path == tmp_path / "Microsoft/Windows/Start Menu/Programs/Startup/msanii-bridge.cmd"
    last = found.content.decode().splitlines()[-1]
    assert last == r'@start "msanii-bridge" /min "C:\Users\Jörg 100%%\python.exe" "-m" "bridge" "serve"'


def test_what_fails_leaves_it_off(tmp_path: Path) -> None:
    found = autostart("linux", {}, tmp_path, ["python"])
    says_no = (sys.executable, "-c", "import sys; sys.exit('no bus')")
    with pytest.raises(BridgeError, match="no bus; it stays off"):
        switch_on(replace(found, on=(says_no,)))
    with pytest.raises(BridgeError, match="it stays off"):
        switch_on(replace(found, on=(("no-such-program",),)))
    assert not found.path.exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(BridgeError, match="folder"):
        switch_on(replace(found, path=tmp_path / "file" / "entry"))
    switch_on(found)
    switch_off(replace(found, off=(says_no,)))
    assert not found.path.exists()


def test_the_command_switches_it_on_and_off(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "APPDATA"))
    } | {"HOME": str(tmp_path)}

    def said(switch: str) -> str:
        command = [sys.executable, "-m", "bridge", "autostart", switch]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    if sys.platform != "linux":
        pytest.skip("it would change this computer")
    entry = tmp_path / ".config/autostart/msanii-bridge.desktop"
    assert "autostart is off" in said("status")
    assert said("on") == f"the daemon starts at your next login\nautostart is on ({entry})\n"
    assert "autostart is on" in said("on")
    assert sys.executable in entry.read_text()
    assert "autostart is on" in said("status")
    assert "autostart is off" in said("off")
    assert "autostart is off" in said("off")
    assert not entry.exists()
