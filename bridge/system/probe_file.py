"""The file beside the settings that remembers what each machine computes fastest with.

A folder of settings may be shared by machines, so that each has an entry of its own.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from bridge.messages import BridgeError
from bridge.system.disk import open_regular, write_whole

_LARGEST_BYTES = 256 * 1024
_MOST_MACHINES = 32


def read_probes(path: Path) -> dict[str, object]:
    """Return what was measured, by machine; empty if the file is missing or damaged."""
    try:
        with open_regular(path) as file:
            probes = json.loads(file.read(_LARGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return probes if isinstance(probes, dict) else {}


def remember_probe(path: Path, machine: str, probe: object) -> None:
    """Write what was measured for a machine. Raises BridgeError `folder` or `disk`."""
    known = {name: value for name, value in read_probes(path).items() if name != machine}
    kept = list(known.items())[-(_MOST_MACHINES - 1) :]
    write_whole(path, (json.dumps(dict([*kept, (machine, probe)]), indent=1) + "\n").encode())


def forget_probes(path: Path) -> None:
    """Remove the file, so that the next start measures anew. Raises BridgeError `folder`."""
    try:
        with suppress(FileNotFoundError):
            path.unlink()
    except OSError as error:
        raise BridgeError(
            "folder", f"`{path}` cannot be removed ({error.strerror}); remove it yourself"
        ) from error
