"""Somebody who sends messages to a simulated stage, and hears each deck."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.addresses.table import parse
from bridge.library.takes import Library
from bridge.messages import Peer
from tests.bridge.fake_worker import save_model_without_weights
from tests.bridge.stage.simulated_stage import SimulatedStage, write_takes

ME = Peer("127.0.0.1", 5000)
TABLET = Peer("192.168.1.20", 9000)


class Performer:
    """Sends messages to a simulated stage, and lets time pass."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder / "library")
        write_takes(self.library.folder)
        models = folder / "models" / "default"
        if not models.exists():
            save_model_without_weights(models)
        self.sim = SimulatedStage(self.library, models)

    def send(self, address: str, *words: Any, sender: Peer | None = ME) -> None:
        message = parse(address, words, sender)
        if message is not None:
            self.sim.run(self.sim.send(message))

    def load(self) -> None:
        self.play(1)
        child = self.sim.child
        while child is not None and child.loader.tasks:
            child.loader.work()
            self.play(1)

    def play(self, blocks: int) -> None:
        async def play() -> None:
            await self.sim.play(blocks)

        self.sim.run(play())

    def launch(self, deck: int, take: str) -> None:
        self.send(f"/msanii/deck/{deck}/load", take, 120)
        self.load()
        self.send(f"/msanii/deck/{deck}/launch", 1)
        self.play(2)

    def activities(self) -> list[tuple[str, str]]:
        return [(desk.activity, desk.take) for desk in self.sim.stage.decks.values()]

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.sim.events if isinstance(event, kind)]

    def replies(self, address: str) -> list[list[Any]]:
        """The words of each answer."""
        return [[*answer[2:]] for answer in self.sim.outlet.replies if answer[1] == address]

    def refused(self, address: str) -> list[list[Any]]:
        return [words for words in self.replies("fail") if words[0] == address]

    def close(self) -> None:
        self.sim.close()
        self.library.close()
