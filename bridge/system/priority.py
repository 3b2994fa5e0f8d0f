"""Who goes first on a busy machine: sound before the daemon, the daemon before renders.

Linux divides its processors among sessions first, each with a niceness of its own (sched(7), "The autogroup
feature"); `nice` counts only inside one. So a process that is to go before or after other *programs* needs a
session to itself. Elsewhere, and where Linux has no autogroups, `nice` does it all.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_YIELDING, _FIRST = 10, -11
# A third of another session's share: on a machine that others keep busy throughout, 10 would leave a tenth.
_YIELDING_SESSION = 5
AUTOGROUP = Path("/proc/self/autogroup")


def yield_to_others() -> None:
    """Lets the DAW, its sound server and our own audio process go before this process."""
    _set(_YIELDING, _YIELDING_SESSION)


def go_first() -> None:
    """Goes before other programs, where the system gives us the right: sound that is late is no sound."""
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
    # The one that leads a session already has it; a mere group's leader cannot have one, and must not
    # speak for the session of its terminal.
    with contextlib.suppress(OSError):
        if os.getsid(0) != os.getpid():
            os.setsid()
        AUTOGROUP.write_text(str(session_niceness), encoding="ascii")
