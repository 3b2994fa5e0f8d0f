"""`msanii-bridge install-device`: copies the Max for Live device and its script into Live's User Library.

Both are always installed together, since Max looks for the script beside the device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bridge.library.user_library import find_user_library, given_user_library
from bridge.messages import BridgeError
from bridge.system.disk import make_folder, write_whole

# Install the script first: a device without it shows "script missing"; a script alone does no harm.
FILES = ("MsaniiLive.js", "Msanii.amxd")
PLACE = Path("Presets", "Audio Effects", "Max Audio Effect", "Msanii")
KEPT_SUFFIX = ".previous"

_VERSION = re.compile(rb'"digest"\s*:\s*"Msanii device (\d+)"')


def device_folder() -> Path:
    """Return the folder of the bundled device: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "_max_for_live"
    return packed if packed.is_dir() else package.parent / "max_for_live"


def install_device(user_library: Path | None = None, source: Path | None = None) -> list[str]:
    """Install the device's files; return a report, one sentence per step.

    An installed file that differs is renamed with the suffix `.previous`. If a later version of the device
    is installed, nothing is changed.

    Raises:
        BridgeError: `folder` if there is no User Library, or it cannot be written; `exists` if a later
            version is installed; `disk` if the disk is full.
    """
    library = given_user_library(user_library) if user_library is not None else find_user_library()
    target = library / PLACE
    files = {name: _read(source or device_folder(), name) for name in FILES}
    _refuse_to_go_back(target / FILES[-1], files[FILES[-1]])
    make_folder(target)
    return [sentence for name, data in files.items() for sentence in _put(target / name, data)]


def device_version(data: bytes) -> int:
    """Return the version in a device's bytes, also after Max has saved it again; 0 if there is none."""
    found = _VERSION.search(data)
    return int(found[1]) if found else 0


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BridgeError(
            "folder", f"`{folder / name}` cannot be read ({error.strerror}): install msanii-bridge again"
        ) from error


def _refuse_to_go_back(installed: Path, ours: bytes) -> None:
    if not installed.is_file():
        return
    theirs = device_version(_read(installed.parent, installed.name))
    if theirs > device_version(ours):
        raise BridgeError(
            "exists",
            f"`{installed}` is version {theirs}, later than this one ({device_version(ours)}): "
            "nothing was changed; update msanii-bridge, or delete that file first",
        )


def _put(path: Path, data: bytes) -> Iterator[str]:
    """Write a file atomically; yield a sentence per step."""
    before = _read(path.parent, path.name) if path.is_file() else None
    if before == data:
        yield f"{path} is up to date"
        return
    if before is not None:
        kept = path.with_name(path.name + KEPT_SUFFIX)
        write_whole(kept, before)
        yield f"{kept} keeps what was there"
    write_whole(path, data)
    yield f"{path} written"
