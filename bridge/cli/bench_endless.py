"""The endless deck of `msanii-bridge bench stage`: bars by the real model, in its own worker process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.endless.answering import Answers
from bridge.endless.kept_bars import pasts_folder
from bridge.endless.mode import Endless
from bridge.library.takes import Library
from bridge.messages import BridgeError, Event, PartialRequest, Peer, Render, RenderRequest
from bridge.messages import endless as e
from bridge.outputs.outlet import Outlet
from bridge.render.engine import find_model, model_sampling, parse_notes, read_model_config, sounds_and_parts
from bridge.render.local_engine import LocalEngine
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import Settings, factory_presets_folder
from bridge.system.supervisor import Supervisor
from bridge.worker.loop import WorkerSettings

_CHORDS = "Am F C G"
_FIRST_BARS_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class EndlessFigures:
    """Results: the fewest bars that were ready beyond the one that played, and the render time per bar.

    `way` is how the model continues the music: with `context`, in one pass, or by `RePaint`.
    """

    model: str
    way: str
    margin: int
    bars: int
    worst_seconds: float
    mean_seconds: float


async def _no_sound(_deck: int) -> PartialRequest:
    return {}


class BenchDeck:
    """A minimal stage for endless mode: a deck of the benchmark's own audio stream."""

    def __init__(self, send: Callable[[object], object], rate: int, bpm: float) -> None:
        self._send = send
        self.rate = rate
        self.bpm = bpm
        self.bar_beats = 4.0
        self.launched = asyncio.Event()

    def open_endless(self, deck: int) -> None:
        """Turn the deck into an endless deck."""
        self._send(p.OpenEndless(deck, self.bar_beats))

    def bar_ready(self, ready: p.BarReady) -> None:
        """Pass a rendered bar to the deck."""
        self._send(ready)

    def launch(self, deck: int) -> None:
        """Launch the deck at its next boundary."""
        self._send(p.LaunchDeck(deck))
        self.launched.set()

    def stop(self, deck: int) -> None:
        """Stop the deck at its next boundary."""
        self._send(p.StopDeck(deck))

    def is_endless(self, deck: int) -> bool:  # noqa: ARG002
        """Return True: the benchmark's only deck is endless."""
        return True

    def morph_of(self, deck: int) -> float:  # noqa: ARG002
        """Return 0: the benchmark plays no morph."""
        return 0.0

    async def find_take(self, take: str, sender: Peer | None) -> p.TakeFile:  # noqa: ARG002
        """Raise BridgeError `missing`: the benchmark has no takes."""
        raise BridgeError("missing", f"`{take}`: the benchmark has no takes")


class EndlessFeeder:
    """Feeds a deck with bars as the daemon would, with the model and presets of the settings."""

    def __init__(self, settings: Settings, folder: Path, number: int, deck: BenchDeck) -> None:
        """Raises BridgeError `model` if there is no such model."""
        self._number = number
        self._deck = deck
        folders = settings.model_folders
        self._model = settings.model or "default"
        config = read_model_config(find_model(self._model, folders))
        self._way = "context" if config.unet.context else "RePaint"
        self._chords: PartialRequest = {"chords": _CHORDS} if config.unet.controls else {}
        self._library = Library(folder / "library")
        self._engine = LocalEngine(
            self._library,
            model=self._model,
            model_folders=folders,
            settings=WorkerSettings.of(settings),
        )
        self._supervisor = Supervisor(lambda _event: None)
        presets = Presets(factory_presets_folder(), settings.presets_folder)
        knows = partial(sounds_and_parts, folders=folders)
        sampling_of = partial(model_sampling, folders=folders)
        resolver = Resolver(settings, self._library, presets, parse_notes, knows, sampling_of)

        async def resolve(ask: Render) -> RenderRequest:
            request = await resolver.resolve(ask, {})
            self._engine.check(request)
            return request

        outlet = Outlet(lambda *_: None)
        outlet.subscribe(self._told)
        self._endless = Endless(
            deck,
            self._engine.bars,
            outlet,
            resolve=resolve,
            model_folder=lambda name: find_model(name, folders),
            folder=folder / "bars",
            takes_folder=self._library.takes_folder,
            pasts_folder=pasts_folder(self._library.folder),
            answers=Answers(lambda _seconds: (), lambda _deck: time.monotonic(), _no_sound, outlet.deliver),
        )
        self.trouble: BridgeError | None = None
        self._costs: list[float] = []
        self._margins: list[int] = []

    async def start(self) -> None:
        """Start, and wait until the deck is launched. Raises BridgeError if no bar can be rendered."""
        await self._supervisor.watch(self._engine)
        values: PartialRequest = {"model": self._model, **self._chords}
        await self._endless.start(e.StartEndless(self._number, values, None))
        try:
            async with asyncio.timeout(_FIRST_BARS_SECONDS):
                await self._deck.launched.wait()
        except TimeoutError as error:
            raise BridgeError("render", f"no bars within {_FIRST_BARS_SECONDS:g} s") from error
        if self.trouble is not None:
            raise self.trouble

    def bar_began(self, bar: int) -> None:
        """Report that the deck has started to play a bar."""
        self._endless.bar_began(self._number, bar)
        self._margins.append(self._status()[3])

    def behind(self, bar: int) -> None:
        """Report that the deck repeats itself because a bar is missing."""
        self._endless.behind(self._number, bar)
        self._margins.append(0)

    def figures(self) -> EndlessFigures:
        """Return the results so far."""
        costs = self._costs or [0.0]
        return EndlessFigures(
            self._model, self._way, min(self._margins, default=0), len(self._costs),
            max(costs), sum(costs) / len(costs),
        )  # fmt: skip

    async def close(self) -> None:
        """Stop the worker and close the library."""
        self._endless.close()
        await self._supervisor.stop()
        self._library.close()

    def _told(self, event: Event) -> None:
        if isinstance(event, e.EndlessBar):
            self._costs.append(self._status()[5])
        elif isinstance(event, e.EndlessFailed):
            self.trouble = BridgeError(event.code, event.message)
            self._deck.launched.set()

    def _status(self) -> tuple[int, int, int, int, int, float]:
        return self._endless.status()[:6]  # type: ignore[return-value]
