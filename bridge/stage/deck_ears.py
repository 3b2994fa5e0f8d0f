"""Hears the audio from elsewhere that decks hold without a tempo, while they are ready to play it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from bridge.audio_child import protocol as p
from bridge.messages import BridgeError, HeardAudio
from bridge.stage.child_link import StageLink
from bridge.stage.heard_tempo import heard_file
from bridge.system.abandonable_thread import run_abandonable

_FILE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Ears(Protocol):
    """Hears files. Both raise BridgeError if a file cannot be heard."""

    async def known(self, path: Path) -> HeardAudio | None:
        """Return what was heard in a file before; None if it is new."""

    async def hear(self, path: Path) -> HeardAudio:
        """Return what is heard in a file, which may take minutes."""


class DeckEars:
    """Gives files on decks the tempo that is heard in them. Use it only in the event loop.

    One file is heard at a time, and only if its deck still holds it. A file that cannot be heard, or has no
    steady tempo, plays on without.
    """

    def __init__(self, ears: Ears, link: StageLink) -> None:
        self._ears = ears
        self._link = link
        self._looking = asyncio.Lock()
        self._hearing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, deck: int, file: p.TakeFile) -> None:
        """Hear a file that a deck was told to load, and give it what was heard as soon as that is known."""
        task = asyncio.create_task(self._listen(deck, file), name=f"ears of deck {deck}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def known(self, file: p.TakeFile) -> p.TakeFile:
        """Return a file with the tempo that was heard in it before; as it is if it is new, or has none."""
        try:
            heard = await self._ears.known(file.path)
            if heard is None:
                return file
            return await run_abandonable(lambda: heard_file(file.path, heard), _FILE_SECONDS) or file
        except (BridgeError, OSError) as error:
            _log.warning("`%s` keeps its own time: %s", file.path.name, error)
            return file

    async def stop(self) -> None:
        """Stop hearing."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, deck: int, file: p.TakeFile) -> None:
        try:
            heard = await self._heard(deck, file)
            if heard is not None:
                await self._apply(deck, file, heard)
        except (BridgeError, OSError) as error:
            _log.warning("deck %d: `%s` keeps its own time: %s", deck, file.path.name, error)
        except Exception:
            _log.exception("deck %d: `%s` could not be heard", deck, file.path.name)

    async def _heard(self, deck: int, file: p.TakeFile) -> HeardAudio | None:
        """Return what is heard; None if the deck holds something else before that is asked."""
        async with self._looking:
            known = await self._ears.known(file.path) if self._holds(deck, file) else None
        if known is not None:
            return known
        async with self._hearing:
            return await self._ears.hear(file.path) if self._holds(deck, file) else None

    async def _apply(self, deck: int, file: p.TakeFile, heard: HeardAudio) -> None:
        timed = await run_abandonable(lambda: heard_file(file.path, heard), _FILE_SECONDS)
        if timed is None or timed.bpm is None or not self._holds(deck, file):
            return
        self._link.retime(deck, timed)

    def _holds(self, deck: int, file: p.TakeFile) -> bool:
        return self._link.desk(deck).file is file
