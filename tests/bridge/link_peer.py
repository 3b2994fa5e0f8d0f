"""Another program on Ableton Link, for tests: run as `python -m tests.bridge.link_peer BPM`.

Each line it is sent is a tempo to set, `bar` with the quarter notes of a bar, or empty; it answers with its
time.monotonic, beat and tempo.
"""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tests.conftest import ROOT, missing

_LOCK_SECONDS = 200


@contextmanager
def link_to_ourselves() -> Iterator[None]:
    """Other runs of the tests wait, since all programs of a machine are in one session.

    Skips, or under REQUIRE_REAL fails, where the `link` extra is missing.
    """
    if importlib.util.find_spec("aalink") is None:
        missing("aalink (the `link` extra) is not installed")
    with FileLock(Path(tempfile.gettempdir()) / "msb-link.lock", timeout=_LOCK_SECONDS):
        yield


class LinkPeer:
    """The program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert self._line() == "up\n"

    def where(self, bpm: float | None = None) -> tuple[float, float, float]:
        """A moment of time.monotonic, its beat then, and its tempo; one to set first may be given."""
        return self._ask("" if bpm is None else str(bpm))

    def count_bars_of(self, beats: float) -> None:
        """Set the length of its bars, in quarter notes; it begins with 4."""
        self._ask(f"bar {beats}")

    def _ask(self, line: str) -> tuple[float, float, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        at, beat, tempo = map(float, self._line().split())
        return at, beat, tempo

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def link_peer(bpm: float) -> Iterator[LinkPeer]:
    """A peer that brings a tempo along, and is gone at the end."""
    command = [sys.executable, "-m", "tests.bridge.link_peer", str(bpm)]
    with (
        link_to_ourselves(),
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            yield LinkPeer(process)
        finally:
            process.kill()


async def main(bpm: float) -> None:
    import aalink

    loop = asyncio.get_running_loop()
    link = aalink.Link(bpm)
    link.quantum = 4.0
    link.enabled = True
    print("up", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.startswith("bar "):
            link.quantum = float(line.removeprefix("bar "))
        elif line.strip():
            link.tempo = float(line)
        before = time.monotonic()
        beat = link.beat
        print((before + time.monotonic()) / 2, beat, link.tempo, flush=True)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
