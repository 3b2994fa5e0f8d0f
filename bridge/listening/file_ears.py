"""Hears audio files: what is known of one is answered by its hash, what is new is heard from a copy."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from bridge.library.folders import LibraryFolders
from bridge.library.sources import find_source, keep_source, never_read, open_named
from bridge.listening.hearing import Hearing
from bridge.messages import BridgeError, HeardAudio, Peer, SourceAudio
from bridge.requests.named_audio import keep_named
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import disk_error, open_regular

LONGEST_SECONDS = 1800.0
READ_SECONDS = 180.0
"""how long a file may take to be copied and checked"""
KNOWN_SECONDS = 30.0
"""how long a file may take to be read for its hash alone"""
_CHUNK_BYTES = 1 << 20


class FileEars:
    """Hears files of at most `LONGEST_SECONDS`.

    What is heard is a copy of the file, deleted with the answer: so it is what was checked, whatever happens
    to the file meanwhile.
    """

    def __init__(self, settings: Settings, library: LibraryFolders, hearing: Hearing) -> None:
        self._settings = settings
        self._library = library
        self._hearing = hearing

    async def known(self, path: Path) -> HeardAudio | None:
        """Return what was heard in a file before; None if it is new.

        Raises BridgeError `source` if its disk does not answer, `model` without a listener, and OSError.
        """

        def work() -> tuple[HeardAudio | None]:
            with open_regular(path) as file:
                return (self._hearing.known([SourceAudio(sha256=hash_of(file), name=path.name)]),)

        found = await run_abandonable(work, KNOWN_SECONDS)
        if found is None:
            raise never_read(f"source `{path.name}`", KNOWN_SECONDS)
        return found[0]

    async def hear(self, path_or_name: str | Path, sender: Peer | None = None) -> HeardAudio:
        """Return what is heard in a file or take, as a client names it; without a client, any file may be.

        Raises BridgeError as `keep_named`, `keep_source` and `Hearing.hear`.
        """
        try:
            copies = tempfile.TemporaryDirectory(prefix="msanii-listen-", ignore_cleanup_errors=True)
        except OSError as error:
            raise disk_error(error, Path(tempfile.gettempdir())) from error
        with copies as folder:
            asked = await self._asked(str(path_or_name), sender, Path(folder))
            if isinstance(asked, HeardAudio):
                return asked
            source, path = asked
            return await self._hearing.hear([source], [path])

    async def _asked(
        self, path_or_name: str, sender: Peer | None, copies: Path
    ) -> HeardAudio | tuple[SourceAudio, Path]:
        """Return the answer, if it is known; else the audio to hear, and where its checked copy is.

        In a thread: the file's disk may be slow, or lost.
        """
        library = self._library

        def keep(path: str, allowed: Sequence[Path] | None) -> SourceAudio:
            bases = [library.takes_folder]
            with contextlib.suppress(OSError), open_named(path, allowed_folders=allowed, bases=bases) as file:
                source = SourceAudio(sha256=hash_of(file), name=Path(file.name).name)
                if self._hearing.known([source]) is not None:
                    return source
            return keep_source(
                path, copies, allowed_folders=allowed, bases=bases, longest_seconds=LONGEST_SECONDS
            )

        def work() -> HeardAudio | tuple[SourceAudio, Path]:
            named = library.named(path_or_name)
            source = keep_named(named, sender, self._settings, library, keep)
            if (heard := self._hearing.known([source])) is not None:
                return heard
            try:
                return source, find_source(source, copies)
            except BridgeError:
                return source, library.source_path(source)  # it was named by its hash

        asked = await run_abandonable(work, READ_SECONDS)
        if asked is None:
            raise never_read(f"source `{Path(path_or_name).name}`", READ_SECONDS)
        return asked


def hash_of(file: BinaryIO) -> str:
    """Return the SHA-256 of an open file."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
