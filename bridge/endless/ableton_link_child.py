"""The Ableton Link process: joins a Link session and reports its tempo and beat.

aalink is under the GPL and stays out of every other process. It comes with the `link` extra, and is imported
only here, and only when Link is switched on.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

REPORT_SECONDS = 0.05
# A peer that joins at once imposes its tempo on the session; after listening for a while it adopts that.
LISTEN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The session's position: `beat` (quarter notes) at a time of time.monotonic, and its other peers."""

    peers: int
    bpm: float
    beat: float
    at_seconds: float


@dataclass(frozen=True, slots=True)
class LinkMissing:
    """aalink is not installed, or fails to import."""

    reason: str


def link_main(connection: Connection, bpm: float, bar_beats: float) -> None:
    """Run the process until its pipe to the daemon closes; a number from it is the bar's new length."""
    try:
        asyncio.run(_listen(connection, bpm, bar_beats))
    except ImportError as error:
        connection.send(LinkMissing(str(error)))
    except (EOFError, OSError):
        return  # the daemon is gone


async def _listen(connection: Connection, bpm: float, bar_beats: float) -> None:
    import aalink

    link = aalink.Link(bpm)
    # Link's quantum: programs agree on the beat modulo this many, so on the bar lines.
    link.quantum = bar_beats
    await asyncio.sleep(LISTEN_SECONDS)
    link.enabled = True
    while True:
        while connection.poll():
            link.quantum = connection.recv()
        # The mean of the times before and after reading, in case the process is interrupted in between.
        before = time.monotonic()
        beat, tempo = float(link.beat), float(link.tempo)
        at = (before + time.monotonic()) / 2
        connection.send(LinkReport(int(link.num_peers), tempo, beat, at))
        await asyncio.sleep(REPORT_SECONDS)
