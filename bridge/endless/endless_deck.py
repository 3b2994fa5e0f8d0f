"""What endless mode needs of the stage."""

from __future__ import annotations

from typing import Protocol

from bridge.audio_child.protocol import BarReady, TakeFile
from bridge.messages import Peer


class EndlessDeck(Protocol):
    """The stage, as endless mode uses it."""

    @property
    def rate(self) -> int:
        """The stream's rate in hertz; 0 before it is known."""

    @property
    def bpm(self) -> float:
        """The transport's tempo."""

    @property
    def bar_beats(self) -> float:
        """The length of the transport's bars in quarter notes."""

    def open_endless(self, deck: int) -> None:
        """Turn a deck into an endless deck. Raises BridgeError."""

    def bar_ready(self, ready: BarReady) -> None:
        """Send a rendered bar to its deck."""

    def launch(self, deck: int) -> None:
        """Launch the deck, quantised."""

    def stop(self, deck: int) -> None:
        """Stop the deck, quantised."""

    def is_endless(self, deck: int) -> bool:
        """Return True while the deck holds endless bars and not a take."""

    def morph_of(self, deck: int) -> float:
        """Return where the deck's morph is, from 0 to 1."""

    async def find_take(self, take: str, sender: Peer | None) -> TakeFile:
        """Return a take by name, with its tempo. Raises BridgeError."""
