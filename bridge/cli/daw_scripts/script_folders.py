"""Where each program looks for scripts of the user's own.

Sources: Ableton's help, "Installing third-party remote scripts"; Bitwig's user guide, "MIDI Controllers";
REAPER's "Show REAPER resource path"; Ardour's manual, "Lua Scripting"; Pd's FAQ, "How do I install externals
and help files?"; SuperCollider's guide "Using Extensions".
"""

from __future__ import annotations

import re
from pathlib import Path

from bridge.cli.daw_scripts.machine import WINDOWS, Machine
from bridge.library.user_library import find_user_library
from bridge.messages import BridgeError


def user_library(_machine: Machine) -> Path:
    """Live's User Library. Raises BridgeError `folder` if it is not where Live puts it."""
    return find_user_library()


def bitwig_scripts(machine: Machine) -> Path:
    """Bitwig's folder of controller scripts. Raises BridgeError `folder` if Bitwig never ran."""
    # On Linux it lies in the home folder itself.
    home = machine.home if machine.platform not in ("darwin", WINDOWS) else machine.documents
    return _present(home / "Bitwig Studio", "Bitwig Studio") / "Controller Scripts"


def reaper_resources(machine: Machine) -> Path:
    """REAPER's resource path. Raises BridgeError `folder` if REAPER never ran."""
    folder = machine.choose(
        linux=machine.config / "REAPER",
        macos=machine.library / "Application Support" / "REAPER",
        windows=machine.roaming / "REAPER",
    )
    return _present(folder, "REAPER")


def ardour_config(machine: Machine) -> Path:
    """The configuration folder of the newest Ardour. Raises BridgeError `folder` if Ardour never ran."""
    parent = machine.choose(
        linux=machine.config, macos=machine.library / "Preferences", windows=machine.local
    )
    found = {}
    for folder in parent.glob("[Aa]rdour*"):
        number = re.fullmatch(r"ardour(\d+)", folder.name.lower())
        if number is not None and folder.is_dir():
            found[int(number[1])] = folder
    if not found:
        raise _absent(parent / "ardour8", "Ardour")
    return found[max(found)]


def pd_externals(machine: Machine) -> Path:
    """The folder that every Pd searches for a user's own objects; Pd creates none of its own accord."""
    return machine.choose(
        linux=machine.home / ".local" / "lib" / "pd" / "extra",
        macos=machine.library / "Pd",
        windows=machine.roaming / "Pd",
    )


def supercollider_extensions(machine: Machine) -> Path:
    """`Platform.userExtensionDir`; SuperCollider creates none of its own accord."""
    return machine.choose(
        linux=machine.data / "SuperCollider" / "Extensions",
        macos=machine.library / "Application Support" / "SuperCollider" / "Extensions",
        windows=machine.local / "SuperCollider" / "Extensions",
    )


def _present(folder: Path, program: str) -> Path:
    if not folder.is_dir():
        raise _absent(folder, program)
    return folder


def _absent(folder: Path, program: str) -> BridgeError:
    return BridgeError(
        "folder",
        f"`{folder}`: no such folder; start {program} once, or give the folder of its scripts with --to",
    )
