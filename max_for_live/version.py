"""The device's version: it rises whenever device or script change, so that none replaces a later one.

`version.json` beside this file holds the number and the digest of its contents. The builder increments the
number if the digest differs, and a test fails if the builder was not run: no need to remember it, or for git.
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
    """A number, and the SHA-256 digest of the device and the script that it stands for."""

    number: int
    content: str

    def text(self) -> str:
        """Return the text of `version.json`."""
        return json.dumps({"number": self.number, "content": self.content}, indent=2) + "\n"


def recorded(path: Path = RECORD) -> Version:
    """Return the version that was built last."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Version(int(found["number"]), str(found["content"]))


def due(before: Version, *contents: str) -> Version:
    """Return the version of `contents`: `before` if nothing has changed, else the next number."""
    digest = hashlib.sha256("\0".join(contents).encode()).hexdigest()
    return before if digest == before.content else Version(before.number + 1, digest)


def stamp(patcher: dict[str, Any], number: int) -> None:
    """Write the number into a patcher, where `install-device` reads it; Max preserves it on saving."""
    patcher["patcher"]["digest"] = f"Msanii device {number}"
