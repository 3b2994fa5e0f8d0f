"""Re-renders takes that no longer fit the tempo, in the background, and swaps them in at a bar line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bridge.library.recipes import Recipe, read_recipe
from bridge.library.take_files import TakeFiles
from bridge.messages import BridgeError, Done, Event, Failed, Job, RenderRequest, TakeReady
from bridge.parameters import check_request, seconds_of

# Render only once the tempo has settled: a knob sweeps through many.
SETTLE_SECONDS = 2.0


class OffTempoDeck(Protocol):
    """A deck whose take does not fit the tempo."""

    @property
    def deck(self) -> int:
        """The deck's number."""

    @property
    def path(self) -> Path:
        """The take that is loaded."""

    @property
    def bpm(self) -> float:
        """The tempo to render it at."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    deck: int
    path: Path
    bpm: float


def at_tempo(recipe: Recipe, bpm: float) -> RenderRequest | None:
    """Return a request for the recipe's take at another tempo, all else the same.

    Return None if it was made from a source or its length is not in bars. Raises BridgeError `value` for a
    tempo that makes the take too long or too short.
    """
    ask = recipe.request_with_notes()
    if ask.verb != "generate" or ask.bars is None:
        return None
    one = {"candidates": 1, "keep": None, "batch": 0}
    seconds = seconds_of(ask.bars, ask.numerator, ask.denominator, bpm)
    return check_request(
        ask.model_copy(update={"bpm": bpm, "seconds": seconds, "seed": recipe.seed, "count": 1} | one)
    )


class Retempo:
    """Re-renders takes that do not fit the tempo, and swaps them in. Use it only in the event loop.

    `misfits` and `swap` are the stage's, `put` queues a job, `cancel` stops one. A take that cannot be
    rendered again (no recipe, or made from a source) plays on as it is, or stretched.
    """

    def __init__(
        self,
        misfits: Callable[[], Iterable[OffTempoDeck]],
        swap: Callable[[int, Path], None],
        put: Callable[[RenderRequest], Job],
        cancel: Callable[[str], None],
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._misfits = misfits
        self._swap = swap
        self._put = put
        self._cancel = cancel
        self._settle_seconds = settle_seconds
        self._jobs: dict[str, _Wanted] = {}
        self._given_up: set[_Wanted] = set()
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Check the decks again once decks and tempo have settled."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._settle_seconds, self._settled)

    def look_now(self) -> None:
        """Check the decks at once: renders for decks that must stay silent are cancelled."""
        if self._timer is not None:
            self._timer.cancel()
        self._settled()

    def event(self, event: Event) -> None:
        """Handle an event of a render job."""
        if isinstance(event, TakeReady) and event.job_id in self._jobs:
            wanted = self._jobs.pop(event.job_id)
            if wanted in self._now():
                self._swap(wanted.deck, event.path)
        elif isinstance(event, Failed) and event.job_id in self._jobs:
            if event.code != "cancelled":
                self._given_up.add(self._jobs[event.job_id])
            del self._jobs[event.job_id]
        elif isinstance(event, Done):
            self._jobs.pop(event.job_id, None)

    def close(self) -> None:
        """Stop checking."""
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> set[_Wanted]:
        return {_Wanted(misfit.deck, misfit.path, misfit.bpm) for misfit in self._misfits()}

    def _settled(self) -> None:
        now = self._now()
        self._given_up &= now
        for job_id, wanted in list(self._jobs.items()):
            if wanted not in now:
                # Forget it first, so that the cancel does not count as a failure.
                del self._jobs[job_id]
                with contextlib.suppress(BridgeError):  # it has just ended
                    self._cancel(job_id)
        for wanted in sorted(now - set(self._jobs.values()) - self._given_up, key=lambda misfit: misfit.deck):
            self._render(wanted)

    def _render(self, wanted: _Wanted) -> None:
        try:
            request = at_tempo(read_recipe(TakeFiles(wanted.path).recipe_source()), wanted.bpm)
            if request is None:
                self._given_up.add(wanted)
                return
            self._jobs[self._put(request).job_id] = wanted
        except BridgeError:
            # The user's own audio, or a full queue. Leave it until the tempo changes again.
            self._given_up.add(wanted)
