"""Ears that answer when the test says so: the listening process of a simulated stage."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge.messages import HeardAudio


class SlowEars:
    """What is in `heard` is known; `asked` are the files that are new, each with its answer to come."""

    def __init__(self) -> None:
        self.heard: dict[str, HeardAudio] = {}
        self.looked_up: list[str] = []
        self.asked: dict[str, asyncio.Future[HeardAudio]] = {}

    async def known(self, path: Path) -> HeardAudio | None:
        self.looked_up.append(path.name)
        return self.heard.get(path.name)

    async def hear(self, path: Path) -> HeardAudio:
        self.asked[path.name] = asyncio.get_running_loop().create_future()
        return await self.asked[path.name]
