"""Decks that wait for music which is being made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge.library.takes import Library
from bridge.messages import BridgeError, Done, Event, Failed, TakeReady

_COMING = ("queued", "running")


class PendingDecks:
    """Hands the first take of a job to every deck that waits for it, once.

    `job_state` is the queue's word for a job, None for one that it never had; `hold` gets deck and take.
    """

    def __init__(
        self, library: Library, job_state: Callable[[str], str | None], hold: Callable[[int, Path], None]
    ) -> None:
        self._library = library
        self._job_state = job_state
        self._hold = hold
        self._decks: dict[str, list[int]] = {}

    def wait(self, deck: int, job_id: str) -> None:
        """Wait for a job; a take that is there already is held at once.

        Raises:
            BridgeError: `unknown_job` when there is no such job, `missing` when it ended without a take.
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
            why = f"job id: `{job_id}` is over ({state}), and its first take is not there; ask for another"
            raise BridgeError("missing", why)
        self._decks.setdefault(job_id, []).append(deck)

    def event(self, event: Event) -> None:
        """Hears of every job."""
        if isinstance(event, TakeReady):
            for deck in self._decks.pop(event.job_id, ()):
                self._hold(deck, event.path)
        elif isinstance(event, Failed | Done):
            self._decks.pop(event.job_id, None)

    def forget(self) -> None:
        """No deck waits any more."""
        self._decks.clear()
