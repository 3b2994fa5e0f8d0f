"""One endless deck: which bar plays, which is rendered, what was asked from which bar on."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.library.bar_recipes import Change, EndlessRecipe
from bridge.messages import BridgeError, PartialRequest, RenderRequest
from bridge.messages.bars import BarDone, BarOrder, Maker
from bridge.parameters import OF_MODEL, seconds_of
from bridge.system.disk import discard

# Played bars stay this long, for somebody who wants to keep them, and for an audio child that is replaced:
# some more than may be asked for, so that none goes while it is being kept.
KEPT_BARS = 72
# From every so many bars' past a chain of bars can be made again: more of them would fill the disk.
PAST_EVERY_BARS = 8
# A bar is urgent this many bars before its line, and as many times its own cost.
URGENT_BARS, URGENT_COSTS = 1.0, 2.0
# Parameters that a knob may turn while it plays.
FOLLOWED = frozenset(
    ("chords", "key", *OF_MODEL, "guidance_of", "phase", "sound", "part", "swing", "density",
     "register_pitch", "dynamics")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Made:
    """A bar that was rendered. Where a chain may begin, `past` is the file that it was made from, if any."""

    request: RenderRequest
    maker: Maker
    begins_chain: bool
    past: Path | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bars to keep: their files, their recipe, and the file that its chain begins with, if any."""

    paths: tuple[Path, ...]
    recipe: EndlessRecipe
    past: Path | None


@dataclass(slots=True)
class EndlessSession:
    """The state of one endless deck. `values` are those that were sent, `request` is complete.

    `rate`, in hertz, is the stream's when the first bar is made. It stays that of all bars, whatever device
    comes after, since each goes on from the last.
    """

    name: str
    deck: int
    request: RenderRequest
    values: PartialRequest
    folder: Path
    model_folder: Path
    ahead: int
    rate: int = 0
    clock: Callable[[], float] = time.monotonic
    playing: int = -1
    rendered: int = -1
    times_behind: int = 0
    bar_cost_seconds: float = 0.0
    followed: frozenset[str] = FOLLOWED
    _under_way: int | None = None
    _launched: bool = False
    _good: RenderRequest | None = None
    _past: Path | None = None
    _line_at: float = 0.0
    _asked: RenderRequest | None = None
    _made_count: int = 0
    _paths: dict[int, Path] = field(default_factory=dict)
    _made: dict[int, _Made] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def unrendered(self) -> int:
        """The first bar that is neither rendered nor being rendered."""
        if self._under_way is not None:
            return self._under_way + 1
        # A line that has passed is passed: to render its bar now would be for nothing.
        return max(self.rendered, self.playing) + 1

    @property
    def margin(self) -> int:
        """How many bars lie ready beyond the one that plays; none when the deck repeats itself."""
        return max(0, self.rendered - max(self.playing, -1))

    async def wanted(self) -> None:
        """Returns when the next bar is to be rendered."""
        while self.unrendered > self.playing + self.ahead:
            self._woken.clear()
            await self._woken.wait()

    def wake(self) -> None:
        """Has `wanted` look again."""
        self._woken.set()

    def begin(self) -> BarOrder:
        """The order of the next bar, which is under way from now on."""
        bar = self.unrendered
        self._under_way = bar
        self._asked = self.request
        return BarOrder(
            session=self.name,
            bar=bar,
            request=self.request,
            model_folder=self.model_folder,
            rate=self.rate,
            past=self._past,
            bar_path=self.folder / f"bar_{bar:06d}.npy",
            past_path=self.folder / f"past_{bar:06d}.npz",
            urgent_at=self._urgent_at(bar),
        )

    def finished(self, done: BarDone) -> Path:
        """Notes that the bar under way is there; returns its file. Files that nobody needs any more go."""
        bar, self._under_way = done.bar, None
        self._good = self._asked or self.request
        self.rendered = bar
        self.bar_cost_seconds = done.seconds
        begins_chain = self._made_count % PAST_EVERY_BARS == 0
        self._made_count += 1
        if self._past is not None and not begins_chain:
            discard([self._past])
        self._made[bar] = _Made(self._good, done.maker, begins_chain, self._past if begins_chain else None)
        self._past = self.folder / f"past_{bar:06d}.npz"
        self._paths[bar] = self.folder / f"bar_{bar:06d}.npy"
        self._let_go()
        return self._paths[bar]

    def give_back(self) -> bool:
        """The bar under way cannot be made: asks what the last bar that could was asked, if that differs."""
        bar, self._under_way = self._under_way, None
        failed = self._asked if bar is not None else None
        if self._good is None or failed == self._good:
            return False
        if self.request == failed:
            self.request = self._good
            self.values = self._good.partial(self.values)
        return True

    def launches(self) -> bool:
        """Whether the deck is to be launched now: once, as soon as the margin is there."""
        if self._launched or self.rendered + 1 < self.ahead:
            return False
        self._launched = True
        return True

    def plays(self, bar: int) -> None:
        """The deck has begun a bar."""
        self.playing, self._line_at = bar, self.clock()
        self.wake()

    def misses(self, bar: int) -> None:
        """The deck repeats itself for want of a bar."""
        self.times_behind += 1
        self.plays(bar)

    def change(self, request: RenderRequest) -> int:
        """What is asked from the next unrendered bar on; returns that bar."""
        self.request = request
        return self.unrendered

    def last_played(self, bars: int) -> Kept:
        """The last bars begun, for somebody who wants to keep them. Raises BridgeError `missing`."""
        played = sorted(bar for bar in self._paths if bar <= self.playing)[-bars:]
        if not played:
            raise BridgeError("missing", f"deck {self.deck} has played no bar yet; keep some after it has")
        begin = self._chain_to(played[0])
        chain = {bar: made for bar, made in self._made.items() if begin <= bar <= played[-1]}
        recipe = EndlessRecipe(
            rate=self.rate,
            first_bar=played[0],
            bars=len(played),
            made=tuple(chain),
            changes=_changes(chain),
        )
        paths = tuple(self._paths[bar] for bar in played)
        makers = {made.maker for made in chain.values()}
        if len(makers) > 1:
            return Kept(paths, recipe, None)
        return Kept(paths, recipe.made_by(makers.pop()), chain[begin].past)

    def _chain_to(self, bar: int) -> int:
        return max(number for number, made in self._made.items() if made.begins_chain and number <= bar)

    def _let_go(self) -> None:
        """Bars that are played and old, and what none that is left is made from, go with their files."""
        for old in [old for old in self._paths if old < self.playing - KEPT_BARS]:
            discard([self._paths.pop(old)])
        begin = self._chain_to(min(self._paths))
        for old in [old for old in self._made if old < begin]:
            if (past := self._made.pop(old).past) is not None:
                discard([past])

    def _urgent_at(self, bar: int) -> float:
        """When a job has to give way to this bar; at once before the deck plays."""
        if self.playing < 0:
            return -math.inf
        ask = self.request
        bar_seconds = seconds_of(1.0, ask.numerator, ask.denominator, ask.bpm)
        line = self._line_at + (bar - self.playing) * bar_seconds
        return line - URGENT_BARS * bar_seconds - URGENT_COSTS * self.bar_cost_seconds


def _changes(chain: Mapping[int, _Made]) -> tuple[Change, ...]:
    """Every change of what was asked, and its bar."""
    changes: list[Change] = []
    for bar, made in chain.items():
        if not changes or made.request != changes[-1].request:
            changes.append(Change(bar=bar, request=made.request))
    return tuple(changes)
