"""A session of the real script, played without a bridge: what its face says, word by word."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import Any

from bridge.library.file_names import file_name
from bridge.parameters import VERBS
from bridge.render.engine import model_sampling, styles
from bridge.requests.preset_folders import Presets
from bridge.requests.presets import preset_pairs
from bridge.settings import factory_presets_folder
from msanii.music.sounds import FIRST_SOUNDS, PARTS
from tests.bridge.render_requests import make_request
from tests.max_for_live.node_device import NodeLive

SEED = 572610199
LONGEST_SEED = 2**31 - 1
FIRST_NUMBER = 5  # of a take in the library
A_MINOR = {"tempo": 97.3, "root": 9, "scale": "Minor", "intervals": [0, 2, 3, 5, 7, 8, 10]}


class Session:
    """One device, told by the test what a bridge would say; the bridge's port is one that never answers."""

    def __init__(self, live: NodeLive, port: int) -> None:
        self.live = live
        self._picked: dict[str, tuple[int, str]] = {}  # a menu's item, and what the script had set till then
        self.menus: dict[str, list[str]] = defaultdict(list)  # as each is filled now
        self.ever: dict[str, set[str]] = defaultdict(set)  # every text that a menu or label ever showed
        live.order(set=A_MINOR)
        self._device = live.add(port, controls={"verb": "generate", "count": 4, "loop": 1, "bars": 4})
        self._wait("osc", "hello")
        self._hear("welcome", live.said(self._device, "osc")[0][1], "0.2", "/takes", "/exchange")
        self._hear(
            "status.reply", "worker", "ready", "model", "default", "device", "cpu", "rendering", "",
            "unfinished", 0, "problem", "", "sounds", ",".join(FIRST_SOUNDS), "parts", ",".join(PARTS),
        )  # fmt: skip
        self.presets = Presets(factory_presets_folder(), factory_presets_folder() / "none of the user's")
        self._hear("preset/list.reply", *self.presets.names())
        self._hear("style/list.reply", *styles(4, 4))
        live.wait_words(self._device, "Ready")

    def shown(self, name: str) -> str:
        """What the face says at this place now; of a menu, its chosen item."""
        self.gather()
        before, picked = self._picked.get(name, (0, ""))
        since = self._sets(name)[before:]
        if not since:
            return picked
        return self.menus[name][int(since[-1])] if name in self.menus else str(since[-1])

    def sentences(self) -> set[str]:
        """What the status said so far."""
        return {str(atoms[1]) for atoms in self.live.said(self._device, "status")}

    def choose(self, menu: str, item: str, **more: object) -> None:
        """Chooses a menu's item; a preset has the values of its file, and `more`."""
        self._wait("menu", menu, item)
        self.gather()
        self._picked[menu] = (len(self._sets(menu)), item)
        self.live.control(self._device, menu, self.menus[menu].index(item))
        if menu == "preset":
            self._wait("osc", "preset/read", item)
            pairs = preset_pairs(item, self.presets, model_sampling)
            self._hear("preset/read.reply", item, *pairs, *chain.from_iterable(more.items()))

    def control(self, name: str, value: object) -> None:
        self.live.control(self._device, name, value)

    def follow(self, **facts: object) -> None:
        """The user changes the set; the dice reads it at once, which else comes a second later."""
        self.live.order(set=facts)
        self.press("dice")

    def generate(self, *names: str) -> None:
        """Presses Generate; takes of these names come."""
        before = len(self.live.said(self._device, "osc"))
        self.live.press(self._device, "generate")
        self.live.wait(lambda: any(atoms[0] == "generate" for atoms in self._osc(before)), "the request")
        (job,) = {str(atoms[1]) for atoms in self._osc(before) if atoms[0] == "generate"}
        self._hear("queued", job, SEED)
        for index, name in enumerate(names):
            self._hear("take", job, index, f"/takes/{name}", 9.866, 97.3)
        self._hear("done", job)
        self.live.wait_words(self._device, "Done")

    def press(self, name: str) -> None:
        self.live.press(self._device, name)

    def _osc(self, since: int) -> list[list[Any]]:
        return self.live.said(self._device, "osc")[since:]

    def _sets(self, name: str) -> list[Any]:
        return [atoms[1] for atoms in self.live.said(self._device, "set") if atoms[0] == name]

    def _hear(self, *words: object) -> None:
        self.live.order(to=self._device, call=["osc", *words])

    def _wait(self, order: str, *words: object) -> None:
        def is_said() -> bool:
            said = self.live.said(self._device, order)
            return any(atoms[0] == words[0] and set(words[1:]) <= set(atoms[1:]) for atoms in said)

        self.live.wait(is_said, f"{order} {words}")

    def gather(self) -> None:
        """Reads what left the script so far."""
        self.live.clips()  # answered last: what the script said before is here by then
        for atoms in self.live.said(self._device, "menu"):
            self.menus[atoms[0]] = [str(item) for item in atoms[1:]]
            self.ever[atoms[0]].update(self.menus[atoms[0]])
        for name, value, *_ in self.live.said(self._device, "set"):
            if isinstance(value, str):
                self.ever[name].add(value)


def played() -> Iterator[Session]:
    """A session that has just begun, and its end."""
    with NodeLive() as live, closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        yield Session(live, silent.getsockname()[1])


def take_names(preset: str, count: int, seed: int = SEED) -> list[str]:
    """The names that the bridge gives takes of a preset."""
    request = make_request(preset=preset, bpm=97.3, key="A minor", bars=4.0, seed=seed)
    return [file_name(request, 0, FIRST_NUMBER + index) for index in range(count)]


def long_names(presets: Presets, number: int) -> list[str]:
    """Names of takes of every shipped preset, verb and part, with a number of the library."""
    shared = {"bpm": 97.3, "key": "A minor", "bars": 4.0, "seed": LONGEST_SEED}
    of_presets = (make_request(preset=name, **shared) for name in presets.names())
    of_verbs = (make_request(verb=verb, **shared) for verb in VERBS)
    of_parts = (make_request(preset="four_parts", parts=part, **shared) for part in PARTS)
    return [file_name(request, 0, number) for request in chain(of_presets, of_verbs, of_parts)]
