"""An audio child in simulated time: the test is its device, its clock, its pipe and its loader's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bridge.audio_child.loading import Loader
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from bridge.audio_child.recorder import Recorder
from bridge.audio_child.renderer import BLOCK_FRAMES, Renderer
from bridge.audio_child.ring import Ring
from bridge.audio_child.shared_memory.counters import CounterBoard, Counters
from bridge.audio_child.shared_memory.snapshot import SnapshotBoard, SnapshotWriter
from bridge.messages import BridgeError

Audio = NDArray[np.float32]


class LaterLoader:
    """A loader whose work is done when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Callable[[], None], Callable[[BridgeError], None]]] = []

    def put(self, task: Callable[[], None], fail: Callable[[BridgeError], None]) -> None:
        self.tasks.append((task, fail))

    def work(self) -> None:
        """Do the oldest task, if there is one."""
        if self.tasks:
            task, fail = self.tasks.pop(0)
            try:
                task()
            except BridgeError as error:
                fail(error)


class SimulatedChild:
    """Real mixer, ring, renderer and orders; `sounds` are each deck's last mixed block, 0 the master's."""

    def __init__(
        self, rate: int, decks: int, counters: str, snapshots: str,
        latency_seconds: float = 0.1, born_seconds: float = 0.0,
    ) -> None:  # fmt: skip
        self.mixer = Mixer(rate, decks)
        self.loader = LaterLoader()
        self.reports: list[Any] = []
        self.sounds: dict[int, Audio] = {}
        self._counters, self._snapshots = Counters(counters), SnapshotWriter(snapshots)
        self.ring = Ring(Renderer.ring_frames(latency_seconds, rate), 2, self._counters, rate)
        self._renderer = Renderer(self.mixer, self.ring, 2, latency_seconds, self._counters, self._snapshots)
        self._renderer.clock.observe((0, born_seconds))
        no_recorder: Any = None
        self.orders = Orders(
            self.mixer, self._renderer, cast(Loader, self.loader), cast(Recorder, no_recorder),
            self.reports.append,
        )  # fmt: skip
        self.mixer.tap = self
        self._renderer.fill()

    def hear(self, deck: int, block: Audio) -> None:
        self.sounds[deck] = block.copy()

    def wants(self, deck: int) -> bool:  # noqa: ARG002
        return True

    def play(self, frames: int, period: int = BLOCK_FRAMES) -> Audio:
        """What the device plays in these frames, asked for in periods."""
        heard = np.zeros((frames, 2), np.float32)
        for begin in range(0, frames, period):
            out = heard[begin : begin + period]
            self.ring.pull(out, len(out))
            self._renderer.fill()
        return heard

    def told(self) -> list[Any]:
        """The reports since the last call, as soon as they are mixed."""
        told = [*self._renderer.reports(heard_only=False), *self.mixer.reports, *self.reports]
        self.mixer.reports.clear()
        self.reports.clear()
        return told

    def end(self) -> None:
        self._counters.close()
        self._snapshots.close()


@contextmanager
def simulated_child(rate: int, decks: int = 1, latency_seconds: float = 0.1) -> Iterator[SimulatedChild]:
    counters, snapshots = CounterBoard(), SnapshotBoard()
    child = SimulatedChild(rate, decks, counters.name, snapshots.name, latency_seconds)
    try:
        yield child
    finally:
        child.end()
        counters.close()
        snapshots.close()
