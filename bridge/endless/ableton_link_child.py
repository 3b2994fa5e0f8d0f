"""A process with aalink in it: hears an Ableton Link session and says at which beat it is.

aalink is under the GPL and stays out of every other process; it comes with the `link` extra and is imported
only here, only once somebody asks for it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

REPORT_SECONDS = 0.05
# A peer that joins at once overwrites the session's tempo with its own; one that has listened first takes it.
LISTEN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LinkReport:
    """Where the session is: at `beat` (quarter notes) at a moment of time.monotonic; `peers` others."""

    peers: int
    bpm: float
    beat: float
    at_seconds: float


@dataclass(frozen=True, slots=True)
class LinkMissing:
    """aalink is not installed or does not start."""

    reason: str


def link_main(connection: Connection, bpm: float) -> None:
    """The process, from start to end: it ends when the pipe closes."""
    try:
        asyncio.run(_listen(connection, bpm))
    except ImportError as error:
        connection.send(LinkMissing(str(error)))
    except (EOFError, OSError):
        return  # the daemon is gone


async def _listen(connection: Connection, bpm: float) -> None:
    import aalink

    link = aalink.Link(bpm, asyncio.get_running_loop())
    await asyncio.sleep(LISTEN_SECONDS)
    link.enabled = True
    while not connection.poll():
        # Read between two looks at the clock, so that a pause in between does not count as music.
        before = time.monotonic()
        beat, tempo = float(link.beat), float(link.tempo)
        at = (before + time.monotonic()) / 2
        connection.send(LinkReport(int(link.num_peers), tempo, beat, at))
        await asyncio.sleep(REPORT_SECONDS)
    link.enabled = False
