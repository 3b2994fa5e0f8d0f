"""Times without what processes waited for a core, which say the same on a busy machine as on a calm one."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Taken:
    """A stretch of time: all of it, and what was left when no thread waited for a core."""

    seconds: float = 0.0
    own_seconds: float = 0.0


@contextlib.contextmanager
def taken(*pids: int) -> Iterator[Taken]:
    """Time what is done in this block by this process and others.

    A thread that waits may hold up others of its process, so the waits of all of them are taken off. Only
    Linux tells them; elsewhere none are.
    """
    both = Taken()
    before, began = _waited_seconds(*pids), time.perf_counter()
    yield both
    both.seconds = time.perf_counter() - began
    both.own_seconds = max(0.0, both.seconds - (_waited_seconds(*pids) - before))


def _waited_seconds(*pids: int) -> float:
    """See Documentation/scheduler/sched-stats.rst of Linux: the second number is the time on a run queue."""
    waited_ns = 0
    for pid in (os.getpid(), *pids):
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # the thread has ended
                waited_ns += int(path.read_text().split()[1])
    return waited_ns / 1e9
