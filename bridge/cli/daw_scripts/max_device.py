"""The Max for Live device: which files, where in Live's User Library, and of which version.

Device and script are always installed together, since Max looks for the script beside the device.
"""

from __future__ import annotations

import re
from pathlib import Path

from bridge.cli.daw_scripts.files import read_file
from bridge.messages import BridgeError

# Install the script first: a device without it shows "script missing"; a script alone does no harm.
FILES = ("MsaniiLive.js", "Msanii.amxd")
PLACE = Path("Presets", "Audio Effects", "Max Audio Effect", "Msanii")

_VERSION = re.compile(rb'"digest"\s*:\s*"Msanii device (\d+)"')


def device_folder() -> Path:
    """Return the folder of the bundled device: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parents[2]
    packed = package / "_max_for_live"
    return packed if packed.is_dir() else package.parent / "max_for_live"


def device_version(data: bytes) -> int:
    """Return the version in a device's bytes, also after Max has saved it again; 0 if there is none."""
    found = _VERSION.search(data)
    return int(found[1]) if found else 0


def refuse_to_go_back(installed: Path, ours: bytes) -> None:
    """Raise BridgeError `exists` if the installed device is of a later version than ours."""
    if not installed.is_file():
        return
    theirs = device_version(read_file(installed.parent, installed.name))
    if theirs > device_version(ours):
        raise BridgeError(
            "exists",
            f"`{installed}` is version {theirs}, later than this one ({device_version(ours)}): "
            "nothing was changed; update msanii-bridge, or delete that file first",
        )
