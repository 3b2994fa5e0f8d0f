"""The device's version: it rises whenever device or script change, so that none replaces a later one.

`version.json` beside this file holds the number and the digest of what bears it. The builder counts on where
the digest differs, and a test fails where it was not run: nobody has to remember, and no history is asked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORD = Path(__file__).resolve().parent / "version.json"


@dataclass(frozen=True, slots=True)
class Version:
    """A number, and the SHA-256 digest of the device and the script that bear it."""

    number: int
    content: str

    def text(self) -> str:
        """The text of `version.json`."""
        return json.dumps({"number": self.number, "content": self.content}, indent=2) + "\n"


def recorded(path: Path = RECORD) -> Version:
    """The version that was built last."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Version(int(found["number"]), str(found["content"]))


def due(before: Version, *contents: str) -> Version:
    """The version of `contents`: `before` where nothing changed since, else one more."""
    digest = hashlib.sha256("\0".join(contents).encode()).hexdigest()
    return before if digest == before.content else Version(before.number + 1, digest)


def stamp(patcher: dict[str, Any], number: int) -> None:
    """Writes the number into a patcher, where `install-device` reads it; Max keeps it when it saves."""
    patcher["patcher"]["digest"] = f"Msanii device {number}"
