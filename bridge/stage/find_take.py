"""Finds the audio file that a client names for a deck."""

from __future__ import annotations

from pathlib import Path

from bridge.audio_child.protocol import TakeFile
from bridge.library.sources import open_named
from bridge.library.takes import Library
from bridge.messages import BridgeError, Peer
from bridge.settings import Settings
from bridge.stage.decks import take_file
from bridge.system.abandonable_thread import run_abandonable

_FIND_SECONDS = 5.0


class TakeFinder:
    """Finds takes of the library, and other audio files that a client may read."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings = settings
        self._library = library

    async def find(self, take: str, bpm: float | None, sender: Peer | None) -> TakeFile:
        """Return a take by name, with its tempo. Runs outside the event loop: a network drive may hang.

        Raises BridgeError if there is no such file, or the client may not read it.
        """
        file = await run_abandonable(lambda: take_file(self._path(take, sender), bpm), _FIND_SECONDS)
        if file is None:
            raise BridgeError("source", f"`{Path(take).name}`: its disk does not answer; choose another take")
        return file

    def _path(self, take: str, sender: Peer | None) -> Path:
        """Return the path of the file that a client named, if that client may read it."""
        allowed = self._settings.folders_for(sender)
        folders = [self._library.takes_folder, self._library.folder]
        if allowed is not None:
            allowed = (*allowed, *folders)
        named = self._library.named(take)
        with open_named(named, allowed_folders=allowed, bases=folders) as file:
            return Path(file.name)
