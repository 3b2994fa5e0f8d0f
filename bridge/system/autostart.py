"""What starts the daemon at login: a unit of systemd, an entry of the desktop, an agent of launchd, a script.

Sources: systemd.unit(5) and systemd.service(5); the Desktop Application Autostart Specification 0.5;
launchd.plist(5) and launchctl(1); the Startup folder of Windows' start menu.
"""

from __future__ import annotations

import os
import plistlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.messages import BridgeError

NAME = "msanii-bridge"
_REFUSED_BY_SYSTEMD = "\"'\\"
_ABOUT = "Msanii bridge: renders music on request over OSC"

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Autostart:
    """A file that starts the daemon at login, and the commands that put it to use and out of use at once.

    `removed` are the commands after the file is gone. `does_now` says what a daemon does after `on`.
    `restart` restarts a daemon that it has started; without it, that is done by hand.
    """

    path: Path
    content: bytes
    on: tuple[Command, ...] = ()
    off: tuple[Command, ...] = ()
    removed: tuple[Command, ...] = ()
    does_now: str = "starts at your next login"
    restart: Command = ()


def autostart(platform: str, environment: Mapping[str, str], home: Path, program: Sequence[str]) -> Autostart:
    """Return how this system starts a program at login.

    `platform` is a value of sys.platform, `environment` one of os.environ, `program` an absolute path and its
    arguments. Raises BridgeError `folder` for a path that systemd cannot start.
    """
    if platform == "darwin":
        return _launch_agent(home, program)
    if platform == "win32":
        return _startup_script(Path(environment.get("APPDATA") or home / "AppData" / "Roaming"), program)
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    # The folder is there only while the user's systemd runs.
    if (Path(environment.get("XDG_RUNTIME_DIR") or "/nowhere") / "systemd").is_dir():
        return _systemd_unit(config, program)
    return _desktop_entry(config, program)


def _systemd_unit(config: Path, program: Sequence[str]) -> Autostart:
    if any(letter in program[0] for letter in _REFUSED_BY_SYSTEMD):
        raise BridgeError(
            "folder",
            f"autostart: systemd starts no program with a quote or backslash in its path: `{program[0]}`; "
            "install msanii-bridge in another folder",
        )
    text = (
        f"[Unit]\nDescription={_ABOUT}\n\n"
        # The colon leaves $ alone.
        f"[Service]\nExecStart=:{' '.join(map(_systemd_quoted, program))}\nRestart=on-failure\n\n"
        "[Install]\nWantedBy=default.target\n"
    )
    unit, systemctl = f"{NAME}.service", ("systemctl", "--user")
    return Autostart(
        path=config / "systemd" / "user" / unit,
        content=text.encode(),
        on=((*systemctl, "daemon-reload"), (*systemctl, "enable", "--now", unit)),
        off=((*systemctl, "disable", "--now", unit),),
        removed=((*systemctl, "daemon-reload"),),
        does_now="runs now, and starts at every login",
        restart=(*systemctl, "restart", unit),
    )


def _systemd_quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _desktop_entry(config: Path, program: Sequence[str]) -> Autostart:
    text = (
        f"[Desktop Entry]\nType=Application\nName={NAME}\nComment={_ABOUT}\n"
        f"Exec={' '.join(map(_desktop_quoted, program))}\nTerminal=false\nNoDisplay=true\n"
    )
    return Autostart(path=config / "autostart" / f"{NAME}.desktop", content=text.encode())


def _desktop_quoted(word: str) -> str:
    # First the rules of quoted arguments, then those of strings, then field codes.
    escaped = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word)
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'


def _launch_agent(home: Path, program: Sequence[str]) -> Autostart:
    label, domain = f"org.{NAME}.daemon", f"gui/{os.getuid()}"
    path = home / "Library" / "LaunchAgents" / f"{label}.plist"
    content = plistlib.dumps(
        {
            "Label": label,
            "ProgramArguments": list(program),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            # Nothing is rotated here: what the daemon says is in its own log file.
            "StandardErrorPath": os.devnull,
        }
    )
    return Autostart(
        path=path,
        content=content,
        on=(("launchctl", "bootstrap", domain, str(path)),),
        off=(("launchctl", "bootout", f"{domain}/{label}"),),
        does_now="runs now, and starts at every login",
        restart=("launchctl", "kickstart", "-k", f"{domain}/{label}"),
    )


def _startup_script(app_data: Path, program: Sequence[str]) -> Autostart:
    folder = app_data / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Startup"
    words = " ".join('"' + word.replace("%", "%%") + '"' for word in program)
    # UTF-8, for names outside of the console's code page.
    text = f'@chcp 65001 >nul\r\n@start "{NAME}" /min {words}\r\n'
    return Autostart(path=folder / f"{NAME}.cmd", content=text.encode())
