"""The whole stage in simulated time: real stage, endless mode, orders, decks and mixer; files, no processes.

The test is the audio child's process, pipe, loader thread and device, and the render worker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.audio_child import protocol as p
from bridge.audio_child.renderer import BLOCK_FRAMES
from bridge.audio_child.shared_memory.counters import CounterBoard, Counts
from bridge.audio_child.shared_memory.snapshot import Snapshot, SnapshotBoard, SnapshotReader
from bridge.endless.stage import EndlessStage
from bridge.library.takes import Library
from bridge.messages import Done, Failed, Message, Render, RenderRequest, TakeReady
from bridge.messages.bars import BarDone, BarOrder, DropBars, Maker
from bridge.outputs.stream import ChildLost, ChildUp, StreamState
from bridge.parameters import seconds_of
from bridge.render.bars import BarRequests
from bridge.render.local_engine import LocalEngine
from bridge.settings import Settings
from bridge.stage import child_link, decks
from bridge.stage.stage import Stage
from bridge.system.inbox import handle
from tests.bridge.audio_child.simulated_child import SimulatedChild
from tests.bridge.outlets import RecordingOutlet
from tests.bridge.render_requests import make_request
from tests.bridge.stage.slow_ears import SlowEars

Audio = NDArray[np.float32]

RATE = 8_000  # everything is counted in blocks, so a low rate says the same sooner
LEVELS = {"a.wav": 0.1, "b.wav": 0.2, "c.wav": 0.3}
ENDLESS_LEVEL = 0.15
DECKS = 2
_MAKER = Maker("default", "0" * 64, "cpu", "float32", 1)


def write_takes(folder: Path) -> None:
    """Write a loop of one bar at 120 bpm for each of LEVELS, which it holds throughout."""
    for name, level in LEVELS.items():
        audio = np.full((2 * RATE, 2), level, np.float32)
        soundfile.write(folder / name, audio, RATE, subtype="FLOAT")


class SimulatedStream:
    """The daemon's handle on an audio child, as `AudioStream`: it lives, dies and plays when told."""

    def __init__(self, settings: p.StreamSettings, on_report: Any) -> None:
        self.state = StreamState("playing", "simulated", RATE, 2)
        self.pid = 0
        self.seconds = 0.0
        self.child: SimulatedChild | None = None
        self._decks, self._on_report = settings.decks, on_report
        self._counters, self._board = CounterBoard(), SnapshotBoard()
        self._reader = SnapshotReader(self._board.name)
        self._pipe: deque[object] = deque()

    @property
    def snapshot_name(self) -> str:
        return self._board.name

    def snapshot(self) -> Snapshot | None:
        return self._reader.read()

    def counts(self) -> Counts:
        return self._counters.read()

    def send(self, command: object) -> bool:
        self._pipe.append(command)
        return self.child is not None

    def is_born(self) -> None:
        self._pipe.clear()
        self.child = SimulatedChild(
            RATE, self._decks, self._counters.name, self._board.name, born_seconds=self.seconds
        )
        self._on_report(ChildUp())

    def dies(self) -> None:
        """End the child with what it has not obeyed and not reported yet."""
        if self.child is not None:
            self.child.end()
            self.child = None
            self._pipe.clear()
            self._on_report(ChildLost("killed", self.snapshot(), on_purpose=False))

    def obey(self) -> None:
        while self._pipe and self.child is not None:
            self.child.orders.obey(self._pipe.popleft())

    def play(self) -> Audio:
        """What is heard in the time of a block; reports arrive at its end."""
        self.obey()
        self.seconds += BLOCK_FRAMES / RATE
        if self.child is None:
            return np.zeros((BLOCK_FRAMES, 2), np.float32)
        heard = self.child.play(BLOCK_FRAMES)
        for report in self.child.told():
            self._on_report(report)
        return heard

    def close(self) -> None:
        if self.child is not None:
            self.child.end()
        self._reader.close()
        self._board.close()
        self._counters.close()


