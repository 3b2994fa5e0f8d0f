"""Children that die come back; jobs whose worker died are tried once more; the queue never stops."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from bridge.library.shelf import Shelf
from bridge.library.takes import Library
from bridge.messages import BridgeError, ChildRestarted, Done, Event, Failed, Job, Progress, TakeReady
from bridge.render.queue import RenderQueue, State
from bridge.system.child_process import ChildProcess
from bridge.system.disk import PART_SUFFIX
from bridge.system.supervisor import Supervisor
from tests.bridge.fake_worker import fainting_worker
from tests.bridge.render_requests import make_job
from tests.bridge.waiting import until
from tests.bridge.workbench import at_work


@dataclass
class FakeChild:
    """A child without a process; `die` ends it."""

    name: str = "audio"
    starts: list[float] = field(default_factory=list)
    refusals: int = 0
    refusal: Exception = field(default_factory=lambda: OSError("no more processes"))
    alive: asyncio.Event = field(default_factory=asyncio.Event)
    killed: bool = False
    hangs: bool = False

    async def start(self) -> None:
        self.starts.append(asyncio.get_running_loop().time())
        if len(self.starts) > 1 and self.refusals:
            self.refusals -= 1
            raise self.refusal
        self.alive.set()

    async def exited(self) -> str:
        while self.alive.is_set():
            await asyncio.sleep(0.001)
        return "it fell over"

    async def stop(self) -> None:
        while self.hangs:
            await asyncio.sleep(0.001)
        self.alive.clear()

    def kill(self) -> None:
        self.killed = True

    def die(self) -> None:
        self.alive.clear()


def test_a_dead_child_is_started_again_and_each_restart_is_told() -> None:
    async def story() -> None:
        events: list[Event] = []
        supervisor, child = Supervisor(events.append, first_delay_seconds=0.01), FakeChild()
        await supervisor.watch(child)
        child.die()
        await until(lambda: len(child.starts) == 2)
        await until(lambda: bool(events))
        assert events == [ChildRestarted("audio", "it fell over")]
        await supervisor.stop()
        assert not child.alive.is_set()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert len(child.starts) == 2

    asyncio.run(story())


def test_restarts_in_a_row_wait_longer_and_a_healthy_life_forgives(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> tuple[list[float], list[float]]:
        waits: list[float] = []
        sleep = asyncio.sleep

        async def record(seconds: float) -> None:
            if seconds >= 0.01:
                waits.append(seconds)
            await sleep(0)

        monkeypatch.setattr("bridge.system.supervisor.asyncio.sleep", record)
        child = FakeChild()
        clock = [0.0]
        monkeypatch.setattr("bridge.system.supervisor.time.monotonic", lambda: clock[0])
        supervisor = Supervisor(lambda _: None, first_delay_seconds=1.0, longest_delay_seconds=4.0)
        await supervisor.watch(child)
        for restarts in range(2, 7):
            child.die()
            while len(child.starts) < restarts:
                await sleep(0)
        in_a_row, waits[:] = list(waits), []
        clock[0] += 61.0
        child.die()
        while len(child.starts) < 7:
            await sleep(0)
        await supervisor.stop()
        return in_a_row, waits

    in_a_row, after_health = asyncio.run(story())
    assert in_a_row == [1.0, 2.0, 4.0, 4.0, 4.0]
    assert after_health == [1.0]


@pytest.mark.parametrize("refusal", [OSError("no more processes"), RuntimeError("can't start new thread")])
def test_a_child_that_cannot_be_started_just_now_is_tried_again(refusal: Exception) -> None:
    async def story() -> None:
        supervisor = Supervisor(lambda _: None, first_delay_seconds=0.01)
        child = FakeChild(refusals=2, refusal=refusal)
        await supervisor.watch(child)
        child.die()
        await until(lambda: len(child.starts) == 4 and child.alive.is_set())
        await supervisor.stop()

    asyncio.run(story())


def test_a_child_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        supervisor, child = Supervisor(lambda _: None), FakeChild(hangs=True)
        await supervisor.watch(child)
        await supervisor.stop()
        assert child.killed

    monkeypatch.setattr("bridge.system.supervisor.STOP_SECONDS", 0.05)
    asyncio.run(story())


# --- the queue and the worker ----------------------------------------------------------------------


def test_jobs_are_rendered_in_order_and_their_takes_are_in_the_library(tmp_path: Path) -> None:
    async def story() -> None:
        jobs = [make_job("a", preset="plain", count=2), make_job("b", preset="plain")]
        async with at_work(tmp_path, jobs) as bench:
            assert await bench.ended("b") == Done("b")
            assert await bench.ended("a") == Done("a")
            takes = [event.path for event in bench.events if isinstance(event, TakeReady)]
            assert sorted(take.path for take in Shelf(bench.library.folder).takes()) == sorted(takes)
            assert [event.job_id for event in bench.events if isinstance(event, Done)] == ["a", "b"]
            assert [bench.queue.state(job_id) for job_id in "ab"] == ["done", "done"]

    asyncio.run(story())


def test_a_job_whose_worker_died_is_tried_once_more(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, [make_job("a", preset="crash once")]) as bench:
            assert await bench.ended("a") == Done("a")
            restarts = [event for event in bench.events if isinstance(event, ChildRestarted)]
            assert restarts == [ChildRestarted("render worker", "it ended by itself with exit code 9")]
            fractions = [event.fraction for event in bench.of("a") if isinstance(event, Progress)]
            assert 0.0 in fractions[1:]

    asyncio.run(story())


def test_a_job_whose_worker_died_twice_fails_and_the_next_one_is_rendered(tmp_path: Path) -> None:
    async def story() -> None:
        jobs = [make_job("a", preset="crash"), make_job("b", preset="plain")]
        async with at_work(tmp_path, jobs) as bench:
            failed = await bench.ended("a")
            assert isinstance(failed, Failed)
            assert failed.code == "render"
            assert "it was tried twice" in failed.message
            assert await bench.ended("b") == Done("b")
            assert bench.queue.state("a") == "failed"
            assert not list(bench.library.folder.glob(f".*{PART_SUFFIX}"))
            assert len(list(bench.library.folder.glob("*.json"))) == 1

    asyncio.run(story())


def test_a_worker_killed_from_outside_costs_no_job(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, [make_job("a", preset="slow")]) as bench:
            await until(lambda: len(bench.of("a")) > 3)
            psutil.Process(bench.engine.status.pid).kill()
            assert await bench.ended("a") == Done("a")

    asyncio.run(story())


@pytest.mark.parametrize("preset", ["error", "surprise"])
def test_a_failed_job_does_not_hold_up_the_next(tmp_path: Path, preset: str) -> None:
    async def story() -> None:
        jobs = [make_job("a", preset=preset), make_job("b", preset="plain")]
        async with at_work(tmp_path, jobs) as bench:
            assert await bench.ended("b") == Done("b")
            assert isinstance(await bench.ended("a"), Failed)
            assert not any(isinstance(event, ChildRestarted) for event in bench.events)

    asyncio.run(story())


def test_a_fault_of_our_own_fails_one_job_and_not_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        jobs = [make_job("a", preset="plain"), make_job("b", preset="plain")]
        allocate = Library.allocate_names

        def faulty(library: Library, job: Job) -> list[Path]:
            if job.job_id == "a":
                raise LookupError("a fault")
            return allocate(library, job)

        monkeypatch.setattr(Library, "allocate_names", faulty)
        async with at_work(tmp_path, jobs) as bench:
            failed = await bench.ended("a")
            assert isinstance(failed, Failed)
            assert failed.code == "internal"
            assert await bench.ended("b") == Done("b")

    asyncio.run(story())


def test_a_cancelled_job_says_so_and_is_not_tried_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, [make_job("a", preset="slow")]) as bench:
            await until(lambda: len(bench.of("a")) > 3)
            (running,) = bench.queue.cancel("a").running
            assert bench.engine.cancel(running)
            failed = await bench.ended("a")
            assert isinstance(failed, Failed)
            assert failed.code == "cancelled"
            assert bench.queue.state("a") == "cancelled"

    asyncio.run(story())


def test_stopping_in_good_order_costs_no_attempt_and_the_next_daemon_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, [make_job("a", preset="slow")]) as bench:
            await until(lambda: len(bench.of("a")) > 3)
        async with at_work(tmp_path, []) as bench:
            assert bench.queue.pending() == [make_job("a", preset="slow")]
            assert await bench.ended("a") == Done("a")

    asyncio.run(story())


def test_a_full_journal_disk_makes_the_queue_wait_and_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        take_next, refusals = RenderQueue.take_next, iter(range(2))

        def full(queue: RenderQueue) -> Job | None:
            if next(refusals, None) is not None:
                raise BridgeError("disk", "the disk is full")
            return take_next(queue)

        monkeypatch.setattr("bridge.render.jobs._JOURNAL_PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(RenderQueue, "take_next", full)
        async with at_work(tmp_path, [make_job("a", preset="plain")]) as bench:
            assert await bench.ended("a") == Done("a")

    asyncio.run(story())


@pytest.mark.parametrize("held", ["index.sqlite", "journal.sqlite"])
def test_a_database_that_another_program_holds_makes_the_queue_wait_and_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, held: str
) -> None:
    async def story() -> None:
        monkeypatch.setattr("bridge.render.jobs._JOURNAL_PAUSE_SECONDS", 0.01)
        async with at_work(tmp_path, []) as bench:
            path = bench.library.folder / ".msanii" / held
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                if held == "index.sqlite":
                    other.execute("BEGIN EXCLUSIVE")
                    bench.queue.put(make_job("a", preset="plain"))
                else:
                    bench.queue.put(make_job("a", preset="plain"))
                    other.execute("BEGIN EXCLUSIVE")
                await until(lambda: "the queue waits" in caplog.text)
                assert not [event for event in bench.events if isinstance(event, Failed)]
                other.execute("ROLLBACK")
            assert await bench.ended("a") == Done("a")
            assert bench.queue._journal.rows("SELECT attempts FROM jobs") == [(0,)]

    asyncio.run(story())


def test_ends_that_the_journal_refused_are_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        mark, refusals = RenderQueue.mark, iter(range(3))

        def full(queue: RenderQueue, job_id: str, state: State) -> None:
            if state in ("done", "failed") and next(refusals, None) is not None:
                raise BridgeError("disk", "the disk is full")
            mark(queue, job_id, state)

        monkeypatch.setattr("bridge.render.jobs._JOURNAL_PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(RenderQueue, "mark", full)
        async with at_work(tmp_path, [make_job("a", preset="plain"), make_job("b", preset="plain")]) as bench:
            assert await bench.ended("b") == Done("b")
        queue = RenderQueue(bench.library.journal_path)
        assert queue.pending() == []
        assert len(queue) == 0
        queue.close()

    asyncio.run(story())


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_worker_that_died_while_idle_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_noticed: bool
) -> None:
    """Whether the pipe refuses the order, or takes it as the worker dies."""

    async def story() -> None:
        send, dead = ChildProcess.send, list[ChildProcess]()

        def dying(process: ChildProcess, message: object) -> bool:
            if not dead:
                dead.append(process)
                process.kill()
                process._process.join()
            return send(process, message) if process is not dead[0] else not is_noticed

        monkeypatch.setattr(ChildProcess, "send", dying)
        jobs = [make_job(job_id, preset="plain") for job_id in "abc"]
        async with at_work(tmp_path, jobs) as bench:
            assert await bench.ended("c") == Done("c")
            assert [await bench.ended(job_id) for job_id in "ab"] == [Done("a"), Done("b")]
            attempts = bench.queue._journal.rows("SELECT attempts FROM jobs")
            assert attempts == [(0,), (0,), (0,)]

    asyncio.run(story())


def test_a_worker_that_dies_of_every_order_it_gets_fails_the_job(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, [make_job("a", preset="plain")], target=fainting_worker) as bench:
            failed = await bench.ended("a")
            assert isinstance(failed, Failed)
            assert "exit code 3; it was tried twice" in failed.message

    asyncio.run(story())
