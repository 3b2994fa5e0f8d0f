"""An outlet that records what goes out."""

from __future__ import annotations

from typing import Any

from bridge.messages import Argument, Event, Peer
from bridge.outputs.outlet import Outlet


class RecordingOutlet(Outlet):
    """Records events and replies, those to nobody too."""

    def __init__(self) -> None:
        super().__init__(lambda *_: None)
        self.events: list[Any] = []
        self.replies: list[tuple[Peer | None, str, *tuple[Argument, ...]]] = []
        self.subscribe(self._record)

    def reply(self, to: Peer | None, address: str, *arguments: Argument) -> None:
        self.replies.append((to, address, *arguments))

    def _record(self, event: Event) -> None:
        self.events.append(event)
