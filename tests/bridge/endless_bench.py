"""Endless mode with a real worker process that fakes its bars, and decks that play when told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bridge.addresses.table import parse
from bridge.audio_child.protocol import BarReady, TakeFile
from bridge.endless.answering import Answers
from bridge.endless.mode import Endless
from bridge.library.takes import Library
from bridge.messages import BridgeError, PartialRequest, Peer, Render, RenderRequest
from bridge.midi.played_notes import PlayedNote
from bridge.parameters import seconds_of
from bridge.render.local_engine import LocalEngine
from bridge.system.inbox import handle
from bridge.system.supervisor import Supervisor
from tests.bridge.fake_worker import fake_worker, save_model_without_weights
from tests.bridge.outlets import RecordingOutlet
from tests.bridge.render_requests import make_request
from tests.bridge.waiting import until

RATE = 48_000
ME = Peer("127.0.0.1", 9)


@dataclass
class Decks:
    """Decks that take bars and play when told; the real ones are the audio child's."""

    rate: int = RATE
    bpm: float = 111.0
    bar_beats: float = 4.0
    bars: dict[int, BarReady] = field(default_factory=dict)
    launched: int = 0
    endless: bool = False
    sound: PartialRequest = field(default_factory=PartialRequest)
    played: list[PlayedNote] = field(default_factory=list)
    morph: float = 0.5
    takes: dict[str, TakeFile] = field(default_factory=dict)

    def open_endless(self, deck: int) -> None:
        if deck > 4:
            raise BridgeError("value", "there are four decks")
        self.endless = True
        self.bars.clear()

    def bar_ready(self, ready: BarReady) -> None:
        assert np.load(ready.path).dtype == np.float32
        self.bars[ready.bar] = ready

    def launch(self, deck: int) -> None:  # noqa: ARG002
        self.launched += 1

    async def sound_of(self, deck: int) -> PartialRequest:  # noqa: ARG002
        return self.sound

    def stop(self, deck: int) -> None:  # noqa: ARG002
        self.endless = False

    def is_endless(self, deck: int) -> bool:  # noqa: ARG002
        return self.endless

    def morph_of(self, deck: int) -> float:  # noqa: ARG002
        return self.morph

    async def find_take(self, take: str, sender: Peer | None) -> TakeFile:  # noqa: ARG002
        if take not in self.takes:
            raise BridgeError("source", f"`{take}`: there is no such file")
        return self.takes[take]


@dataclass
class Bench:
    endless: Endless
    decks: Decks
    engine: LocalEngine
    library: Library
    outlet: RecordingOutlet
    while_resolving: list[Callable[[], None]]

    @property
    def events(self) -> list[Any]:
        return self.outlet.events

    @property
    def replies(self) -> list[tuple[Any, ...]]:
        return [reply[1:] for reply in self.outlet.replies]

    async def ask(self, address: str, *words: object) -> tuple[Any, ...]:
        """Sends one message and returns the answer to it."""
        message = parse(f"/msanii/{address}", words, ME)
        assert message is not None
        before = len(self.replies)
        await handle(message, self.endless.handlers)
        return self.replies[before] if len(self.replies) > before else ()

    async def has(self, *bars: int) -> None:
        await until(lambda: set(bars) <= set(self.decks.bars))


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[Bench]:
    library = Library(folder / "library")
    models = save_model_without_weights(folder / "models" / "default")
    engine = LocalEngine(library, model_folders=[models], target=fake_worker)
    supervisor = Supervisor(lambda _event: None, first_delay_seconds=0.01)
    decks, outlet = Decks(), RecordingOutlet()
    while_resolving: list[Callable[[], None]] = []

    async def resolve(ask: Render) -> RenderRequest:
        if while_resolving:
            while_resolving.pop()()
        asked = make_request(**{"bpm": 120.0, **ask.values})
        seconds = seconds_of(1.0, asked.numerator, asked.denominator, asked.bpm)
        return asked.model_copy(update={"seconds": seconds})

    endless = Endless(
        decks,
        engine.bars,
        outlet,
        resolve=resolve,
        model_folder=lambda name: models / name,
        folder=folder / "bars",
        takes_folder=library.takes_folder,
        pasts_folder=folder / "pasts",
        answers=Answers(
            lambda seconds: tuple(note for note in decks.played if note.onset_seconds >= seconds),
            lambda _deck: time.monotonic(),
            decks.sound_of,
            outlet.deliver,
        ),
    )
    await supervisor.watch(engine)
    try:
        yield Bench(endless, decks, engine, library, outlet, while_resolving)
    finally:
        endless.close()
        await supervisor.stop()
        library.close()
