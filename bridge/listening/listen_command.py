"""Answers what is heard in an audio file or a take; remembers the answers by the file's content."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bridge.library.folders import LibraryFolders
from bridge.library.sources import find_source, keep_source, source_seconds
from bridge.listening.listener_child import find_listener, listener_version
from bridge.listening.listener_process import ListenerProcess
from bridge.listening.questions import HeardAudio, Question
from bridge.messages import BridgeError, Listen, Peer, SourceAudio
from bridge.outputs.outlet import Outlet
from bridge.requests.named_audio import keep_named
from bridge.requests.resolver import SOURCE_SECONDS
from bridge.settings import Settings
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import disk_error
from bridge.system.inbox import Handlers

LONGEST_SECONDS = 1800.0
MOST_QUESTIONS = 4
"""questions in work at once; each has a copy of its file on the disk"""
_MOST_KEPT = 256

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
            source, question = await self._question(message, listener, Path(folder))
            heard = await self._heard(source, question)
        self._outlet.reply(
            message.sender, "heard", message.path_or_name, heard.bpm, heard.numerator, heard.denominator,
            heard.first_beat, heard.key, heard.chords, heard.confidence,
        )  # fmt: skip

    async def _question(self, message: Listen, listener: Path, copies: Path) -> tuple[SourceAudio, Question]:
        """Copy and check the file, in a thread: its disk may be slow, or lost."""

        def work() -> tuple[SourceAudio, Question]:
            source, path = self._copied(message.path_or_name, message.sender, copies)
            return source, Question(path, source.name, source_seconds(path), listener)

        found = await run_abandonable(work, SOURCE_SECONDS)
        if found is None:
            raise BridgeError(
                "source",
                f"source `{Path(message.path_or_name).name}` does not answer: not read within "
                f"{SOURCE_SECONDS:g} s; copy the file to a disk of this machine and send that",
            )
        return found

    def _copied(self, path_or_name: str, sender: Peer | None, copies: Path) -> tuple[SourceAudio, Path]:
        library = self._library

        def keep(path: str, allowed: Sequence[Path] | None) -> SourceAudio:
            return keep_source(
                path,
                copies,
                allowed_folders=allowed,
                bases=[library.takes_folder],
                longest_seconds=LONGEST_SECONDS,
            )

        source = keep_named(library.named(path_or_name), sender, self._settings, library, keep)
        try:
            return source, find_source(source, copies)
        except BridgeError:
            return source, library.source_path(source)  # it was named by its hash

    async def _heard(self, source: SourceAudio, question: Question) -> HeardAudio:
        key = (source.sha256, *listener_version(question.listener))
        if key not in self._kept:
            async with self._turn:
                # Somebody else may have asked the same meanwhile.
                if key not in self._kept:
                    self._keep(key, await self._process.ask(question))
        return self._kept[key]

    def _keep(self, key: _Key, heard: HeardAudio) -> None:
        self._kept[key] = heard
        if len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
