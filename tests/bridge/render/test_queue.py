"""The queue: order, caps and cancelling, and what survives when the daemon does not."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.messages import BridgeError, Peer
from bridge.render.queue import Cancelled, RenderQueue
from bridge.system.database import Database, set_aside
from tests.bridge.render_requests import make_job

PUT_SECONDS = 1.0


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RenderQueue]:
    opened = RenderQueue(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def test_jobs_leave_in_the_order_they_came(queue: RenderQueue) -> None:
    for job_id in ("one", "two", "three"):
        queue.put(make_job(job_id))
    assert [job.job_id for job in iter(queue.take_next, None)] == ["one", "two", "three"]


def test_a_job_comes_back_as_it_was_put(queue: RenderQueue) -> None:
    job = make_job("a", sender=Peer("127.0.0.1", 9001), chords="Am F C G", preset="klavier grün")
    queue.put(job)
    assert queue.take_next() == job


def test_an_id_is_never_taken_twice_even_after_its_job_ended(queue: RenderQueue) -> None:
    queue.put(make_job("a"))
    queue.take_next()
    queue.mark("a", "done")
    with pytest.raises(BridgeError, match="`a` was used before") as caught:
        queue.put(make_job("a", sender=Peer("10.0.0.2", 1)))
    assert caught.value.code == "exists"


def test_the_queue_is_full_at_its_cap_and_takes_more_once_a_job_ended(queue: RenderQueue) -> None:
    for number in range(1_000):
        queue.put(make_job(f"job {number}"))
    with pytest.raises(BridgeError, match="full") as caught:
        queue.put(make_job("one more"))
    assert caught.value.code == "busy"
    first = queue.take_next()
    assert first is not None
    assert len(queue) == 1_000
    queue.mark(first.job_id, "done")
    queue.put(make_job("one more"))
    assert len(queue) == 1_000


def test_a_thousand_puts_take_well_under_a_second(queue: RenderQueue) -> None:
    jobs = [make_job(f"job {number}") for number in range(1_000)]
    started = time.process_time()
    for job in jobs:
        queue.put(job)
    assert time.process_time() - started < PUT_SECONDS


def test_next_waits_for_a_job(tmp_path: Path) -> None:
    async def story() -> str:
        queue = RenderQueue(tmp_path / "journal.sqlite")
        waiting = asyncio.create_task(queue.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        queue.put(make_job("late"))
        job = await asyncio.wait_for(waiting, 60)
        queue.close()
        return job.job_id

    assert asyncio.run(story()) == "late"


def test_an_interrupted_job_is_retried_once_and_before_the_others(queue: RenderQueue) -> None:
    queue.put(make_job("a"))
    queue.put(make_job("b"))
    queue.take_next()
    again = queue.retry("a")
    assert again is not None
    assert again.attempts == 1
    assert queue.take_next() == again
    assert queue.retry("a") is None
    assert queue.state("a") == "failed"


def test_a_job_put_back_has_lost_no_attempt(queue: RenderQueue) -> None:
    queue.put(make_job("a"))
    queue.take_next()
    queue.put_back("a")
    assert queue.take_next() == make_job("a")


def test_cancel_ends_a_waiting_job_and_only_names_a_running_one(queue: RenderQueue) -> None:
    for job_id in ("a", "b", "c"):
        queue.put(make_job(job_id))
    queue.take_next()
    assert queue.cancel("b") == Cancelled(queued=("b",), running=())
    assert queue.cancel("a") == Cancelled(queued=(), running=("a",))
    assert queue.cancel("all") == Cancelled(queued=("c",), running=("a",))
    assert queue.cancel("all") == Cancelled(queued=(), running=("a",))
    assert [queue.state(job_id) for job_id in "abc"] == ["running", "cancelled", "cancelled"]
    assert queue.take_next() is None


@pytest.mark.parametrize(("job_id", "words"), [("nobody", "is not a job"), ("done", "is already done")])
def test_cancelling_what_cannot_be_cancelled_says_why(queue: RenderQueue, job_id: str, words: str) -> None:
    queue.put(make_job("done"))
    queue.take_next()
    queue.mark("done", "done")
    with pytest.raises(BridgeError, match=words) as caught:
        queue.cancel(job_id)
    assert caught.value.code == "unknown_job"


def test_new_ids_differ_from_all_that_were_used(queue: RenderQueue) -> None:
    ids = [queue.new_id() for _ in range(50)]
    assert len(set(ids)) == 50


def test_a_finished_job_leaves_its_id_and_nothing_of_what_was_asked(tmp_path: Path) -> None:
    queue = RenderQueue(tmp_path / "journal.sqlite")
    queue.put(make_job("a", chords="Am F C G"))
    queue.take_next()
    queue.mark("a", "done")
    queue.close()
    assert b"Am F C G" not in b"".join(
        path.read_bytes() for path in tmp_path.iterdir() if not path.name.endswith("-wal")
    )


_BURST = """
import sys
from pathlib import Path
from bridge.render.queue import RenderQueue
from tests.bridge.render_requests import make_job
queue = RenderQueue(Path(sys.argv[1]))
for number in range(300):
    queue.put(make_job(f"job {number}"))
    if number == 0:
        queue.take_next()
    print(number, flush=True)
