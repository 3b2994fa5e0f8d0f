"""The queue of renders, kept in a SQLite journal so that a killed daemon resumes what it had accepted.

A job that `put` has returned for is on disk: the answer `queued` is a promise. Ids stay in the journal
for ever, so that no two jobs of a library ever share one. Every method belongs to one thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from bridge.messages import BridgeError, Job, Peer, RenderRequest
from bridge.system.disk import open_database, transaction

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
    """What a cancel found: `queued` jobs that are cancelled now, `running` ones that the engine must stop."""

    queued: tuple[str, ...]
    running: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: jobs that wait again, and jobs given up after their second interrupted render.

    `unreadable` are given up too: the ids and senders of jobs whose requests are none of this version's.
    """

    queued: tuple[Job, ...]
    failed: tuple[Job, ...]
    unreadable: tuple[tuple[str, Peer | None], ...] = ()


class RenderQueue:
    """Jobs in the order they came, at most `cap` waiting or rendering at once.

    Raises:
        BridgeError: `folder` or `disk` when the journal cannot be opened or written.
    """

    def __init__(self, path: Path, *, cap: int = DEFAULT_CAP) -> None:
        self._folder = path.parent
        self._cap = cap
        self._arrived = asyncio.Event()
        self._unrecorded: dict[str, State] = {}
        self._database = open_database(path, _SCHEMA)
        self._open = self._count()

    def __len__(self) -> int:
        """How many jobs wait or render."""
        return self._open - len(self._unrecorded)

    def put(self, job: Job) -> None:
        """Adds a job at the end; it is in the journal when this returns.

        Raises:
            BridgeError: as `admit`, and `disk` or `folder` when the journal cannot be written.
        """
        self.admit(job.job_id)
        host, port = (job.sender.host, job.sender.port) if job.sender else (None, None)
        row = (job.job_id, "queued", job.attempts, host, port, job.request.model_dump_json())
        with transaction(self._database, self._folder) as database:
            database.execute(
                "INSERT INTO jobs (job_id, state, attempts, host, port, request) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        self._open += 1
        self._arrived.set()

    def admit(self, job_id: str | None) -> None:
        """Refuses at once, before a request is worked out, what `put` would refuse.

        Raises:
            BridgeError: `exists` for an id ever used in this library, `busy` when the queue is full.
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
        """An id that no job of this library has had."""
        while True:
            job_id = f"job-{secrets.token_hex(4)}"
            if self.state(job_id) is None:
                return job_id

    async def next(self) -> Job:
        """Waits for the oldest queued job and marks it running."""
        while True:
            job = self.take_next()
            if job is not None:
                return job
            self._arrived.clear()
            await self._arrived.wait()

    def take_next(self) -> Job | None:
        """The oldest queued job, now running; None when nothing waits.

        Raises:
            BridgeError: `disk` or `folder` when that, or an earlier job's end, cannot be recorded.
        """
        self._record_ends()
        while rows := self._rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state = 'queued' ORDER BY position LIMIT 1"  # noqa: S608
        ):
            job = _job(rows[0])
            self.mark(rows[0][0], "running" if job else "failed")
            if job is not None:
                return job
        return None

    def end(self, job_id: str, state: State) -> None:
        """Marks a job whose end was told already; where that cannot be written, `take_next` does it first."""
        self._unrecorded[job_id] = state
        try:
            self._record_ends()
        except BridgeError as error:
            _log.warning("job %s is %s, which cannot be recorded yet: %s", job_id, state, error)

    def mark(self, job_id: str, state: State) -> None:
        """Records what became of a job. The request of a finished one is dropped: its recipes hold it."""
        finished = state not in ("queued", "running")
        with transaction(self._database, self._folder) as database:
            database.execute(
                "UPDATE jobs SET state = ?, request = CASE WHEN ? THEN '' ELSE request END WHERE job_id = ?",
                (state, finished, job_id),
            )
        self._open = self._count()
        if state == "queued":
            self._arrived.set()

    def retry(self, job_id: str) -> Job | None:
        """Queues an interrupted job again, before those that came later; None once its retry is used up.

        The second time the job is marked failed.
        """
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE job_id = ? AND state = 'running'",  # noqa: S608
            (job_id,),
        )
        job = _job(rows[0]) if rows else None
        if job is None or job.attempts >= RETRIES:
            self.mark(job_id, "failed")
            return None
        with transaction(self._database, self._folder) as database:
            database.execute(
                "UPDATE jobs SET attempts = attempts + 1, state = 'queued' WHERE job_id = ?", (job_id,)
            )
        self._arrived.set()
        return replace(job, attempts=job.attempts + 1)

    def put_back(self, job_id: str) -> None:
        """Queues a running job again without counting an attempt: the daemon stops in good order."""
        if self.state(job_id) == "running":
            self.mark(job_id, "queued")

    def cancel(self, job_id: str) -> Cancelled:
        """Cancels one waiting job, or with `all` every one; running jobs are only named.

        Raises:
            BridgeError: `unknown_job` when there is no such job, or it is finished.
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
        """Every unfinished job: the running ones, then the waiting ones in their order."""
        return [job for row in self._open_rows() if (job := _job(row)) is not None]

    def state(self, job_id: str) -> State | None:
        """What became of a job; None for an id that this library never saw."""
        if job_id in self._unrecorded:
            return self._unrecorded[job_id]
        rows = self._rows("SELECT state FROM jobs WHERE job_id = ?", (job_id,))
        return rows[0][0] if rows else None

    def recover(self) -> Recovered:
        """After a start: renders that a dead daemon left are queued again, once; then they fail.

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
        """Closes the journal."""
        with contextlib.suppress(BridgeError):
            self._record_ends()
        self._database.close()

    def _cancel_all(self) -> Cancelled:
        ids = {"queued": list[str](), "running": list[str]()}
        query = "SELECT state, job_id FROM jobs WHERE state IN ('queued', 'running') ORDER BY position"
        for state, job_id in self._rows(query):
            if job_id not in self._unrecorded:
                ids[state].append(job_id)
        with transaction(self._database, self._folder) as database:
            database.execute("UPDATE jobs SET state = 'cancelled', request = '' WHERE state = 'queued'")
        self._open = self._count()
        return Cancelled(tuple(ids["queued"]), tuple(ids["running"]))

    def _count(self) -> int:
        query = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')"
        return int(self._rows(query)[0][0])

    def _open_rows(self) -> list[_Row]:
        return self._rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state IN ('queued', 'running') "  # noqa: S608
            "ORDER BY state = 'queued', position"
        )

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[Any]:
        """What a query finds. Raises BridgeError as `transaction`: a failing disk fails reads as well."""
        with transaction(self._database, self._folder) as database:
            return database.execute(query, values).fetchall()

    def _record_ends(self) -> None:
        for job_id, state in list(self._unrecorded.items()):
            self.mark(job_id, state)
            del self._unrecorded[job_id]


def _job(row: _Row) -> Job | None:
    """A journal row as a job; None when its request is none of this version's."""
    try:
        return Job(row[0], RenderRequest.model_validate_json(row[1]), _sender(row), row[4])
    except ValidationError:
        return None


def _sender(row: _Row) -> Peer | None:
    host, port = row[2], row[3]
    return Peer(host, port) if host is not None and port is not None else None
