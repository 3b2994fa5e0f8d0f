"""Process priorities: audio above the daemon, the daemon above renders.

Linux first divides CPU time among sessions, each with its own niceness (sched(7), "The autogroup feature");
`nice` counts only within a session. So a process that is to go before or after other *programs* needs its own
session. On other systems, and on Linux without autogroups, `nice` alone is enough.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_YIELDING, _FIRST = 10, -11
# A third of another session's share; at 10, on a machine kept busy by others, it would be a tenth.
_YIELDING_SESSION = 5
AUTOGROUP = Path("/proc/self/autogroup")


def yield_to_others() -> None:
    """Lower the priority of this process below the DAW, its sound server and our audio process."""
    _set(_YIELDING, _YIELDING_SESSION)


def go_first() -> None:
    """Raise the priority of this process above other programs, if permitted, since audio must not be late."""
    _set(_FIRST, _FIRST)


def _set(niceness: int, session_niceness: int) -> None:
    if sys.platform == "win32":
        import psutil

        first, yielding = psutil.HIGH_PRIORITY_CLASS, psutil.BELOW_NORMAL_PRIORITY_CLASS
        psutil.Process().nice(first if niceness < 0 else yielding)
        return
    with contextlib.suppress(OSError):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, niceness if niceness < 0 else max(niceness, now))
    if not AUTOGROUP.exists():
        return
    # A session leader already has its own session. A mere process group leader cannot start one, and must not
    # change the priority of its terminal's session.
    with contextlib.suppress(OSError):
        if os.getsid(0) != os.getpid():
            os.setsid()
        AUTOGROUP.write_text(str(session_niceness), encoding="ascii")
