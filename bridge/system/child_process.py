"""A spawned child process and the pipe to it, for use in the event loop.

Always spawned, never forked, so that all systems behave alike. A thread reads the pipe, since event loops on
Windows cannot wait for pipes.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from bridge.system.ends_with_parent import end_with_parent
from bridge.system.stderr_lines import Handle, handle_for_child, use_handle

_LAST_WORDS_SECONDS = 5.0


class ChildProcess:
    """A running child. `on_message` is called in the loop with what it sends; `ended` gives why it ended."""

    def __init__(
        self,
        target: Callable[..., None],
        arguments: tuple[object, ...],
        *,
        name: str,
        on_message: Callable[[Any], None],
    ) -> None:
        """Start `target(connection, *arguments)` in a new process; all of it must be picklable.

        Needs a running event loop. Raises OSError or RuntimeError if there is no process or thread left.
        """
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self.ended: asyncio.Future[str] = self._loop.create_future()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        # daemon: Python ends the child when this process exits even if nobody calls `kill`.
        self._process = context.Process(
            target=_run, args=(handle_for_child(), target, theirs, *arguments), name=name, daemon=True
        )
        self._reader = threading.Thread(target=self._read, name=f"{name} reader", daemon=True)
        try:
            self._process.start()
            self._reader.start()
        except BaseException:
            if self._process.pid is not None:
                self._process.kill()
                self._process.join()
            self._connection.close()
            raise
        finally:
            # Close our copy of the child's end, or the pipe would stay open when the child dies.
            theirs.close()

    @property
    def pid(self) -> int | None:
        """The child's process id; None once it has ended."""
        return None if self.ended.done() else self._process.pid

    def send(self, message: object) -> bool:
        """Send a small message. Return False if the child is gone."""
        try:
            self._connection.send(message)
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """Kill the child; one that has ended is left alone."""
        if not self.ended.done():
            self._process.kill()

    def _read(self) -> None:
        """Pass messages to the loop until the child closes the pipe; wait for its end. Runs in a thread."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                break
            self._call(self._on_message, message)
        # A child that has closed its pipe but hangs on exit would keep its device busy.
        self._process.join(_LAST_WORDS_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        reason = ended_because(self._process.exitcode)
        self._call(self._finish, reason)

    def _finish(self, reason: str) -> None:
        self._connection.close()
        self._process.close()
        if not self.ended.done():
            self.ended.set_result(reason)

    def _call(self, function: Callable[[Any], None], argument: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, argument)
        except RuntimeError:
            return  # the loop is closed: the daemon has stopped


def _run(
    handle: Handle | None, target: Callable[..., None], connection: Connection, *arguments: object
) -> None:
    """Run the child."""
    use_handle(handle)
    end_with_parent()
    target(connection, *arguments)


def ended_because(exit_code: int | None) -> str:
    """Describe a process's exit code in words."""
    if exit_code is None or exit_code >= 0:
        return f"it ended by itself with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    hint = ", as happens when memory runs out" if name == "SIGKILL" else ""
    return f"it was ended by {name}{hint}"
