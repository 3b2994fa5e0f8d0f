"""Which messages a stop or panic calls off that were sent before it and still wait."""

from __future__ import annotations

from bridge.messages import Message
from bridge.messages import stage as s
from bridge.messages.endless import StartEndless, StartMorph
from bridge.messages.scenes import LaunchScene

STOPS: tuple[type[Message], ...] = (s.StopTransport, s.StopDeck)
# What panic calls off, which waits in no queue.
LAUNCHES: tuple[type[Message], ...] = (
    s.AwaitJob, s.LaunchDeck, LaunchScene, s.RenderToDeck, StartEndless, StartMorph,
    s.Undo,
)  # fmt: skip


def calls_off(stop: Message, waiting: Message) -> bool:
    """Whether a stop calls off a message that was sent before it and still waits.

    Carried out after the stop, it would start the music that the stop is to end.
    """
    match stop, waiting:
        case s.StopDeck(deck=stopped), s.LaunchDeck(deck=launched):
            return stopped == launched
        case (s.StopTransport(), s.LaunchDeck() | LaunchScene() | s.PlayTransport() | s.Undo()):
            return True
    return False
