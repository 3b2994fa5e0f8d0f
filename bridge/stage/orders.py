"""Notes the orders that make decks sound or fall silent, also for a restarted audio child."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Literal

from bridge.audio_child import protocol as p
from bridge.messages import BridgeError, Event
from bridge.messages.stage import PanicChanged
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState
from bridge.stage.pending import PendingDecks


class StageOrders:
    """Launches, stops, undo and panic, as `DeckState.ordered`. `panics` counts the panics.

    `cancel` cancels a render job. A panic lasts until something is launched, or music is asked for that will
    be launched once it is ready.
    """

    def __init__(
        self, link: StageLink, deliver: Callable[[Event], None], cancel: Callable[[str], None]
    ) -> None:
        self._link = link
        self._deliver = deliver
        self._cancel = cancel
        self.panics = 0

    @property
    def in_panic(self) -> bool:
        """Whether there was a panic, and nothing was launched or asked for since."""
        return all(desk.ordered == "panic" for desk in self._link.decks.values())

    def launch(self, desk: DeckState) -> None:
        """Note that a deck is launched."""
        self._order(desk, "launch")

    def ask_for_music(self, desk: DeckState) -> None:
        """Note that music is asked for which is launched on a deck once it is ready."""
        if desk.ordered == "panic":
            self._order(desk, "stop")

    def _order(self, desk: DeckState, order: Literal["launch", "stop"]) -> None:
        ends_panic = self.in_panic
        desk.ordered = order
        if ends_panic:
            self._deliver(PanicChanged(False))

    def stop(self, desk: DeckState) -> None:
        """Note that a deck is stopped; in a panic it is already."""
        if desk.ordered != "panic":
            desk.ordered = "stop"

    def undo(self) -> None:
        """Undo the last launch. What is not obeyed yet, a restarted child is not to launch either."""
        for desk in self._link.decks.values():
            if desk.ordered == "launch":
                desk.ordered = ""
        self._link.tell(p.Undo())

    def panic(self, pending: PendingDecks) -> None:
        """Silence every deck, and cancel what is on its way to one."""
        self.panics += 1
        for desk in self._link.decks.values():
            desk.ordered = "panic"
        self._link.tell(p.Panic())
        self._deliver(PanicChanged(True))  # endless music ends here
        for job_id in pending.forget():
            self.cancel(job_id)

    def cancel(self, job_id: str) -> None:
        """Cancel a job that was rendered for a deck."""
        with contextlib.suppress(BridgeError):  # it has just ended
            self._cancel(job_id)
