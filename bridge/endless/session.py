"""The state of one endless deck: the bars played, rendered and still to render, with their requests."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge.addresses.endless import FOLLOWED
from bridge.endless.curves import Curve
from bridge.endless.turns import Turns
from bridge.library.bar_recipes import Change, EndlessRecipe
from bridge.messages import BeatNote, BridgeError, PartialRequest, RenderRequest
from bridge.messages.bars import BarDone, BarMorph, BarOrder, Maker
from bridge.parameters import Value, seconds_of
from bridge.system.disk import discard

# The number of played bars whose files stay, to be saved on request, and for a restarted audio child. It is
# more than can be saved at once, so that none is deleted while it is being saved.
KEPT_BARS = 72
# Keep the continuation state every so many bars, to render bars again from there: more would fill the disk.
PAST_EVERY_BARS = 8
# The composer looks back as far as the start of the phrase of eight bars before.
COMPOSED_TO_BARS = 16
# A bar is urgent this many bars, plus this many times its render time, before its bar line.
URGENT_BARS, URGENT_COSTS = 1.0, 2.0
# An answer begins to be made this many times the time to render a bar, and these seconds, before its line:
# what is played after that comes too late for its first bar. At most half of the phrase is given up for it.
_ANSWER_COSTS, _ANSWER_SECONDS, _ANSWER_SHARE = 1.5, 0.2, 0.5


@dataclass(frozen=True, slots=True)
class _Made:
    """A rendered bar. If it begins a chain, `past` is the state file it was rendered from, if any."""

    request: RenderRequest
    maker: Maker
    begins_chain: bool
    past: Path | None
    notes: Mapping[str, tuple[BeatNote, ...]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Bars to save: their files, their recipe, and the state file that their chain starts from, if any."""

    paths: tuple[Path, ...]
    recipe: EndlessRecipe
    past: Path | None


