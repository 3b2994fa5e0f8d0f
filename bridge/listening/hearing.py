"""Hears audio files in a process of its own, one after another, and remembers what was heard in each."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path

from bridge.library.folders import LibraryFolders
from bridge.library.sources import source_seconds
from bridge.listening.heard_files import HeardFiles, RememberedAudio
from bridge.listening.listener_process import ListenerProcess
from bridge.listening.questions import Question
from bridge.messages import HeardAudio, SourceAudio
from bridge.worker.listener_folder import find_listener, listener_version

_MOST_KEPT = 256


class Hearing:
    """The ears of the daemon. Audio is known by its hash; several sources are heard as they play together."""

    def __init__(
        self, library: LibraryFolders, model_folders: Sequence[Path], process: ListenerProcess | None = None
    ) -> None:
        self._model_folders = model_folders
        self._files = HeardFiles(library.heard)
        self._process = process or ListenerProcess()
        self._turn = asyncio.Lock()
        self._kept: dict[tuple[str, str], HeardAudio] = {}

    def known(self, sources: Sequence[SourceAudio]) -> HeardAudio | None:
        """Return what the present listener has heard in sources already; None if they are new to it.

        Any thread may ask. Raises BridgeError `model` if there is no listener.
        """
        sha256, listener = _hash_of(sources), _version(self._listener())
        if (heard := self._kept.get((sha256, listener))) is not None:
            return heard
        remembered = self._files.read(sha256)
        return remembered.heard if remembered is not None and remembered.listener == listener else None

    async def hear(self, sources: Sequence[SourceAudio], paths: Sequence[Path]) -> HeardAudio:
        """Return what is heard in sources, whose checked copies are at `paths`.

        Raises BridgeError as `ListenerProcess.ask`, and `model` if there is no listener.
        """
        listener = self._listener()
        name = " + ".join(source.name for source in sources)
        async with self._turn:
            # Somebody else may have asked the same meanwhile.
            heard = await asyncio.to_thread(self.known, sources)
            if heard is None:
                seconds = await asyncio.to_thread(lambda: max(map(source_seconds, paths)))
                heard = await self._process.ask(Question(tuple(paths), name, seconds, listener))
        sha256, version = _hash_of(sources), _version(listener)
        if (sha256, version) not in self._kept:
            self._kept[sha256, version] = heard
            await asyncio.to_thread(self._remember, sha256, name, version, heard, paths)
        if len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return heard

    def _remember(
        self, sha256: str, name: str, version: str, heard: HeardAudio, paths: Sequence[Path]
    ) -> None:
        length_bytes = sum(path.stat().st_size for path in paths)
        remembered = RememberedAudio(name=name, listener=version, heard=heard, bytes=length_bytes)
        self._files.write(sha256, remembered)

    async def stop(self) -> None:
        """End the process, even while it listens."""
        await self._process.stop()

    def _listener(self) -> Path:
        return find_listener(self._model_folders)


def _hash_of(sources: Sequence[SourceAudio]) -> str:
    """The hash of a file, or one that follows from those of several."""
    if len(sources) == 1:
        return sources[0].sha256
    return hashlib.sha256(" ".join(source.sha256 for source in sources).encode()).hexdigest()


def _version(listener: Path) -> str:
    return " ".join(map(str, listener_version(listener)))
