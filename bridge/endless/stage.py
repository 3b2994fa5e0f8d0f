"""Wires endless mode, Ableton Link and tempo changes to the stage."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bridge.audio_child.protocol import BarReady, TakeFile
from bridge.audio_child.reports import BarReport, BehindReport
from bridge.endless.ableton_link import LinkSession
from bridge.endless.answering import Answers
from bridge.endless.kept_bars import pasts_folder
from bridge.endless.mode import Endless
from bridge.endless.retempo import Retempo
from bridge.library.recipes import Recipe, read_recipe
from bridge.library.takes import Library
from bridge.messages import BridgeError, Event, Job, PartialRequest, Peer, Render, RenderRequest
from bridge.messages import endless as e
from bridge.messages.stage import DeckChanged, PanicChanged, TransportChanged
from bridge.midi.played_notes import PlayedNote
from bridge.outputs.outlet import Outlet
from bridge.render.engine import find_model
from bridge.render.local_engine import LocalEngine
from bridge.settings import Settings
from bridge.stage.stage import Stage
from bridge.system.abandonable_thread import run_abandonable
from bridge.system.inbox import Handlers

_READ_SECONDS = 5.0


class StageDecks:
    """The stage as endless mode sees it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def rate(self) -> int:
        """The stream's rate in hertz; 0 before it is known."""
        return self._stage.rate

    @property
    def bpm(self) -> float:
        """The transport's tempo, as clients know it."""
        return self._stage.master.bpm

    @property
    def bar_beats(self) -> float:
        """The length of the transport's bars in quarter notes."""
        return self._stage.master.bar_beats

    def open_endless(self, deck: int) -> None:
        """Turn a deck into an endless deck. Raises BridgeError without a stream."""
        self._stage.open_endless(deck)

    def bar_ready(self, ready: BarReady) -> None:
        """Send a rendered bar to its deck."""
        self._stage.bar_ready(ready)

    def launch(self, deck: int) -> None:
        """Launch the deck, quantised."""
        self._stage.launch(deck)

    def stop(self, deck: int) -> None:
        """Stop the deck, quantised, and end its endless mode: it is empty after that."""
        self._stage.stop(deck)
        self._stage.decks[deck].end_bars()

    def heard_line(self, deck: int) -> float:
        """Return when the deck's latest bar line is heard, in seconds of `time.monotonic`."""
        seconds = time.monotonic()
        now, desk = self._stage.snapshot(), self._stage.decks[deck]
        if now is None or not now.playing or desk.launch_beat is None:
            return seconds
        bars = round((now.beat_at(seconds) - desk.launch_beat) / desk.bar_beats)
        return now.seconds_of(desk.launch_beat + bars * desk.bar_beats)

    async def sound_of(self, deck: int) -> PartialRequest:
        """Return part and sound of the take that the deck holds, as far as its recipe tells them."""
        file = self._stage.decks[deck].file if deck in self._stage.decks else None
        if file is None:
            return {}
        recipe = await run_abandonable(lambda: _recipe(file.path), _READ_SECONDS)
        return recipe.request.partial(("part", "sound")) if recipe else {}

    def is_endless(self, deck: int) -> bool:
        """Return True while the deck holds endless bars."""
        return self._stage.decks[deck].endless

    def morph_of(self, deck: int) -> float:
        """Return where the deck's morph is, from 0 to 1."""
        return float(self._stage.decks[deck].values["morph"])

    async def find_take(self, take: str, sender: Peer | None) -> TakeFile:
        """Return a take by name, with its tempo, also one that was heard. Raises BridgeError."""
        return await self._stage.find_take(take, sender)


def _recipe(path: Path) -> Recipe | None:
    try:
        return read_recipe(path)
    except BridgeError:
        return None  # audio from elsewhere


class EndlessStage:
    """Endless mode, Ableton Link and re-rendering at new tempos, on one stage."""

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        engine: LocalEngine,
        library: Library,
        outlet: Outlet,
        *,
        resolve: Callable[[Render], Awaitable[RenderRequest]],
        put: Callable[[RenderRequest], Job],
        cancel: Callable[[str], None],
        played_since: Callable[[float], tuple[PlayedNote, ...]],
    ) -> None:
        self._stage = stage
        self._outlet = outlet
        decks = StageDecks(stage)
        self._endless = Endless(
            decks,
            engine.bars,
            outlet,
            resolve=resolve,
            model_folder=lambda name: find_model(name, settings.model_folders),
            folder=settings.library / ".msanii" / "bars",
            takes_folder=library.takes_folder,
            pasts_folder=pasts_folder(library.folder),
            grooves_folder=settings.grooves_folder,
            sounds_folder=settings.sounds_folder,
            answers=Answers(played_since, decks.heard_line, decks.sound_of, outlet.deliver),
        )
        self._link = LinkSession(stage, outlet.deliver, lambda: stage.master.bar_beats)
        self._retempo = Retempo(stage.misfits, stage.swap, put, cancel)
        stage.on_report(self._report)
        self.handlers: Handlers = {**self._endless.handlers, e.UseLink: self._use_link}

    async def session_parameter(self, name: str, value: object, sender: Peer | None) -> None:
        """Apply a session parameter to the endless decks."""
        await self._endless.session_parameter(name, value, sender)

    def event(self, event: Event) -> None:
        """Handle any event that the daemon delivers."""
        self._retempo.event(event)
        if isinstance(event, PanicChanged) and event.on:
            self._endless.panic()
            self._retempo.look_now()
        if isinstance(event, DeckChanged | TransportChanged):
            self._retempo.look()
        if isinstance(event, TransportChanged):
            self._endless.follow_tempo(event.bpm)

    def close(self) -> None:
        """End the sessions and leave Link."""
        self._retempo.close()
        self._endless.close()
        self._link.close()

    def _use_link(self, message: e.UseLink) -> None:
        if message.on and self._stage.stream is None:
            raise BridgeError(
                "missing", "Link leads the stream's transport: start the daemon with `--stream`"
            )
        now = self._stage.snapshot()
        self._link.use(message.on, now.bpm if now else 120.0)
        self._outlet.reply(message.sender, "link.reply", int(message.on))

    def _report(self, report: object) -> None:
        if isinstance(report, BarReport):
            self._endless.bar_began(report.deck, report.bar)
        elif isinstance(report, BehindReport):
            self._endless.behind(report.deck, report.bar)
