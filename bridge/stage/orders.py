"""Notes the orders that make decks sound or fall silent, also for a restarted audio child."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection
from typing import Literal

from bridge.audio_child import protocol as p
from bridge.messages import BridgeError, Event
from bridge.messages.stage import PanicChanged
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState
from bridge.stage.pending import PendingDecks


class StageOrders:
    """Launches, stops, undo and panic, as `DeckState.ordered`.

    `panics`, `stops` (of each deck) and `transport_stops` count these, for whoever waits for a file then.

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
        self.transport_stops = 0
        self.stops: Counter[int] = Counter()
        self._scene_stops: set[int] = set()  # the decks that the last launch, of a scene, has stopped

    @property
    def in_panic(self) -> bool:
        """Whether there was a panic, and nothing was launched or asked for since."""
        return all(desk.ordered == "panic" for desk in self._link.decks.values())

    def launch(self, desk: DeckState) -> None:
        """Note that a deck is launched."""
        self._scene_stops.clear()
        self._order(desk, "launch")

    def launch_scene(self, launched: Collection[int], stopped: Collection[int]) -> None:
        """Note that decks are launched and stopped together."""
        for number in launched:
            self.launch(self._link.decks[number])
        for number in stopped:
            self.stop(self._link.decks[number])
        self._scene_stops = set(stopped)

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
        self.stops[desk.number] += 1
        self._scene_stops.discard(desk.number)
        if desk.ordered != "panic":
            desk.ordered = "stop"

    def undo(self) -> None:
        """Undo the last launch. What is not obeyed yet, a restarted child is not to launch either."""
        for desk in self._link.decks.values():
            came_back = desk.number in self._scene_stops and desk.ordered == "stop"
            if desk.ordered == "launch" or came_back:
                desk.ordered = ""
        self._scene_stops.clear()
        self._link.tell(p.Undo())

    def panic(self, pending: PendingDecks) -> None:
        """Silence every deck, and cancel what is on its way to one."""
        self.panics += 1
        for desk in self._link.decks.values():
            desk.ordered = "panic"
        self._scene_stops.clear()
        self._link.tell(p.Panic())
        self._deliver(PanicChanged(True))  # endless music ends here
        for job_id in pending.forget():
            self.cancel(job_id)

    def cancel(self, job_id: str) -> None:
        """Cancel a job that was rendered for a deck."""
        with contextlib.suppress(BridgeError):  # it has just ended
            self._cancel(job_id)
