"""Follow actions: what a deck does by itself after some bars of a take.

The launch is sent some seconds ahead, so that the audio process has loaded the take by its line.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.audio_child import protocol as p
from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.library.takes import Library
from bridge.messages import BridgeError
from bridge.messages import stage as s
from bridge.outputs.outlet import Outlet
from bridge.stage.child_link import StageLink
from bridge.stage.decks import DeckState
from bridge.stage.scenes.scene import KeptDeck
from bridge.stage.scenes.scenes import Scenes

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05
AHEAD_SECONDS = 4.0
# A line that is nearer than this may be mixed already.
_TOO_LATE_SECONDS = 0.3
_SAME_BEAT = 1e-6


@dataclass(frozen=True, slots=True)
class _Row:
    """A take that a deck may go on with, and the scene that has it; 0 for a variation."""

    scene: int
    kept: KeptDeck

    @property
    def name(self) -> str:
        return Path(self.kept.take).name


class FollowActions:
    """The follow actions of all decks. Use it only in the event loop.

    `choice` draws for `any` and `other`; `clock` is that of the snapshots.
    """

    def __init__(
        self,
        link: StageLink,
        scenes: Scenes,
        library: Library,
        outlet: Outlet,
        *,
        snapshot: Callable[[], Snapshot | None],
        choice: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._scenes = scenes
        self._library = library
        self._outlet = outlet
        self._snapshot = snapshot
        self._choice = choice
        self._clock = clock
        self._rows: dict[int, int] = {}  # the scene whose take each deck has gone on with
        self._done: dict[int, tuple[object, ...]] = {}  # what was prepared last
        self._failed: dict[int, tuple[object, ...]] = {}  # the launch and action whose take is not there
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self) -> None:
        """Look at the decks for ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Prepare the actions whose lines come near."""
        now = self._snapshot()
        if now is None or not now.playing:
            return
        for desk in self._link.decks.values():
            if desk.values["follow_action"] != "none" and desk.activity == "playing" and not desk.ordered:
                self._look_at(desk, now)

    def _look_at(self, desk: DeckState, now: Snapshot) -> None:
        if desk.endless or not desk.take or desk.launch_beat is None:
            return
        line = self._line(desk, now)
        launch = _launch_of(desk)
        prepared = *launch, line
        if self._failed.get(desk.number) == launch:
            return
        if now.seconds_of(line) - self._clock() > AHEAD_SECONDS or self._done.get(desk.number) == prepared:
            return
        self._done[desk.number] = prepared
        task = asyncio.create_task(self._act(desk, line), name=f"follow action of deck {desk.number}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _line(self, desk: DeckState, now: Snapshot) -> float:
        """Return the next line that is a whole number of the deck's bars after its take's launch."""
        length = float(desk.values["follow_bars"]) * now.bar_beats
        begins = desk.launch_beat or 0.0
        earliest = now.beat_at(self._clock() + _TOO_LATE_SECONDS)
        return begins + max(1, math.ceil((earliest - begins) / length - _SAME_BEAT)) * length

    async def _act(self, desk: DeckState, line: float) -> None:
        launch = _launch_of(desk)
        try:
            await self._prepare(desk, line)
        except BridgeError as error:
            self._failed[desk.number] = launch
            why = f"{error.message} (its follow action; the take goes on)"
            self._outlet.deliver(s.DeckFailed(desk.number, error.code, why))
        except Exception:
            _log.exception("the follow action of deck %d", desk.number)

    async def _prepare(self, desk: DeckState, line: float) -> None:
        action, launch = str(desk.values["follow_action"]), _launch_of(desk)
        if action == "stop":
            self._link.tell(p.StopDeck(desk.number, line))
            return
        if action == "again":
            file = desk.launched_file
        else:
            row = self._next(action, self._column(desk), self._place(desk))
            if row is None:
                return
            file = await self._scenes.find(row.kept)
            if row.scene:
                self._rows[desk.number] = row.scene
        is_wanted = _launch_of(desk) == launch and desk.activity == "playing" and not desk.ordered
        if file is None or not is_wanted:
            return  # something else was asked for meanwhile
        desk.hold(file)
        self._link.tell(p.LoadDeck(desk.number, file, starts_transport=False, on_beat=line))

    def _column(self, desk: DeckState) -> list[_Row]:
        """Return the takes of the deck in the scenes, or else the variations of its take."""
        column = [_Row(scene, kept) for scene, kept in self._scenes.column(desk.number)]
        if any(row.name == desk.take for row in column):
            return column
        names = self._library.variations(desk.take)
        return [_Row(0, KeptDeck(action="take", take=name)) for name in names]

    def _place(self, desk: DeckState) -> tuple[int, str]:
        return self._rows.get(desk.number, 0), desk.take

    def _next(self, action: str, column: Sequence[_Row], place: tuple[int, str]) -> _Row | None:
        """Return the take that an action leads to; None if there is none but the one that plays."""
        scene, take = place
        now = [at for at, row in enumerate(column) if row.name == take]
        if not now:
            return None
        at = next((one for one in now if column[one].scene == scene), now[0])
        others = [row for one, row in enumerate(column) if one != at]
        match action:
            case "next":
                return column[(at + 1) % len(column)]
            case "previous":
                return column[at - 1]
            case "first":
                return column[0]
            case "last":
                return column[-1]
            case "any":
                return self._choice.choice(column)
            case _:
                return self._choice.choice(others) if others else None


def _launch_of(desk: DeckState) -> tuple[object, ...]:
    """Return what a deck plays, since when, and what is to follow."""
    return desk.take, desk.launch_beat, desk.values["follow_action"]
