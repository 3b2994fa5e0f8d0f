"""Answers what is heard in an audio file or a take."""

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
from bridge.messages import BridgeError, HeardAudio, Listen, SourceAudio
from bridge.outputs.outlet import Outlet
from bridge.requests.named_audio import keep_named
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import disk_error
from bridge.system.inbox import Handlers

LONGEST_SECONDS = 1800.0
READ_SECONDS = 180.0
"""how long a file may take to be copied and checked"""
MOST_QUESTIONS = 4
"""questions in work at once; each has a copy of its file on the disk"""
_CHUNK_BYTES = 1 << 20


class ListenCommand:
    """Answers `/msanii/listen`.

    What is heard is a copy of the file, deleted with the answer: so it is what was checked, whatever happens
    to the file meanwhile. It takes files of at most `LONGEST_SECONDS`.
    """

    def __init__(self, settings: Settings, library: LibraryFolders, outlet: Outlet, hearing: Hearing) -> None:
        self._settings = settings
        self._library = library
        self._outlet = outlet
        self._hearing = hearing
        self.slow_handlers: Handlers = {Listen: self._listen}

    async def _listen(self, message: Listen) -> None:
        try:
            copies = tempfile.TemporaryDirectory(prefix="msanii-listen-", ignore_cleanup_errors=True)
        except OSError as error:
            raise disk_error(error, Path(tempfile.gettempdir())) from error
        with copies as folder:
            asked = await self._asked(message, Path(folder))
            if isinstance(asked, HeardAudio):
                heard = asked
            else:
                source, path = asked
                heard = await self._hearing.hear([source], [path])
        self._outlet.reply(
            message.sender, "heard", message.path_or_name, heard.bpm, heard.numerator, heard.denominator,
            heard.first_beat, heard.key, heard.chords, heard.confidence,
        )  # fmt: skip

    async def _asked(self, message: Listen, copies: Path) -> HeardAudio | tuple[SourceAudio, Path]:
        """Return the answer, if it is known; else the audio to hear, and where its checked copy is.

        In a thread: the file's disk may be slow, or lost.
        """
        library = self._library

        def keep(path: str, allowed: Sequence[Path] | None) -> SourceAudio:
            bases = [library.takes_folder]
            with contextlib.suppress(OSError), open_named(path, allowed_folders=allowed, bases=bases) as file:
                source = SourceAudio(sha256=_hash(file), name=Path(file.name).name)
                if self._hearing.known([source]) is not None:
                    return source
            return keep_source(
                path, copies, allowed_folders=allowed, bases=bases, longest_seconds=LONGEST_SECONDS
            )

        def work() -> HeardAudio | tuple[SourceAudio, Path]:
            named = library.named(message.path_or_name)
            source = keep_named(named, message.sender, self._settings, library, keep)
            if (heard := self._hearing.known([source])) is not None:
                return heard
            try:
                return source, find_source(source, copies)
            except BridgeError:
                return source, library.source_path(source)  # it was named by its hash

        asked = await run_abandonable(work, READ_SECONDS)
        if asked is None:
            raise never_read(f"source `{Path(message.path_or_name).name}`", READ_SECONDS)
        return asked


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
