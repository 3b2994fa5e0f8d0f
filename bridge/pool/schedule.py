"""Which piece of which job a free renderer takes, and what becomes of the job. Thread-safe; without Ray."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bridge.messages import BridgeError, Done, Failed, Progress, TakeReady
from bridge.pool.splitting import Piece, divided, halved, piece_of
from bridge.worker.loop import Order, OrderBegun
from bridge.worker.take_files import finished_recipe, finished_take

MOST_DEATHS = 3

JobAnswer = OrderBegun | Progress | TakeReady | Done | Failed


@dataclass(slots=True)
class _OpenJob:
    order: Order
    waiting: deque[Piece] | None = None  # None: not divided yet
    running: dict[str, Piece] = field(default_factory=dict)
    shares: dict[int, float] = field(default_factory=dict)
    told: float = -1.0
    failure: BridgeError | None = None

    @property
    def job_id(self) -> str:
        return self.order.job_id

    @property
    def has_work(self) -> bool:
        return self.failure is None and (self.waiting is None or bool(self.waiting))

    @property
    def is_over(self) -> bool:
        return not self.running and (
            self.failure is not None or (self.waiting is not None and not self.waiting)
        )


class Schedule:
    """Jobs, oldest first, and their pieces. `emit` gets the answers to the daemon, in order for each job."""

    def __init__(self, emit: Callable[[JobAnswer], None]) -> None:
        self._emit = emit
        self._changed = threading.Condition()
        self._jobs: dict[str, _OpenJob] = {}
        self._renderers = 0
        self._closed = False

    def add(self, order: Order) -> None:
        """Add a job."""
        with self._changed:
            self._jobs[order.job_id] = _OpenJob(order)
            self._changed.notify_all()

    @contextmanager
    def renderer(self) -> Iterator[None]:
        """Count one more renderer: it is free whenever no piece that it took is open."""
        with self._changed:
            self._renderers += 1
        try:
            yield
        finally:
            with self._changed:
                self._renderers -= 1

    def next_piece(self, still_wanted: Callable[[], bool], look_again_seconds: float = 1.0) -> Piece | None:
        """Wait for a piece for a renderer; None once it is not `still_wanted`."""
        with self._changed:
            while not self._closed and still_wanted():
                if (piece := self._take()) is not None:
                    return piece
                self._changed.wait(look_again_seconds)
            return None

    def progressed(self, piece: Piece, share: float) -> None:
        """Note how much of a piece is rendered, 0 to 1."""
        with self._changed:
            if (job := self._job_of(piece)) is not None:
                self._tell_progress(job, piece, share)

    def finished(self, piece: Piece, ready: TakeReady) -> None:
        """Note that the files of a take have been written."""
        with self._changed:
            if self._job_of(piece) is not None:
                self._emit(ready)

    def done(self, piece: Piece) -> None:
        """Note that a piece is rendered."""
        with self._changed:
            if (job := self._job_of(piece)) is not None:
                del job.running[piece.name]
                self._tell_progress(job, piece, 1.0)
                self._close_if_over(job)

    def failed(self, piece: Piece, error: BridgeError, *, needs_memory: bool = False) -> None:
        """Note that a piece failed: for memory it is rendered in smaller batches, else the job fails."""
        with self._changed:
            job = self._job_of(piece)
            if job is None:
                return
            del job.running[piece.name]
            smaller = halved(piece) if needs_memory else []
            if smaller and job.failure is None and job.waiting is not None:
                job.waiting.extendleft(reversed(self._unfinished(smaller)))
                self._changed.notify_all()
            else:
                job.failure = job.failure or error
            self._close_if_over(job)

    def orphaned(self, piece: Piece, reason: str) -> None:
        """Note that the renderer of a piece has died: it is rendered elsewhere, a few times."""
        with self._changed:
            job = self._job_of(piece)
            if job is None:
                return
            del job.running[piece.name]
            again = replace(piece, deaths=piece.deaths + 1)
            if again.deaths >= MOST_DEATHS:
                job.failure = job.failure or BridgeError(
                    "render",
                    f"{again.deaths} renderers of the pool ended during this render ({reason}); ask for "
                    "fewer takes at once, or a shorter one",
                )
            elif job.failure is None and job.waiting is not None:
                job.waiting.extendleft(self._unfinished([again]))
                self._changed.notify_all()
            self._close_if_over(job)

    def cancel(self, job_id: str) -> list[str]:
        """Cancel a job; return the names of its pieces that are being rendered, to be stopped."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is None:
                return []
            words = "cancelled on request; takes that were finished before stay"
            job.failure = job.failure or BridgeError("cancelled", words)
            self._close_if_over(job)
            return list(job.running)

    def is_cancelled(self, piece: Piece) -> bool:
        """Return whether a piece is not wanted any more, since its job has failed or was cancelled."""
        with self._changed:
            job = self._jobs.get(piece.order.job_id)
            return job is None or job.failure is not None

    def close(self) -> None:
        """Wake everybody who waits for a piece."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self) -> Piece | None:
        waiting = [job for job in self._jobs.values() if job.has_work]
        free = self._renderers - sum(len(job.running) for job in self._jobs.values())
        for job in waiting:
            if job.waiting is None and not self._divide(job, max(1, free // len(waiting))):
                continue
            if job.waiting:
                piece = job.waiting.popleft()
                job.running[piece.name] = piece
                self._changed.notify_all()
                return piece
        return None

    def _divide(self, job: _OpenJob, renderers: int) -> bool:
        """Divide a job whose turn has come; False if it is over already."""
        order = job.order
        try:
            ready = {index: finished_take(order, index) for index in order.request.takes}
            missing = [index for index, take in ready.items() if take is None]
            job.waiting = deque(_naming_kept(piece) for piece in divided(order, missing, renderers))
        except BridgeError as error:
            job.failure = error
            self._emit(OrderBegun(order.job_id))
            self._close_if_over(job)
            return False
        self._emit(OrderBegun(order.job_id))
        self._tell_progress(job, None, 0.0)
        for index, take in ready.items():
            if take is not None:
                job.shares[index] = 1.0
                self._emit(take)
        self._close_if_over(job)
        return True

    def _unfinished(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Leave out pieces all of whose takes are written."""
        return [
            piece for piece in pieces if not all(finished_take(piece.order, index) for index in piece.takes)
        ]

    def _job_of(self, piece: Piece) -> _OpenJob | None:
        job = self._jobs.get(piece.order.job_id)
        return job if job is not None and piece.name in job.running else None

    def _tell_progress(self, job: _OpenJob, piece: Piece | None, share: float) -> None:
        for index in piece.takes if piece else ():
            job.shares[index] = max(share, job.shares.get(index, 0.0))
        fraction = sum(job.shares.values()) / job.order.request.count
        if fraction > job.told:
            job.told = fraction
            self._emit(Progress(job.job_id, min(1.0, fraction)))

    def _close_if_over(self, job: _OpenJob) -> None:
        if not job.is_over or self._jobs.pop(job.job_id, None) is None:
            return
        if job.failure is None:
            self._emit(Done(job.job_id))
        else:
            self._emit(Failed(job.job_id, job.failure.code, job.failure.message))


def _naming_kept(piece: Piece) -> Piece:
    """Let an arrangement of which a take is written keep the same candidate."""
    request = piece.order.request
    if not (request.arrangement and request.chooses):
        return piece
    kept = (finished_recipe(piece.order, index) for index in piece.takes)
    keep = next((recipe.request.keep for recipe in kept if recipe), None)
    return piece_of(replace(piece.order, request=request.model_copy(update={"keep": keep})), piece.takes)
