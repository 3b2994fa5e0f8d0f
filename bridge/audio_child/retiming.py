"""Gives a take on a deck the tempo and the first bar line that become known after it was loaded."""

from __future__ import annotations

import logging

from bridge.audio_child.decks.deck import Deck
from bridge.audio_child.decks.voices import LoadedTake
from bridge.audio_child.loading import Loader, retimed_take
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.protocol import TakeFile
from bridge.audio_child.reports import RetimedReport
from bridge.messages import BridgeError

_log = logging.getLogger(__name__)


def retime(mixer: Mixer, loader: Loader, deck: Deck, file: TakeFile) -> None:
    """Retime the deck's take once all that was asked of the loader before is done, and report it.

    A deck that holds another take by then, or this one with a tempo, stays as it is.
    """

    def find() -> None:
        take = deck.take
        if take is not None and take.path == file.path and take.bpm is None:
            loader.put(lambda: make(take), _not_retimed)

    def make(take: LoadedTake) -> None:
        made = retimed_take(take, file, mixer.rate)
        mixer.do(lambda: give(take, made))

    def give(take: LoadedTake, made: LoadedTake) -> None:
        deck.retime(take, made)
        if deck.take is made:
            mixer.reports.append(RetimedReport(deck.number, file))

    # By way of the loader, since the take may still be loading, and then of the mixer, which gets it.
    loader.put(lambda: mixer.do(find), _not_retimed)


def _not_retimed(error: BridgeError) -> None:
    """The take plays on without a tempo, so this is no failure of its deck."""
    _log.warning("a take keeps its own time: %s", error)
