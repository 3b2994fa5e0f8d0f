"""Answers what is heard in an audio file or a take; remembers the answers by the file's content."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from bridge.library.folders import LibraryFolders
from bridge.library.sources import find_source, keep_source, never_read, open_named, source_seconds
from bridge.listening.listener_process import ListenerProcess
from bridge.listening.questions import HeardAudio, Question
from bridge.messages import BridgeError, Listen, SourceAudio
from bridge.outputs.outlet import Outlet
from bridge.requests.named_audio import keep_named
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import disk_error
from bridge.system.inbox import Handlers
from bridge.worker.listener_folder import find_listener, listener_version

LONGEST_SECONDS = 1800.0
READ_SECONDS = 180.0
"""how long a file may take to be copied and checked"""
MOST_QUESTIONS = 4
"""questions in work at once; each has a copy of its file on the disk"""
_MOST_KEPT = 256
_CHUNK_BYTES = 1 << 20

_Key = tuple[object, ...]


class ListenCommand:
    """Hears files in a process of its own.

    What is heard is a copy of the file, deleted with the answer: so it is what was checked, whatever happens
    to the file meanwhile. It takes files of at most `LONGEST_SECONDS`.
    """

    def __init__(
        self,
        settings: Settings,
        library: LibraryFolders,
        outlet: Outlet,
        process: ListenerProcess | None = None,
    ) -> None:
        self._settings = settings
        self._library = library
        self._outlet = outlet
        self._process = process or ListenerProcess()
        self._turn = asyncio.Lock()
        self._kept: dict[_Key, HeardAudio] = {}
        self.slow_handlers: Handlers = {Listen: self._listen}

    async def stop(self) -> None:
        """End the process, even while it listens."""
        await self._process.stop()

    async def _listen(self, message: Listen) -> None:
        listener = find_listener(self._settings.model_folders)
        try:
            copies = tempfile.TemporaryDirectory(prefix="msanii-listen-", ignore_cleanup_errors=True)
        except OSError as error:
            raise disk_error(error, Path(tempfile.gettempdir())) from error
        with copies as folder:
            asked = await self._asked(message, listener, Path(folder))
            heard = asked if isinstance(asked, HeardAudio) else await self._heard(*asked)
        self._outlet.reply(
            message.sender, "heard", message.path_or_name, heard.bpm, heard.numerator, heard.denominator,
            heard.first_beat, heard.key, heard.chords, heard.confidence,
        )  # fmt: skip

    async def _asked(
        self, message: Listen, listener: Path, copies: Path
    ) -> HeardAudio | tuple[_Key, Question]:
        """Return the answer, if it is known; else what to ask, about a checked copy of the file.

        In a thread: the file's disk may be slow, or lost.
        """
        library = self._library

        def keep(path: str, allowed: Sequence[Path] | None) -> SourceAudio:
            bases = [library.takes_folder]
            with contextlib.suppress(OSError), open_named(path, allowed_folders=allowed, bases=bases) as file:
                source = SourceAudio(sha256=_hash(file), name=Path(file.name).name)
                if _key(source, listener) in self._kept:
                    return source
            return keep_source(
                path, copies, allowed_folders=allowed, bases=bases, longest_seconds=LONGEST_SECONDS
            )

        def work() -> HeardAudio | tuple[_Key, Question]:
            named = library.named(message.path_or_name)
            source = keep_named(named, message.sender, self._settings, library, keep)
            key = _key(source, listener)
            if (heard := self._kept.get(key)) is not None:
                return heard
            try:
                path = find_source(source, copies)
            except BridgeError:
                path = library.source_path(source)  # it was named by its hash
            return key, Question(path, source.name, source_seconds(path), listener)

        asked = await run_abandonable(work, READ_SECONDS)
        if asked is None:
            raise never_read(f"source `{Path(message.path_or_name).name}`", READ_SECONDS)
        return asked

    async def _heard(self, key: _Key, question: Question) -> HeardAudio:
        async with self._turn:
            # Somebody else may have asked the same meanwhile.
            heard = self._kept.get(key) or await self._process.ask(question)
        self._kept[key] = heard
        if len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return heard


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _key(source: SourceAudio, listener: Path) -> _Key:
    return (source.sha256, *listener_version(listener))
