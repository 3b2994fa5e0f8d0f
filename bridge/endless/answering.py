"""Decks that answer a player: what is played on the keyboard goes to the composer, turns are told."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from bridge.endless.session import EndlessSession
from bridge.endless.turns import EARLY_BEATS, answer_values, answering, phrase_notes
from bridge.messages import Event, PartialRequest, partial_request
from bridge.messages import endless as e
from bridge.midi.played_notes import PlayedNote


class Answers:
    """Connects answering decks to a keyboard and to the stage. Use it only in the event loop.

    `played_since` returns what was played since a time of `time.monotonic`, `heard_line` the time at which a
    deck's latest bar line is heard, `sound_of` part and sound of the take that a deck holds.
    """

    def __init__(
        self,
        played_since: Callable[[float], tuple[PlayedNote, ...]],
        heard_line: Callable[[int], float],
        sound_of: Callable[[int], Awaitable[PartialRequest]],
        deliver: Callable[[Event], None],
    ) -> None:
        self._played_since = played_since
        self._heard_line = heard_line
        self._sound_of = sound_of
        self._deliver = deliver
        self._telling: dict[int, asyncio.TimerHandle] = {}

    async def values(self, deck: int, session: EndlessSession | None, said: PartialRequest) -> PartialRequest:
        """Return the values of a deck that is to answer: in the sound that it plays, unless one is said.

        `session` is the endless music that it plays now, if any.
        """
        sound = session.request.partial(("part", "sound")) if session else await self._sound_of(deck)
        return answering(sound, said)

    def bar_began(self, session: EndlessSession, bar: int) -> None:
        """Note that a deck has begun a bar; if a turn begins with it, tell that once it is heard."""
        if session.turns is None:
            session.plays(bar)
            return
        heard_seconds = self._heard_line(session.deck)
        session.plays(bar, heard_seconds)
        if session.turns.begins(bar):
            turn: Literal["player", "deck"] = "deck" if session.turns.is_answer(bar) else "player"
            self._telling[session.deck] = asyncio.get_running_loop().call_later(
                heard_seconds - time.monotonic(), self._deliver, e.TurnBegan(session.deck, turn, bar)
            )

    def end(self, deck: int) -> None:
        """Tell no more of a deck's turns."""
        if (telling := self._telling.pop(deck, None)) is not None:
            telling.cancel()

    def hear(self, session: EndlessSession) -> None:
        """Note what the player has played so far, if the next bar answers it."""
        bar, turns, request = session.unrendered, session.turns, session.request
        if turns is None or not turns.is_answer(bar):
            return
        phrase = turns.phrase_before(bar)
        first = min((session.lines[one] for one in phrase if one in session.lines), default=math.inf)
        played = self._played_since(first - EARLY_BEATS * 60 / request.bpm)
        notes = phrase_notes(played, session.lines, phrase, float(request.meter.bar_beats), request.bpm)
        answer = answer_values(request, session.values, notes, phrase) if notes else partial_request({})
        session.hears(phrase, notes, answer)
        if turns.begins(bar):
            chords = answer.get("chords", request.chords) if notes else ""
            self._deliver(e.PhraseHeard(session.deck, len(notes), chords))
