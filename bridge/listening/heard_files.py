"""What was heard in audio files, remembered by their content: `<library>/.msanii/heard/<sha256>.json`."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from bridge.messages import BridgeError, HeardAudio
from bridge.system.disk import discard, open_regular, write_whole

MOST_FILES = 1000
_LARGEST_BYTES = 1_000_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RememberedAudio:
    """What a version of the listener heard in a file of that name; `bytes` is its length, 0 if unknown."""

    name: str
    listener: str
    heard: HeardAudio
    bytes: int = 0


_FORMAT = TypeAdapter(RememberedAudio)


class HeardFiles:
    """A folder of answers, of which the oldest make room. Any thread may use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, sha256: str) -> RememberedAudio | None:
        """Return what was heard in the file with that hash; None if nothing is known of it."""
        try:
            with open_regular(self._path(sha256)) as file:
                return _FORMAT.validate_json(file.read(_LARGEST_BYTES))
        except (OSError, ValidationError):
            return None

    def write(self, sha256: str, remembered: RememberedAudio) -> None:
        """Remember an answer. If the disk is full it is only logged: the file can be heard again."""
        try:
            write_whole(self._path(sha256), _FORMAT.dump_json(remembered))
        except BridgeError as error:
            _log.warning("what was heard in `%s` is not remembered: %s", remembered.name, error)
        self._make_room()

    def lengths_bytes(self) -> frozenset[int]:
        """Return the lengths of all files of which something is known."""
        known = (self.read(path.stem) for path in self.folder.glob("*.json"))
        return frozenset(remembered.bytes for remembered in known if remembered is not None)

    def _path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.json"

    def _make_room(self) -> None:
        with suppress(OSError):
            oldest_first = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            discard(oldest_first[:-MOST_FILES])
