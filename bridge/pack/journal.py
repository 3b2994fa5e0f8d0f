"""What a pack has made so far, in a database in its folder, so that a killed pack goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bridge.messages import BridgeError
from bridge.system.database import Database
from bridge.system.disk import lock_folder, make_folder

HIDDEN_FOLDER = ".msanii-pack"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outcomes (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, path TEXT NOT NULL, facts TEXT NOT NULL, fingerprint BLOB,
    made TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

State = Literal["kept", "rejected", "left out"]
Fact = str | float | int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item. `path` is its file, relative to the pack with slashes; of a rejected one "".

    `facts` are what the lists say of it; those of a rejected item have a `reason`.
    """

    key: str
    state: State
    path: str
    facts: Mapping[str, Fact]
    fingerprint: bytes = b""


class Journal:
    """The journal of the pack in a folder, which it locks. Use it in a `with` block.

    Raises:
        BridgeError: `folder` if the folder holds other things, or another pack is being made in it; `disk`.
    """

    def __init__(self, folder: Path) -> None:
        self.hidden = folder / HIDDEN_FOLDER
        if not self.hidden.is_dir() and folder.exists():
            if not folder.is_dir():
                raise BridgeError("folder", f"`{folder}` is a file; name a folder")
            others = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
            if others:
                raise BridgeError(
                    "folder",
                    f"`{folder}` holds other files (such as `{others[0]}`) and no pack; name a new folder",
                )
        make_folder(self.hidden)
        self._lock = lock_folder(self.hidden / "lock", folder)
        try:
            self._database = Database(self.hidden / "journal.sqlite", _SCHEMA)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        self._lock.release()

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each item, in the order in which they were made."""
        for key, state, path, facts, print_ in self._database.rows(
            "SELECT key, state, path, facts, fingerprint FROM outcomes ORDER BY rowid"
        ):
            yield Outcome(key, state, path, json.loads(facts), print_ or b"")

    def record(self, outcome: Outcome) -> None:
        """Record an outcome; it survives a kill when this returns. Raises BridgeError `disk` or `folder`."""
        row = (
            outcome.key, outcome.state, outcome.path, json.dumps(dict(outcome.facts)), outcome.fingerprint,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        self._database.rows("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?)", row)

    def forget(self, key: str) -> None:
        """Forget an item, so that it is made again."""
        self._database.rows("DELETE FROM outcomes WHERE key = ?", (key,))

    def said(self, name: str) -> object:
        """Return a value that was noted; None without one."""
        rows = self._database.rows("SELECT value FROM said WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else None

    def say(self, name: str, value: object) -> None:
        """Note a value."""
        self._database.rows("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, json.dumps(value)))
