"""Ends this process soon after its parent, however the parent ended: even killed, it leaves nobody behind.

A child of `multiprocessing` watches its parent's sentinel (`end_with_parent`). Other programs are started as
`command(...)` with a pipe as standard input, which the system closes when the parent ends; they need no code
of their own. Works on all systems, but a long call that holds Python's lock delays the end.
"""

from __future__ import annotations

import _thread
import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import connection
from pathlib import Path

# Time to finish by itself, as the audio process finishes its recordings and the daemon stops its children.
GRACE_SECONDS = 15.0
_STATUS = 1


def end_with_parent() -> None:
    """End this child of `multiprocessing` with its parent, after `GRACE_SECONDS` at the latest."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _watch(lambda: connection.wait([parent.sentinel]))


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module and ends it with the process that holds its standard input."""
    return [sys.executable, "-m", "bridge.system.ends_with_parent", module, *arguments]


def environment() -> dict[str, str]:
    """Return this process's environment, extended so that this copy of `bridge` is importable anywhere."""
    source = str(Path(__file__).resolve().parents[2])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def run(module: str, *arguments: str, timeout_seconds: float) -> int:
    """Run a module in a process that ends with this one; return its exit status.

    Raises OSError, or subprocess.TimeoutExpired once it has been killed.
    """
    with subprocess.Popen(  # noqa: S603  (our own interpreter and module)
        command(module, *arguments), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment()
    ) as process:
        try:
            return process.wait(timeout_seconds)
        except BaseException:
            process.kill()
            raise


def _watch(wait_for_end: Callable[[], object], at_end: Callable[[], None] = lambda: None) -> None:
    def watch() -> None:
        wait_for_end()
        at_end()
        time.sleep(GRACE_SECONDS)
        os._exit(_STATUS)

    threading.Thread(target=watch, name="watch the parent", daemon=True).start()


def _until_closed() -> None:
    while os.read(0, 4096):
        pass


def main() -> None:
    """Run the module named first on the command line, as `python -m` would."""
    _watch(_until_closed, _thread.interrupt_main)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
