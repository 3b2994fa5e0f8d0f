"""A spawned child and the thread that reads it."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from multiprocessing.connection import Connection

import pytest

from bridge.system.child_process import ChildProcess
from bridge.worker.loop import WorkerSettings
from tests.bridge.fake_worker import fake_worker


def nothing(_connection: Connection) -> None:
    """A child that ends at once."""


def test_a_child_that_has_ended_by_itself_may_be_killed() -> None:
    async def story() -> None:
        child = ChildProcess(nothing, (), name="short", on_message=print)
        assert child.pid
        assert "ended by itself" in await child.ended
        child.kill()
        assert child.pid is None

    asyncio.run(story())


def test_a_process_without_a_thread_to_read_it_does_not_live_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        def refused(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refused)
            with pytest.raises(RuntimeError):
                ChildProcess(fake_worker, (WorkerSettings(), None), name="orphan", on_message=print)
        assert "orphan" not in {process.name for process in multiprocessing.active_children()}

    asyncio.run(story())
