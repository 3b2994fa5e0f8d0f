"""The render queue, in a SQLite journal, so that a killed daemon resumes the jobs it had accepted.

Once `put` returns, the job is on disk: `queued` is a promise. Ids stay in the journal for ever, so that no
two jobs of a library ever share one. All methods must be called from the same thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from bridge.messages import BridgeError, Job, Peer, RenderRequest
from bridge.system.database import Database

_log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "failed", "cancelled"]

DEFAULT_CAP = 1_000
RETRIES = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    position INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    host TEXT,
    port INTEGER,
    request TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS open_jobs ON jobs (state, position) WHERE state IN ('queued', 'running');
"""
_COLUMNS = "job_id, request, host, port, attempts"
_Row = tuple[str, str, str | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The result of a cancel: `queued` jobs, now cancelled, and `running` jobs, for the engine to stop."""

    queued: tuple[str, ...]
    running: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of a recovery: jobs queued again, and jobs that failed, interrupted for the second time.

    `unreadable` has the ids and senders of failed jobs whose requests this version cannot read.
    """

    queued: tuple[Job, ...]
    failed: tuple[Job, ...]
    unreadable: tuple[tuple[str, Peer | None], ...] = ()


class RenderQueue:
    """Render jobs, first in, first out; at most `cap` may be queued or running.

    Raises:
        BridgeError: `folder` or `disk` if the journal cannot be opened or written.
    """

    def __init__(self, path: Path, *, cap: int = DEFAULT_CAP) -> None:
        self._cap = cap
        self._arrived = asyncio.Event()
        self._unrecorded: dict[str, State] = {}
        self._journal = Database(path, _SCHEMA)
        self._open = self._count()

    def __len__(self) -> int:
        """Return the number of queued and running jobs."""
        return self._open - sum(state != "queued" for state in self._unrecorded.values())

    def put(self, job: Job) -> None:
        """Append a job; it is in the journal when this returns.

        Raises:
            BridgeError: as `admit`, and `disk` or `folder` if the journal cannot be written.
        """
        self.admit(job.job_id)
        # A WebSocket ends with the daemon; its port would then be another program's.
        sender = None if job.sender is None or job.sender.socket else job.sender
        host, port = (sender.host, sender.port) if sender else (None, None)
        row = (job.job_id, "queued", job.attempts, host, port, job.request.model_dump_json())
        self._journal.rows(
            "INSERT INTO jobs (job_id, state, attempts, host, port, request) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        self._open += 1
        self._arrived.set()

    def open_jobs(self) -> list[tuple[Job, bool]]:
        """Return the jobs that are queued or running, oldest first, each with whether it runs."""
        rows = self._journal.rows(
            f"SELECT {_COLUMNS}, state FROM jobs WHERE state IN ('queued', 'running') "  # noqa: S608
            "ORDER BY state = 'queued', position"
        )
        jobs = [(_job(row), row[-1] == "running") for row in rows if row[0] not in self._unrecorded]
        return [(job, is_running) for job, is_running in jobs if job is not None]

    def admit(self, job_id: str | None) -> None:
        """Refuse early, before the request is completed, what `put` would refuse.

        Raises:
            BridgeError: `exists` for an id already used in this library, `busy` if the queue is full.
        """
        if job_id is not None and self.state(job_id) is not None:
            raise BridgeError(
                "exists", f"job id: `{job_id}` was used before in this library; send another, or none"
            )
        if len(self) >= self._cap:
            raise BridgeError(
                "busy", f"the queue is full ({self._cap} jobs): wait for some to finish, or cancel some"
            )

    def new_id(self) -> str:
        """Return an unused job id."""
        while True:
            job_id = f"job-{secrets.token_hex(4)}"
            if self.state(job_id) is None:
                return job_id

    async def next(self) -> Job:
        """Wait for the oldest queued job, mark it running and return it."""
        while True:
            job = self.take_next()
            if job is not None:
                return job
            self._arrived.clear()
            await self._arrived.wait()

    def take_next(self) -> Job | None:
        """Mark the oldest queued job running and return it; None if none is queued.

        Raises:
            BridgeError: `disk` or `folder` if this, or an earlier job's end, cannot be recorded.
        """
        self._record_ends()
        while rows := self._journal.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state = 'queued' ORDER BY position LIMIT 1"  # noqa: S608
        ):
            job = _job(rows[0])
            self.mark(rows[0][0], "running" if job else "failed")
            if job is not None:
                return job
        return None

    def end(self, job_id: str, state: State) -> None:
        """Record that a job runs no more. If the journal cannot be written, `take_next` tries again first."""
        self._unrecorded[job_id] = state
        try:
            self._record_ends()
        except BridgeError as error:
            _log.warning("job %s is %s, which cannot be recorded yet: %s", job_id, state, error)

    def mark(self, job_id: str, state: State) -> None:
        """Record a job's state. The request of a finished job is dropped: its recipes have it."""
        finished = state not in ("queued", "running")
        self._journal.rows(
            "UPDATE jobs SET state = ?, request = CASE WHEN ? THEN '' ELSE request END WHERE job_id = ?",
            (state, finished, job_id),
        )
        self._open = self._count()
        if state == "queued":
            self._arrived.set()

    def retry(self, job_id: str) -> Job | None:
        """Requeue an interrupted job, in its old place. Return None, and mark it failed, the second time."""
        rows = self._journal.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE job_id = ? AND state = 'running'",  # noqa: S608
            (job_id,),
        )
        job = _job(rows[0]) if rows else None
        if job is None or job.attempts >= RETRIES:
            self.mark(job_id, "failed")
            return None
        self._journal.rows(
            "UPDATE jobs SET attempts = attempts + 1, state = 'queued' WHERE job_id = ?", (job_id,)
        )
        self._arrived.set()
        return replace(job, attempts=job.attempts + 1)

    def put_back(self, job_id: str) -> None:
        """Requeue a running job without counting an attempt, for example when the daemon stops cleanly."""
        if self.state(job_id) == "running":
            self.end(job_id, "queued")

    def cancel(self, job_id: str) -> Cancelled:
        """Cancel a queued job, or with `all` every queued job; running jobs are only returned.

        Raises:
            BridgeError: `unknown_job` if there is no such job, or it has ended.
        """
        if job_id == "all":
            return self._cancel_all()
        state = self.state(job_id)
        if state == "running":
            return Cancelled((), (job_id,))
        if state != "queued":
            found = f"is already {state}" if state else "is not a job of this library"
            raise BridgeError("unknown_job", f"job id: `{job_id}` {found}; `/msanii/status` shows what waits")
        self.mark(job_id, "cancelled")
        return Cancelled((job_id,), ())

    def pending(self) -> list[Job]:
        """Return all unfinished jobs: running ones first, then queued ones in order."""
        return [job for row in self._open_rows() if (job := _job(row)) is not None]

    def state(self, job_id: str) -> State | None:
        """Return a job's state; None for an unknown id."""
        if job_id in self._unrecorded:
            return self._unrecorded[job_id]
        rows = self._journal.rows("SELECT state FROM jobs WHERE job_id = ?", (job_id,))
        return rows[0][0] if rows else None

    def recover(self) -> Recovered:
        """Requeue, at a start, renders that the last daemon left unfinished; the second time they fail.

        Jobs that this version cannot read fail at once.
        """
        unreadable = [row for row in self._open_rows() if _job(row) is None]
        for row in unreadable:
            self.mark(row[0], "failed")
        running = [job for job in self.pending() if self.state(job.job_id) == "running"]
        failed = [job for job in running if self.retry(job.job_id) is None]
        return Recovered(
            tuple(self.pending()), tuple(failed), tuple((row[0], _sender(row)) for row in unreadable)
        )

    def close(self) -> None:
        """Close the journal."""
        with contextlib.suppress(BridgeError):
            self._record_ends()
        self._journal.close()

    def _cancel_all(self) -> Cancelled:
        ids = {"queued": list[str](), "running": list[str]()}
        query = "SELECT state, job_id FROM jobs WHERE state IN ('queued', 'running') ORDER BY position"
        for state, job_id in self._journal.rows(query):
            if job_id not in self._unrecorded:
                ids[state].append(job_id)
        self._journal.rows("UPDATE jobs SET state = 'cancelled', request = '' WHERE state = 'queued'")
        self._open = self._count()
        return Cancelled(tuple(ids["queued"]), tuple(ids["running"]))

    def _count(self) -> int:
        query = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')"
        return int(self._journal.rows(query)[0][0])

    def _open_rows(self) -> list[_Row]:
        return self._journal.rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state IN ('queued', 'running') "  # noqa: S608
            "ORDER BY state = 'queued', position"
        )

    def _record_ends(self) -> None:
        for job_id, state in list(self._unrecorded.items()):
            self.mark(job_id, state)
            del self._unrecorded[job_id]


def _job(row: _Row) -> Job | None:
    """Convert a journal row to a job; None if this version cannot read its request."""
    try:
        return Job(row[0], RenderRequest.model_validate_json(row[1]), _sender(row), row[4])
    except ValidationError:
        return None


def _sender(row: _Row) -> Peer | None:
    host, port = row[2], row[3]
    return Peer(host, port) if host is not None and port is not None else None