sys.stdin.read()
"""


def test_what_was_accepted_survives_a_killed_daemon(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"
    daemon = subprocess.Popen(
        [sys.executable, "-c", _BURST, str(journal)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with daemon:
        assert daemon.stdout is not None
        accepted = [int(daemon.stdout.readline()) for _ in range(150)]
        daemon.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    queue = RenderQueue(journal)
    recovered = queue.recover()
    queue.close()
    ids = [job.job_id for job in recovered.queued]
    assert ids[: len(accepted)] == [f"job {number}" for number in accepted]
    assert recovered.queued[0].attempts == 1
    assert all(job.attempts == 0 for job in recovered.queued[1:])
    assert recovered.failed == ()


def test_a_job_that_was_under_way_in_two_dead_daemons_fails(tmp_path: Path) -> None:
    for round_number in range(3):
        queue = RenderQueue(tmp_path / "journal.sqlite")
        if round_number == 0:
            queue.put(make_job("a"))
        recovered = queue.recover()
        queue.take_next()
        queue.close()
    assert recovered.queued == ()
    assert [job.job_id for job in recovered.failed] == ["a"]


def test_a_damaged_journal_is_set_aside_and_the_daemon_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"this is no database " * 400)
    queue = RenderQueue(tmp_path / "journal.sqlite")
    queue.put(make_job("a"))
    queue.close()
    aside = next(path for path in tmp_path.iterdir() if ".damaged-" in path.name)
    assert aside.read_bytes().startswith(b"this is no database")
    assert "is damaged" in caplog.text


def test_the_newest_rows_of_a_damaged_journal_are_kept_with_it(tmp_path: Path) -> None:
    for suffix in ("", "-wal"):
        (tmp_path / f"journal.sqlite{suffix}").write_bytes(b"rows" + suffix.encode())
    set_aside(tmp_path / "journal.sqlite", "is damaged")
    rows, newest = sorted(tmp_path.iterdir())
    assert ".damaged-" in rows.name
    assert newest.name == f"{rows.name}-wal"
    assert (rows.read_bytes(), newest.read_bytes()) == (b"rows", b"rows-wal")


def test_a_request_of_another_version_fails_alone(queue: RenderQueue) -> None:
    queue.put(make_job("old"))
    queue.put(make_job("new"))
    queue._journal.rows("UPDATE jobs SET request = '{\"verb\": \"hum\"}' WHERE job_id = 'old'")
    job = queue.take_next()
    assert job is not None
    assert job.job_id == "new"
    assert queue.state("old") == "failed"


def test_jobs_that_another_version_left_fail_at_the_start_and_are_named(tmp_path: Path) -> None:
    queue = RenderQueue(tmp_path / "journal.sqlite")
    sender = Peer("10.0.0.2", 9001)
    for job_id in ("running", "new", "queued"):
        queue.put(make_job(job_id, sender=sender if job_id == "running" else None))
    queue.take_next()
    queue._journal.rows("UPDATE jobs SET request = '{\"verb\": \"hum\"}' WHERE job_id != 'new'")
    queue.close()
    queue = RenderQueue(tmp_path / "journal.sqlite")
    recovered = queue.recover()
    assert recovered.unreadable == (("running", sender), ("queued", None))
    assert [job.job_id for job in recovered.queued] == ["new"]
    assert [queue.state(job_id) for job_id in ("running", "queued")] == ["failed", "failed"]
    assert len(queue) == 1
    queue.close()


def test_an_end_that_cannot_be_written_is_written_before_the_next_job(
    queue: RenderQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise BridgeError("disk", "the disk is full")

    queue.put(make_job("a"))
    queue.put(make_job("b"))
    queue.take_next()
    with monkeypatch.context() as patch:
        patch.setattr(Database, "rows", full)
        queue.end("a", "done")
        assert queue.state("a") == "done"
        assert len(queue) == 1
        with pytest.raises(BridgeError):
            queue.take_next()
    assert queue.cancel("all") == Cancelled(queued=("b",), running=())
    assert queue.take_next() is None
    stored = queue._journal.rows("SELECT state FROM jobs ORDER BY position")
    assert stored == [("done",), ("cancelled",)]
    assert len(queue) == 0


def test_a_journal_that_cannot_be_read_is_an_error_with_a_code(queue: RenderQueue) -> None:
    queue._journal.rows("DROP TABLE jobs")
    for ask in (queue.take_next, queue.pending, lambda: queue.state("a"), lambda: queue.retry("a")):
        with pytest.raises(BridgeError):
            ask()


def test_a_full_disk_refuses_the_job_and_keeps_the_others(small_disk: Path) -> None:
    queue = RenderQueue(small_disk / "journal.sqlite")
    queue.put(make_job("a"))
    (small_disk / "ballast").write_bytes(b"\0" * _room_bytes(small_disk))

    def fill() -> None:
        for number in range(100):
            queue.put(make_job(f"job {number}", chords="Am " * 1_000))

    with pytest.raises(BridgeError, match="full") as caught:
        fill()
    assert caught.value.code == "disk"
    (small_disk / "ballast").unlink()
    queue.put(make_job("after"))
    assert queue.state("a") == queue.state("after") == "queued"
    queue.close()


def _room_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def test_jobs_accepted_before_and_after_the_library_was_deleted_survive_a_kill(tmp_path: Path) -> None:
    journal = tmp_path / "library" / "journal.sqlite"
    journal.parent.mkdir()
    queue = RenderQueue(journal)
    queue.put(make_job("before"))
    shutil.rmtree(journal.parent)
    queue.put(make_job("after"))
    # A copy is what a killed daemon leaves: this queue has not been closed.
    shutil.copytree(journal.parent, tmp_path / "left")
    left = RenderQueue(tmp_path / "left" / "journal.sqlite")
    assert [job.job_id for job in left.pending()] == ["before", "after"]
    left.close()
    queue.close()
