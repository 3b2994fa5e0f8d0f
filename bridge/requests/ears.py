"""Hears the sources of requests, for as long as a request may wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bridge.messages import BridgeError, HeardAudio, SourceAudio
from bridge.requests.heard_source import HeardSource, UnheardSource

HEARING_SECONDS = 30.0
"""how long; other requests wait as long"""

Hear = Callable[[Sequence[SourceAudio], Sequence[Path]], Awaitable[HeardAudio]]
"""Returns what is heard in sources, whose copies are at the paths. Raises BridgeError."""
_log = logging.getLogger(__name__)


class Ears:
    """Asks `hear`; None is for a daemon that does not hear sources."""

    def __init__(self, hear: Hear | None) -> None:
        self._hear = hear
        self._hearing: set[asyncio.Future[HeardAudio]] = set()

    @property
    def are_open(self) -> bool:
        """Whether sources are heard at all."""
        return self._hear is not None

    async def hear(self, sources: Sequence[SourceAudio], paths: Sequence[Path]) -> HeardAudio:
        """Return what is heard. Raises BridgeError, `busy` if that takes more than `HEARING_SECONDS`."""
        names = " + ".join(source.name for source in sources)
        if self._hear is None:
            raise BridgeError(
                "source",
                f"source `{names}`: the setting `hear_sources` is off; set it, or send `bpm` and `chords`",
            )
        # It is heard to its end even so: whoever asks again finds the answer.
        hearing = asyncio.ensure_future(self._hear(sources, paths))
        self._hearing.add(hearing)
        hearing.add_done_callback(self._heard)
        try:
            return await asyncio.wait_for(asyncio.shield(hearing), HEARING_SECONDS)
        except TimeoutError as error:
            raise BridgeError(
                "busy",
                f"source `{names}`: not heard within {HEARING_SECONDS:g} s; it is still being heard, so send "
                "this again in a moment",
            ) from error

    async def try_hearing(self, unheard: UnheardSource) -> HeardSource | None:
        """Return what is heard in a source; None if that fails, so that the request can do without."""
        try:
            heard = await self.hear([unheard.source], [unheard.path])
        except BridgeError as error:
            _log.warning("source %s is not heard: %s", unheard.source.name, error)
            return None
        return HeardSource(heard=heard, seconds=unheard.seconds, take=unheard.take)

    def _heard(self, hearing: asyncio.Future[HeardAudio]) -> None:
        self._hearing.discard(hearing)
        if not hearing.cancelled():
            hearing.exception()  # whoever waited has it; nobody else asked
