"""What was installed where, so that it can be replaced and removed without touching a user's own changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.system.disk import write_whole


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Installed:
    """One program's scripts: the folder given or found, their version, each file's digest by its name."""

    base: str
    version: str
    files: dict[str, str]


class Records:
    """The file of records. One that cannot be read counts as empty: then nothing is known to be ours."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, program: str) -> Installed | None:
        """Return what is installed for a program; None for nothing."""
        found = self._read().get(program)
        try:
            return Installed(**found) if isinstance(found, dict) else None
        except TypeError:
            return None

    def set(self, program: str, installed: Installed | None) -> None:
        """Record what is installed, or with None that nothing is. Raises BridgeError `folder` or `disk`."""
        kept = self._read() | {program: installed and asdict(installed)}
        text = json.dumps({name: one for name, one in kept.items() if one}, indent=1)
        write_whole(self.path, text.encode())

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def user_records() -> Records:
    """Return the records of this user, beside settings.yaml."""
    import platformdirs

    from bridge.settings import PROGRAM

    return Records(Path(platformdirs.user_config_dir(PROGRAM)) / "installed.json")
