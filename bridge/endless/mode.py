"""Endless mode: renders bars ahead of each endless deck's playhead."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from bridge.audio_child.protocol import BarReady
from bridge.endless.answering import Answers
from bridge.endless.curves import curve_from
from bridge.endless.endless_deck import EndlessDeck
from bridge.endless.grid import FIXED, check_grid, grid_values
from bridge.endless.kept_bars import keep_past, write_kept
from bridge.endless.morph import PLAIN, find_loop
from bridge.endless.session import EndlessSession
from bridge.endless.turns import Turns, check_answering
from bridge.messages import (
    Argument,
    BridgeError,
    PartialRequest,
    Peer,
    Render,
    RenderRequest,
    partial_request,
)
from bridge.messages import endless as e
from bridge.messages.bars import BarMorph
from bridge.outputs.outlet import Outlet
from bridge.parameters import seconds_of
from bridge.render.bars import BarRequests
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.disk import make_folder
from bridge.system.inbox import Handlers, internal_error

_log = logging.getLogger(__name__)

DEFAULT_AHEAD_BARS = 3
_KEEP_SECONDS = 60.0


class Endless:
    """The sessions of all endless decks. Use it only in the event loop.

    `resolve` completes a request, `model_folder` finds its model. Bars are in `folder` while they are needed;
    nothing else may use that folder. `pasts_folder` has the states that saved bars were rendered from,
    `grooves_folder` the user's grooves, `sounds_folder` the taught sounds, `answers` what a
    player plays.
    """

    def __init__(
        self,
        stage: EndlessDeck,
        bars: BarRequests,
        outlet: Outlet,
        *,
        resolve: Callable[[Render], Awaitable[RenderRequest]],
        model_folder: Callable[[str], Path],
        folder: Path,
        takes_folder: Path,
        pasts_folder: Path,
        answers: Answers,
        grooves_folder: Path | None = None,
        sounds_folder: Path | None = None,
    ) -> None:
        self._stage = stage
        self._answers = answers
        self._bars = bars
        self._resolve = resolve
        self._model_folder = model_folder
        self._outlet = outlet
        self._folder = folder
        self._takes_folder = takes_folder
        self._pasts_folder = pasts_folder
        self._grooves_folder = grooves_folder
        self._sounds_folder = sounds_folder
        self._sessions: dict[int, tuple[EndlessSession, asyncio.Task[None]]] = {}
        self._panics = 0
        self.handlers: Handlers = {
            e.StartEndless: self.start,
            e.StartMorph: self._start_morph,
            e.SetEndless: self._set,
            e.DrawCurve: self._draw,
            e.StopEndless: self._stop,
            e.KeepEndless: self._keep,
            e.EndlessStatus: self._tell_status,
        }
        # Bars left by a killed daemon.
        shutil.rmtree(folder, ignore_errors=True)

    def bar_began(self, deck: int, bar: int) -> None:
        """Note that the deck has begun a bar."""
        if deck not in self._sessions:
            return
        self._answers.bar_began(self._sessions[deck][0], bar)

    def behind(self, deck: int, bar: int) -> None:
        """Note that a bar was late, so that the deck repeats earlier ones."""
        if deck in self._sessions:
            self._sessions[deck][0].misses(bar)

    async def session_parameter(self, name: str, value: object, sender: Peer | None) -> None:
        """Apply a session parameter, set by OSC or a knob, to endless decks, if it can change live."""
        for session, task in list(self._sessions.values()):
            if name in session.followed and self._lives(session, task):
                session.curves.pop(name, None)
                bar = await self._change(session, partial_request({name: value}), None, sender)
                self._outlet.reply(sender, "endless/set.reply", session.deck, bar)

    def status(self) -> tuple[Argument, ...]:
        """Return six values for each endless deck: its number, the bar that plays (-1: none yet), the last
        bar rendered, the margin in bars, how often it fell behind, and the seconds to render a bar."""
        words: list[Argument] = []
        for session, _ in self._sessions.values():
            words += [
                session.deck, session.playing, session.rendered, session.margin, session.times_behind,
                round(session.bar_cost_seconds, 3),
            ]  # fmt: skip
        return tuple(words)

    def follow_tempo(self, bpm: float) -> None:
        """Render the next bars at the transport's new tempo."""
        for session, task in self._sessions.values():
            ask = session.request
            if bpm != ask.bpm and self._lives(session, task):
                seconds = seconds_of(1.0, ask.numerator, ask.denominator, bpm)
                session.values = session.values | {"bpm": bpm}
                bar = session.change(ask.model_copy(update={"bpm": bpm, "seconds": seconds}))
                self._outlet.deliver(e.EndlessTempo(session.deck, bar, bpm))

    def end(self, deck: int) -> None:
        """End a deck's session and delete its files."""
        session, task = self._sessions.pop(deck)
        task.cancel()
        self._answers.end(deck)
        self._bars.drop(session.name)
        shutil.rmtree(session.folder, ignore_errors=True)

    def panic(self) -> None:
        """Stop every endless deck, and what is about to become one."""
        self._panics += 1
        for deck in list(self._sessions):
            self._stop_deck(deck)

    def close(self) -> None:
        """End all sessions."""
        for deck in list(self._sessions):
            self.end(deck)

    async def start(self, ask: e.StartEndless) -> None:
        """Start endless mode on a deck. Raises BridgeError for a request that cannot be rendered as bars."""
        await self._start(ask, ask.values, None)
        self._outlet.reply(
            ask.sender, "endless/start.reply", ask.deck, self._sessions[ask.deck][0].request.seed
        )

    async def _start_morph(self, ask: e.StartMorph) -> None:
        loops = [await find_loop(self._stage, take, ask.sender) for take in (ask.first, ask.second)]

        def morph() -> BarMorph:
            return BarMorph(loops[0], loops[1], self._stage.morph_of(ask.deck), ask.strength)

        await self._start(ask, PLAIN | ask.values, morph)
        self._outlet.reply(ask.sender, "morph.reply", ask.deck, self._sessions[ask.deck][0].request.seed)

    async def _start(
        self,
        ask: e.StartEndless | e.StartMorph,
        given: PartialRequest,
        morph: Callable[[], BarMorph] | None,
    ) -> None:
        values = grid_values(self._stage.bpm, self._stage.bar_beats) | given
        panics = self._panics
        turn_bars = ask.turn_bars if isinstance(ask, e.StartEndless) else None
        turns = Turns(turn_bars) if turn_bars else None
        if turns is not None:
            playing = self._sessions[ask.deck][0] if ask.deck in self._sessions else None
            values = await self._answers.values(ask.deck, playing, values)
        request = await self._request(values, ask.sender, turns)
        if self._panics != panics:
            raise BridgeError("cancelled", "panic came before its first bar; send it again to start")
        check_grid(request, self._stage.bpm, self._stage.bar_beats)
        # Pin the values that must not change while it plays: session parameters may be set later.
        values |= request.partial(FIXED)
        model_folder = self._model_folder(request.model)
        self._stage.open_endless(ask.deck)
        if ask.deck in self._sessions:
            self.end(ask.deck)
        name = secrets.token_hex(8)
        folder = self._folder / name
        make_folder(folder)
        session = EndlessSession(
            name, ask.deck, request, values, folder, model_folder, ask.ahead or DEFAULT_AHEAD_BARS,
            grooves_folder=self._grooves_folder, sounds_folder=self._sounds_folder, turns=turns,
            morph=morph,
        )  # fmt: skip
        task = asyncio.create_task(self._run(session), name=f"endless deck {ask.deck}")
        self._sessions[ask.deck] = session, task

    async def _set(self, message: e.SetEndless) -> None:
        for session in self._living(message.deck):
            for name in message.values:
                session.curves.pop(name, None)
            bar = await self._change(session, message.values, message.ahead, message.sender)
            self._outlet.reply(message.sender, "endless/set.reply", session.deck, bar)

    def _draw(self, message: e.DrawCurve) -> None:
        for session in self._living(message.deck):
            bar = session.unrendered
            session.curves.pop(message.name, None)
            if message.points:
                now = getattr(session.request, message.name)
                session.curves[message.name] = curve_from(message.name, bar, message.points, now)
            self._outlet.reply(message.sender, "curve.reply", session.deck, message.name, bar)

    async def _follow_curves(self, session: EndlessSession) -> None:
        """Change a session to what its curves say of the next bar; a value that cannot be ends all curves."""
        try:
            while values := partial_request(session.due_values()):
                # Not `_change`: somebody may set one of them meanwhile, which ends its curve.
                await self._take(session, values, None)
        except BridgeError as error:
            session.curves.clear()
            why = f"{error.message} (the curves end here; the music goes on)"
            self._outlet.deliver(e.EndlessFailed(session.deck, error.code, why))
        session.end_curves()

    def _stop(self, message: e.StopEndless) -> None:
        (session,) = self._named(message.deck)
        self._stop_deck(session.deck)
        self._outlet.reply(message.sender, "endless/stop.reply", session.deck)

    def _stop_deck(self, deck: int) -> None:
        self.end(deck)
        self._stage.stop(deck)
        self._outlet.deliver(e.EndlessStopped(deck))

    def _tell_status(self, message: e.EndlessStatus) -> None:
        self._outlet.reply(message.sender, "endless/status.reply", *self.status())

    async def _change(
        self, session: EndlessSession, values: PartialRequest, ahead: int | None, sender: Peer | None
    ) -> int:
        """Change a session; return the first bar with the change."""
        if ahead is not None:
            session.ahead = ahead
        if not values:
            session.wake()
            return session.unrendered
        while not await self._take(session, values, sender):
            pass
        return session.unrendered

    async def _take(self, session: EndlessSession, values: PartialRequest, sender: Peer | None) -> bool:
        """Take values from the next unrendered bar on. Return False if others have changed meanwhile."""
        known = session.values
        request = await self._request(known | {"seed": session.request.seed} | values, sender, session.turns)
        if session.values is not known:
            return False
        session.values = known | values
        session.change(request)
        return True

    async def _request(
        self, values: PartialRequest, sender: Peer | None, turns: Turns | None
    ) -> RenderRequest:
        """Return the complete request for each bar, with the values that `generate` would use."""
        render = Render(
            "generate", None, values | {"bars": 1.0, "candidates": 1, "keep": 0, "batch": 0}, sender=sender
        )
        request = await self._resolve(render)
        if request.notes:
            raise BridgeError("value", "`notes`: endless mode plays none; send /msanii/param/reset notes")
        if turns is not None:
            check_answering(request)
        return request

    async def _run(self, session: EndlessSession) -> None:
        try:
            while self._stage.rate == 0:
                await asyncio.sleep(0.05)  # the stream is opening
            session.rate = self._stage.rate
            if session.turns is not None:
                session.rehearsed(await self._bars.render(session.rehearsal()))
            while True:
                await session.wanted()
                if not self._stage.is_endless(session.deck):
                    break  # a take was loaded
                await self._follow_curves(session)
                await self._render_next(session)
        except BridgeError as error:
            self._outlet.deliver(
                e.EndlessFailed(session.deck, error.code, f"{error.message} (it plays no new bars)")
            )
        except Exception as error:
            _log.exception("endless deck %d", session.deck)
            fault = internal_error(error)
            self._outlet.deliver(e.EndlessFailed(session.deck, fault.code, fault.message))
        # Not `end`: the rendered bars can still be saved.
        self._bars.drop(session.name)

    async def _render_next(self, session: EndlessSession) -> None:
        self._answers.hear(session)
        order = session.begin()
        try:
            done = await self._bars.render(order)
        except BridgeError as error:
            if not session.give_back():
                raise
            # The last change cannot be rendered: drop it and keep playing. A curve would make it again.
            session.curves.clear()
            why = f"{error.message} (the change is dropped; the music goes on)"
            self._outlet.deliver(e.EndlessFailed(session.deck, error.code, why))
            return
        path = session.finished(done)
        if not self._stage.is_endless(session.deck):
            return  # a take was loaded meanwhile; do not launch it
        self._stage.bar_ready(BarReady(session.deck, done.bar, path, session.rate))
        if session.launches():
            self._stage.launch(session.deck)
        self._outlet.deliver(e.EndlessBar(session.deck, done.bar, session.margin))

    async def _keep(self, message: e.KeepEndless) -> None:
        (session,) = self._named(message.deck)
        kept = session.last_played(message.bars)

        def write() -> Path:
            past = keep_past(kept.past, self._pasts_folder) if kept.past else ""
            recipe = kept.recipe.model_copy(update={"past": past})
            return write_kept(self._takes_folder, kept.paths, recipe)

        path = await run_abandonable(write, _KEEP_SECONDS)
        if path is None:
            raise BridgeError("disk", "the bars were not written within a minute; look at the disk")
        found = str(path), kept.recipe.first_bar, len(kept.paths), int(kept.recipe.is_whole)
        self._outlet.reply(message.sender, "endless/keep.reply", session.deck, *found)

    def _living(self, deck: int | None) -> list[EndlessSession]:
        """Return the named sessions that still render: a deck may have failed, or hold a take by now."""
        named = self._named(deck)
        living = [session for session in named if self._lives(session, self._sessions[session.deck][1])]
        if not living:
            raise BridgeError(
                "missing",
                f"deck {named[0].deck} makes no bars any more; begin again with `/msanii/endless/start`",
            )
        return living

    def _lives(self, session: EndlessSession, task: asyncio.Task[None]) -> bool:
        return not task.done() and self._stage.is_endless(session.deck)

    def _named(self, deck: int | None) -> list[EndlessSession]:
        if deck is None and self._sessions:
            return [session for session, _ in self._sessions.values()]
        if deck in self._sessions:
            return [self._sessions[deck][0]]
        which = "no deck is" if deck is None else f"deck {deck} is not"
        raise BridgeError("missing", f"{which} endless; begin it with `/msanii/endless/start`")
