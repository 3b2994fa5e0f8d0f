"""Which messages a stop or panic overtakes when the stage's queue is held up."""

from __future__ import annotations

from bridge.messages import BridgeError, Message
from bridge.messages import stage as s

STOPS: tuple[type[Message], ...] = (s.Panic, s.StopTransport, s.StopDeck)


def calls_off(stop: Message, waiting: Message) -> bool:
    """Whether a stop calls off a message that was sent before it and still waits.

    Carried out after the stop, it would start the music that the stop is to end.
    """
    match stop, waiting:
        case s.StopDeck(deck=stopped), s.LaunchDeck(deck=launched):
            return stopped == launched
        case (s.StopTransport() | s.Panic(), s.LaunchDeck() | s.PlayTransport() | s.Undo()):
            return True
    return False


def called_off() -> BridgeError:
    """Return the error for the sender of a message that was called off."""
    return BridgeError("cancelled", "a stop came before it could be carried out; send it again to start")
