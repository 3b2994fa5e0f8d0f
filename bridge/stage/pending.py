"""Decks that wait for a render job's first take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge.library.takes import Library
from bridge.messages import BridgeError, Done, Event, Failed, TakeReady

_COMING = ("queued", "running")


class PendingDecks:
    """Loads the first take of a job on every deck that waits for it.

    `job_state` returns a job's state in the queue, None for an unknown job; `hold(deck, take)` loads a take.
    """

    def __init__(
        self, library: Library, job_state: Callable[[str], str | None], hold: Callable[[int, Path], None]
    ) -> None:
        self._library = library
        self._job_state = job_state
        self._hold = hold
        self._decks: dict[str, list[int]] = {}
        self._made_for_decks: set[str] = set()

    def wait(self, deck: int, job_id: str, *, is_for_deck: bool = False) -> None:
        """Load a job's first take as soon as it is rendered; now if it exists already.

        `is_for_deck` says that the job is rendered for this deck alone.

        Raises:
            BridgeError: `unknown_job` if there is no such job, `missing` if it ended without a first take.
        """
        take = self._library.first_take(job_id)
        if take is not None:
            self._hold(deck, take)
            return
        state = self._job_state(job_id)
        if state is None:
            why = f"job id: `{job_id}` is no job of this library; ask for it first"
            raise BridgeError("unknown_job", why)
        if state not in _COMING:
            why = f"job id: `{job_id}` has ended ({state}) and its first take does not exist; render it again"
            raise BridgeError("missing", why)
        self._decks.setdefault(job_id, []).append(deck)
        if is_for_deck:
            self._made_for_decks.add(job_id)

    def event(self, event: Event) -> None:
        """Handle an event of any job."""
        if isinstance(event, TakeReady):
            for deck in self._decks.pop(event.job_id, ()):
                self._hold(deck, event.path)
        elif isinstance(event, Failed | Done):
            self._decks.pop(event.job_id, None)
            self._made_for_decks.discard(event.job_id)

    def forget(self) -> tuple[str, ...]:
        """Cancel all waits, and return the jobs that are still rendered for decks alone."""
        jobs = tuple(self._made_for_decks)
        self._decks.clear()
        self._made_for_decks.clear()
        return jobs