@dataclass(slots=True)
class EndlessSession:
    """The state of one endless deck. `values` were sent by the client, `request` is complete.

    `rate` (hertz) is the stream's rate when the first bar is rendered. All bars keep it, even if the device
    changes, since each continues the last. With `turns` the deck answers a player: the player's bars are
    silent, and its own play what `phrases`, by their first bar, and what it has answered before ask for.
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
    curves: dict[str, Curve] = field(default_factory=dict)
    grooves_folder: Path | None = None
    sounds_folder: Path | None = None
    turns: Turns | None = None
    phrases: dict[int, tuple[BeatNote, ...]] = field(default_factory=dict)
    answer: PartialRequest = field(default_factory=PartialRequest)
    morph: Callable[[], BarMorph] | None = None
    _under_way: int | None = None
    _launched: bool = False
    _good: RenderRequest | None = None
    _past: Path | None = None
    _lines: dict[int, float] = field(default_factory=dict)
    _asked: RenderRequest | None = None
    _ordered: RenderRequest | None = None
    _made_count: int = 0
    _paths: dict[int, Path] = field(default_factory=dict)
    _made: dict[int, _Made] = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def unrendered(self) -> int:
        """The first bar that is neither rendered nor being rendered."""
        if self._under_way is not None:
            return self._under_way + 1
        # Skip bars whose line has passed.
        return max(self.rendered, self.playing) + 1

    @property
    def margin(self) -> int:
        """The number of bars ready beyond the one that plays; 0 if the deck has to repeat bars."""
        return max(0, self.rendered - max(self.playing, -1))

    async def wanted(self) -> None:
        """Wait until the next bar has to be rendered."""
        while (seconds := self._seconds_to_wait()) is None or seconds > 0:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()

    def wake(self) -> None:
        """Make `wanted` check again."""
        self._woken.set()

    def begin(self) -> BarOrder:
        """Return the order for the next bar, and mark it as being rendered."""
        bar = self.unrendered
        self._under_way = bar
        self._asked = self.request
        order = self._order(bar)
        self._ordered = order.request
        return order

    def rehearsal(self) -> BarOrder:
        """Return the order for an answer that nobody hears: it loads the model and shows what a bar costs.

        Only for a session with turns, before its first bar.
        """
        bar = self.turns.bars if self.turns else 0
        return replace(self._order(bar), notes=None)

    def rehearsed(self, done: BarDone) -> None:
        """Note what the rehearsal took."""
        self.bar_cost_seconds = done.seconds

    def _order(self, bar: int) -> BarOrder:
        return BarOrder(
            session=self.name,
            bar=bar,
            request=self._request_of(bar),
            model_folder=self.model_folder,
            rate=self.rate,
            past=self._past,
            bar_path=self.folder / f"bar_{bar:06d}.npy",
            past_path=self.folder / f"past_{bar:06d}.npz",
            urgent_at=self._urgent_at(bar),
            played=self._played_before(bar),
            notes=self._given_notes(bar),
            grooves_folder=self.grooves_folder,
            sounds_folder=self.sounds_folder,
            plays_freely=self.turns is None,
            fades=self.turns is not None and self.turns.ends_answer(bar),
            morph=self.morph() if self.morph is not None else None,
        )

    def finished(self, done: BarDone) -> Path:
        """Note that the current bar is rendered, delete files no longer needed, and return the bar's file."""
        bar, self._under_way = done.bar, None
        self._good = self._asked or self.request
        self.rendered = bar
        if self.turns is None or done.notes:
            self.bar_cost_seconds = done.seconds  # silent bars cost nothing
        begins_chain = self._made_count % PAST_EVERY_BARS == 0
        self._made_count += 1
        if self._past is not None and not begins_chain:
            discard([self._past])
        past = self._past if begins_chain else None
        self._made[bar] = _Made(self._ordered or self._good, done.maker, begins_chain, past, done.notes)
        self._past = self.folder / f"past_{bar:06d}.npz"
        self._paths[bar] = self.folder / f"bar_{bar:06d}.npy"
        self._let_go()
        return self._paths[bar]

    def give_back(self) -> bool:
        """After a failed bar, go back to the last good bar's request. Return False if that is no other."""
        bar, self._under_way = self._under_way, None
        failed = self._asked if bar is not None else None
        if self._good is None or failed == self._good:
            return False
        if self.request == failed:
            self.request = self._good
            self.values = self._good.partial(self.values)
        return True

    def launches(self) -> bool:
        """Return True once: as soon as enough bars are ready to launch the deck."""
        wanted = self.ahead if self.turns is None else min(self.ahead, self.turns.bars)
        if self._launched or self.rendered + 1 < wanted:
            return False
        self._launched = True
        return True

    def plays(self, bar: int, at_seconds: float | None = None) -> None:
        """Note that the deck has begun a bar, heard at a time of `clock`: now if none is given."""
        self.playing = bar
        self._lines[bar] = self.clock() if at_seconds is None else at_seconds
        for old in [old for old in self._lines if old < bar - COMPOSED_TO_BARS]:
            del self._lines[old]
        self.wake()

    def misses(self, bar: int) -> None:
        """Note that a bar was late, so that the deck repeats earlier ones."""
        self.times_behind += 1
        self.plays(bar, self._lines.get(bar))

    def change(self, request: RenderRequest) -> int:
        """Use another request from the next unrendered bar on; return that bar."""
        self.request = request
        return self.unrendered

    @property
    def lines(self) -> Mapping[int, float]:
        """When the last bars began, by their number, in seconds of `clock`."""
        return self._lines

    def hears(self, phrase: range, notes: tuple[BeatNote, ...], answer: PartialRequest) -> None:
        """Note what a player played in bars, and what the answer to it takes from that."""
        self.phrases[phrase.start] = notes
        self.answer = answer
        for old in [old for old in self.phrases if old < phrase.start - COMPOSED_TO_BARS]:
            del self.phrases[old]

    def due_values(self) -> dict[str, Value]:
        """Return the values of curves for the next unrendered bar that are other than what was said."""
        said = self.request.partial(self.curves) | self.values
        values = {name: curve.at(self.unrendered) for name, curve in self.curves.items()}
        return {
            name: value for name, value in values.items() if value is not None and value != said.get(name)
        }

    def end_curves(self) -> None:
        """End the curves that change nothing after the next unrendered bar."""
        bar = self.unrendered
        self.curves = {name: curve for name, curve in self.curves.items() if not curve.is_over(bar)}

    def last_played(self, bars: int) -> Kept:
        """Return the last bars played, to be saved. Raises BridgeError `missing` if there are none."""
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
            notes=tuple(dict(made.notes) for made in chain.values()),
            turn_bars=self.turns.bars if self.turns else 0,
        )
        paths = tuple(self._paths[bar] for bar in played)
        makers = {made.maker for made in chain.values()}
        if len(makers) > 1 or self.morph is not None:
            return Kept(paths, recipe, None)
        return Kept(paths, recipe.made_by(makers.pop()), chain[begin].past)

    def _played_before(self, bar: int) -> dict[str, tuple[BeatNote, ...]]:
        """Return the notes of the bars that a bar is composed to, by part.

        Another part or sound begins without them.
        """
        now = self.request
        bars = [number for number in sorted(self._made) if bar - COMPOSED_TO_BARS <= number < bar]
        alike = [
            self._made[number].notes
            for number in bars
            if (self._made[number].request.part, self._made[number].request.sound) == (now.part, now.sound)
        ]
        heard = [{now.part: notes} for notes in self.phrases.values()]
        return notes_of([*alike, *heard])

    def _request_of(self, bar: int) -> RenderRequest:
        """The request as it is rendered: an answer takes what it needs from the phrase."""
        if self.turns is None or not self.turns.is_answer(bar):
            return self.request
        return self.request.model_copy(update=self.answer)

    def _given_notes(self, bar: int) -> dict[str, tuple[BeatNote, ...]] | None:
        """The notes of a bar that is not composed: none for a player's bar, or where nothing was played."""
        if self.turns is None:
            return None
        answers = self.turns.is_answer(bar) and self.phrases.get(self.turns.phrase_before(bar).start)
        return None if answers else {}

    def _seconds_to_wait(self) -> float | None:
        """The time until the next bar has to be rendered; None until something changes."""
        bar = self.unrendered
        if bar > self.playing + self.ahead:
            return None
        if self.turns is None or not self.turns.is_answer(bar):
            return 0.0
        if self.playing < 0:
            return None
        early = self._bar_seconds
        if self.turns.begins(bar):
            wanted = _ANSWER_COSTS * self.bar_cost_seconds + _ANSWER_SECONDS
            early = min(wanted, _ANSWER_SHARE * self.turns.bars * self._bar_seconds)
        return max(0.0, self._line_of(bar) - early - self.clock())

    def _chain_to(self, bar: int) -> int:
        return max(number for number, made in self._made.items() if made.begins_chain and number <= bar)

    def _let_go(self) -> None:
        """Delete old played bars, and the states that no remaining bar was rendered from."""
        for old in [old for old in self._paths if old < self.playing - KEPT_BARS]:
            discard([self._paths.pop(old)])
        begin = self._chain_to(min(self._paths))
        for old in [old for old in self._made if old < begin]:
            if (past := self._made.pop(old).past) is not None:
                discard([past])

    def _urgent_at(self, bar: int) -> float:
        """Return when, by `clock`, a job must give way to this bar; -inf before the deck plays."""
        if self.playing < 0 or self.turns is not None:
            return -math.inf
        return self._line_of(bar) - URGENT_BARS * self._bar_seconds - URGENT_COSTS * self.bar_cost_seconds

    @property
    def _bar_seconds(self) -> float:
        ask = self.request
        return seconds_of(1.0, ask.numerator, ask.denominator, ask.bpm)

    def _line_of(self, bar: int) -> float:
        """When a bar will begin, by `clock`."""
        return self._lines[self.playing] + (bar - self.playing) * self._bar_seconds


def notes_of(bars: Iterable[Mapping[str, tuple[BeatNote, ...]]]) -> dict[str, tuple[BeatNote, ...]]:
    """Return the notes of several bars by part, each once although it may ring into the next bar."""
    found: dict[str, set[BeatNote]] = {}
    for bar in bars:
        for part, notes in bar.items():
            found.setdefault(part, set()).update(notes)
    return {part: tuple(sorted(notes)) for part, notes in found.items()}


def _changes(chain: Mapping[int, _Made]) -> tuple[Change, ...]:
    """Return each bar at which the request changes, with the new request."""
    changes: list[Change] = []
    for bar, made in chain.items():
        if not changes or made.request != changes[-1].request:
            changes.append(Change(bar=bar, request=made.request))
    return tuple(changes)