class SimulatedStage:
    """A stage with two decks; `events` are all that subscribers hear."""

    def __init__(self, library: Library, models: Path) -> None:
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(child_link, "AudioStream", SimulatedStream)
        self._patch.setattr(decks, "time", SimpleNamespace(monotonic=lambda: self.stream.seconds))
        self.outlet = RecordingOutlet()
        self.library = library
        self.jobs: dict[str, int] = {}
        self.bars_asked: list[BarOrder] = []
        self._job_count = 0
        self._loop = asyncio.new_event_loop()
        self.bars = BarRequests(self._to_worker)
        settings = Settings(library=library.folder, models_folder=models, stream=True, decks=DECKS)
        self.ears = SlowEars()
        self.stage = Stage(
            settings, library, self.outlet, self._accept, self._job_state, self._cancel, self.ears
        )
        self.stream: SimulatedStream = cast(SimulatedStream, self.stage.stream)
        engine = cast(LocalEngine, SimpleNamespace(bars=self.bars))
        no_renders: Any = None
        self.endless = EndlessStage(
            settings, self.stage, engine, library, self.outlet,
            resolve=self._resolve, put=no_renders, cancel=self._cancel, played_since=lambda _seconds: (),
        )  # fmt: skip
        self.outlet.subscribe(self.stage.event)
        self.outlet.subscribe(self.endless.event)
        self.bars.worker_up()
        self.run(self._born())

    @property
    def events(self) -> list[Any]:
        return self.outlet.events

    @property
    def child(self) -> SimulatedChild | None:
        return self.stream.child

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run to its end, and let everything that follows from it happen."""

        async def story() -> None:
            await coroutine
            for _ in range(20):
                await asyncio.sleep(0)

        self._loop.run_until_complete(story())

    async def send(self, message: Message) -> None:
        """Handle a message as the daemon does. Raises BridgeError."""
        await handle(message, {**self.endless.handlers, **self.stage.render_handlers, **self.stage.handlers})

    async def play(self, blocks: int = 1) -> list[Audio]:
        heard = []
        for _ in range(blocks):
            heard.append(self.stream.play())
            await asyncio.sleep(0)
        return heard

    async def make_bar(self) -> None:
        """The worker finishes the oldest bar that is asked for."""
        if self.bars_asked:
            order = self.bars_asked.pop(0)
            ask = order.request
            frames = round(seconds_of(1.0, ask.numerator, ask.denominator, ask.bpm) * order.rate)
            np.save(order.bar_path, np.full((2, frames), ENDLESS_LEVEL, np.float32))
            self.bars.received(BarDone(order.session, order.bar, 0.1, _MAKER))

    async def lose_worker(self) -> None:
        """The worker dies, and the next one gets the unfinished bars again."""
        self.bars.worker_lost()
        self.bars_asked.clear()
        self.bars.worker_up()

    async def finish_job(self, take: str) -> None:
        """The oldest job for a deck is rendered."""
        if self.jobs:
            job = next(iter(self.jobs))
            del self.jobs[job]
            self.outlet.deliver(TakeReady(job, 0, self.library.folder / take, 2.0, 120.0))
            self.outlet.deliver(Done(job))

    def close(self) -> None:
        async def end() -> None:
            self.endless.close()
            await self.stage.stop_work()

        self.run(end())
        self.stage.close()
        self._loop.close()
        self._patch.undo()

    async def _born(self) -> None:
        self.stream.is_born()

    async def _accept(self, _render: Render) -> str:
        self._job_count += 1
        job = f"job{self._job_count}"
        self.jobs[job] = self._job_count
        return job

    def _job_state(self, job: str) -> str | None:
        return "queued" if job in self.jobs else None

    def _cancel(self, job: str) -> None:
        del self.jobs[job]
        self.outlet.deliver(Failed(job, "cancelled", "cancelled on request"))

    async def _resolve(self, ask: Render) -> RenderRequest:
        asked = make_request(**{"bpm": 120.0, **ask.values})
        seconds = seconds_of(1.0, asked.numerator, asked.denominator, asked.bpm)
        return asked.model_copy(update={"seconds": seconds})

    def _to_worker(self, message: object) -> bool:
        if isinstance(message, BarOrder):
            self.bars_asked.append(message)
        elif isinstance(message, DropBars):
            self.bars_asked = [order for order in self.bars_asked if order.session != message.session]
        return True
