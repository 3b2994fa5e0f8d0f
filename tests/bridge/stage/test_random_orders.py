"""Random orders to the stage, with deaths of its processes in between: panic wins, and what is told sounds.

`make test` plays a few hundred orders, always the same. STAGE_ORDERS=10000 plays more, and
STAGE_SEED another order of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bridge.audio_child.renderer import BLOCK_FRAMES
from bridge.library.takes import Library
from bridge.messages import BridgeError, Message, Render, partial_request
from bridge.messages import endless as e
from bridge.messages import scenes as sc
from bridge.messages import stage as s
from tests.bridge.audio_child.simulated_child import SimulatedChild
from tests.bridge.fake_worker import save_model_without_weights
from tests.bridge.stage.simulated_stage import (
    DECKS,
    ENDLESS_LEVEL,
    LEVELS,
    RATE,
    SimulatedStage,
    write_takes,
)

ORDERS = int(os.environ.get("STAGE_ORDERS", "400"))
SEED = int(os.environ.get("STAGE_SEED", "14"))
STEPS = 40

HEARD_FRAMES = round(0.03 * RATE)  # within which panic is heard
ENDLESS = "endless"
UNKNOWN = "?"

every_deck = st.integers(1, DECKS)
takes = st.sampled_from(sorted(LEVELS))


class Told:
    """What a client that hears every event knows: what sounds on each deck, and whether it may."""

    def __init__(self) -> None:
        self.sounds: dict[int, str | None] = dict.fromkeys(range(1, DECKS + 1))
        self.replaced: dict[int, str | None] = dict.fromkeys(range(1, DECKS + 1))  # by the last launch
        self.activity: dict[int, str] = dict.fromkeys(range(1, DECKS + 1), "empty")
        self.may_sound: dict[int, bool] = dict.fromkeys(range(1, DECKS + 1), False)
        self.is_launched: dict[int, bool] = dict.fromkeys(range(1, DECKS + 1), False)
        self.clock_runs = False
        self.in_panic = False
        self.endless: set[int] = set()

    def launch(self, deck: int) -> None:
        self.may_sound[deck] = self.is_launched[deck] = True

    def hear(self, event: Any) -> None:
        match event:
            case s.DeckChanged(deck, activity, take):
                self._deck(deck, activity, take)
            case s.TransportChanged(playing=playing):
                if playing != self.clock_runs:
                    self.replaced = dict.fromkeys(self.replaced, UNKNOWN)
                self.clock_runs = playing
            case s.StreamChanged("lost"):
                self.sounds = dict.fromkeys(self.sounds)
                self.replaced = dict.fromkeys(self.replaced, UNKNOWN)
            case s.PanicChanged(on):
                self.in_panic = on
            case e.EndlessStopped(deck):
                self.endless.discard(deck)

    def _deck(self, deck: int, activity: str, take: str) -> None:
        if activity in ("playing", "stopping"):
            self.is_launched[deck] = False
            sounds = take or ENDLESS
            if activity == "playing":
                self.replaced[deck] = self.sounds[deck] if self.sounds[deck] != sounds else UNKNOWN
            self.sounds[deck] = sounds
        elif activity == "armed":
            self.is_launched[deck] = False
        elif activity in ("stopped", "empty"):
            self.sounds[deck] = None
            self.may_sound[deck] = self.is_launched[deck]
        self.activity[deck] = activity if activity != "loading" else self.activity[deck]


@dataclass(frozen=True)
class Order:
    """Something that may happen, as often as `weight` says, `when` it can; with drawn arguments."""

    weight: int
    when: Callable[[Any], bool]
    drawn: Mapping[str, st.SearchStrategy[Any]]


ALL_ORDERS: dict[str, Order] = {}
Method = TypeVar("Method", bound=Callable[..., None])


def order(
    weight: int, when: Callable[[Any], bool] = lambda _self: True, **drawn: st.SearchStrategy[Any]
) -> Callable[[Method], Method]:
    def note(method: Method) -> Method:
        ALL_ORDERS[method.__name__] = Order(weight, when, drawn)
        return method

    return note


class Orders(RuleBasedStateMachine):
    """A performer, and whatever can go wrong."""

    library: Library
    models: Path

    def __init__(self) -> None:
        super().__init__()
        self.sim = SimulatedStage(self.library, self.models)
        self.told = Told()
        self.read = 0
        self.calm_blocks = 0
        self.since_panic = 0

    def teardown(self) -> None:
        self.sim.close()

    @initialize(quantise=st.sampled_from(["off", "beat", "1"]))
    def begin(self, quantise: str) -> None:
        """A deck plays, the other one holds a take: what is tried on an empty stage is over soon."""
        self.ask(s.SetStage("quantise", quantise))
        for deck, take in ((1, "a.wav"), (2, "b.wav")):
            self.load(deck, take, at_once=True)
        self.launch(1)
        self.play(2)

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        """One rule for all: of several, Hypothesis would leave most out of each run."""
        possible = [name for name, one in ALL_ORDERS.items() for _ in range(one.weight) if one.when(self)]
        name = data.draw(st.sampled_from(possible), "order")
        drawn = {word: data.draw(value, word) for word, value in ALL_ORDERS[name].drawn.items()}
        getattr(self, name)(**drawn)

    # --- orders ---

    @order(4, deck=every_deck, take=takes)
    def play_a_take(self, deck: int, take: str) -> None:
        """What a performer does most: load, launch, let it sound."""
        self.load(deck, take, at_once=True)
        self.launch(deck)
        self.play(40)

    @order(4, deck=every_deck, take=takes, at_once=st.booleans())
    def load(self, deck: int, take: str, at_once: bool) -> None:
        ran = self.runs()
        coming = self.sim.child.orders._coming if self.sim.child is not None else {}
        others_launch = any(one.launch is not None for one in coming.values())
        self.ask(s.LoadDeck(deck, take, 120.0))
        while at_once and self.sim.child is not None and self.sim.child.loader.tasks:
            self.a_file_is_loaded()
        if not others_launch:
            assert self.runs() == ran, "a load started or stopped the clock"

    @order(4, deck=every_deck)
    def launch(self, deck: int) -> None:
        self.ask(s.LaunchDeck(deck), launches=deck)

    @order(2, deck=every_deck)
    def stop(self, deck: int) -> None:
        self.told.is_launched[deck] = False
        self.ask(s.StopDeck(deck))

    @order(2)
    def panic(self) -> None:
        self.send(s.Panic())
        assert self.told_now().in_panic
        for deck in self.told.may_sound:
            self.told.may_sound[deck] = self.told.is_launched[deck] = False
        self.since_panic = 0
        heard = self.play(1)
        assert not heard[0][HEARD_FRAMES:].any(), "panic is not heard in time"

    @order(3)
    def undo(self) -> None:
        child, told = self.sim.child, self.told
        launched = child.mixer.last_launched if child is not None else ()
        deck = launched[0].number if len(launched) == 1 else 0
        if child is not None:
            self.undo_is_of_scene(child, {one.number for one in launched})
        is_loading = child is not None and deck in child.orders._coming
        before = told.sounds.get(deck)
        expected = before if told.activity.get(deck) == "armed" else told.replaced.get(deck)
        for number in told.is_launched:
            told.is_launched[number] &= child is not None and number != deck
        self.ask(s.Undo())
        self.play(3)
        known = expected not in (UNKNOWN, ENDLESS) and before is not None and told.activity[deck] != "armed"
        if known and not is_loading and told.clock_runs:
            assert told.sounds[deck] == expected, "undo gave back another take"

    def undo_is_of_scene(self, child: SimulatedChild, launched: set[int]) -> None:
        """What a scene has launched or stopped goes back, also if it is still loading."""
        scene = child.orders._scenes._last
        is_loading = scene in child.orders._scenes._loading
        if scene is None or (not is_loading and len(launched) < 2):
            return
        for deck in launched | set(scene.comings):
            self.told.is_launched[deck] = False
            self.told.may_sound[deck] |= not is_loading and deck in scene.stops

    @order(3, rows=st.lists(st.sampled_from([*LEVELS, "stop", "leave"]), min_size=DECKS, max_size=DECKS),
           bpm=st.sampled_from([None, 120.0, 120.3]))  # fmt: skip
    def launch_scene(self, rows: list[str], bpm: float | None) -> None:
        self.send(sc.ClearScene(1))
        self.send(sc.SetSceneTempo(1, bpm))
        for deck, take in enumerate(rows, start=1):
            if take in LEVELS:
                self.send(sc.SetSceneDeck(1, deck, "take", take, 120.0))
            else:
                self.send(sc.SetSceneDeck(1, deck, "stop" if take == "stop" else "leave"))
        is_launched = dict(self.told.is_launched)
        for deck, take in enumerate(rows, start=1):
            if take in LEVELS:
                self.told.launch(deck)
                self.told.endless.discard(deck)
            elif take == "stop":
                self.told.is_launched[deck] = False
        if not self.ask(sc.LaunchScene(1)):
            self.told.is_launched = is_launched

    @order(2, bpm=st.sampled_from([120.0, 120.4, 141.0]))
    def tempo(self, bpm: float) -> None:
        self.ask(s.SetStage("tempo", bpm))

    @order(1, deck=every_deck, quantise=st.sampled_from(["off", "beat", "1", "2"]))
    def quantise(self, deck: int, quantise: str) -> None:
        self.ask(s.SetDeck(deck, "quantise", quantise))

    @order(2, deck=every_deck, ahead=st.integers(1, 2))
    def start_endless(self, deck: int, ahead: int) -> None:
        if self.ask(e.StartEndless(deck, partial_request({}), ahead), launches=deck):
            self.told.endless.add(deck)

    @order(1, when=lambda self: bool(self.told.endless), deck=every_deck)
    def stop_endless(self, deck: int) -> None:
        if self.ask(e.StopEndless(deck)):
            self.told.is_launched[deck] = False

    @order(2, deck=every_deck)
    def render_for_deck(self, deck: int) -> None:
        self.ask(s.RenderToDeck(deck, Render("generate", None, partial_request({}))), launches=deck)

    @order(2)
    def play_transport(self) -> None:
        self.ask(s.PlayTransport())

    @order(1)
    def stop_transport(self) -> None:
        self.ask(s.StopTransport())

    @order(1, beat=st.sampled_from([0.0, 3.5, 64.0]))
    def locate(self, beat: float) -> None:
        self.ask(s.Locate(beat))

    # --- what happens meanwhile ---

    @order(4, blocks=st.integers(1, 70))
    def time_passes(self, blocks: int) -> None:
        self.play(blocks)

    @order(4, when=lambda self: self.sim.child is not None and bool(self.sim.child.loader.tasks))
    def a_file_is_loaded(self) -> None:
        if self.sim.child is not None:
            self.sim.child.loader.work()
        self.play(1)

    @order(4, when=lambda self: bool(self.sim.bars_asked))
    def a_bar_is_rendered(self) -> None:
        self.sim.run(self.sim.make_bar())
        self.play(1)

    @order(3, when=lambda self: bool(self.sim.jobs), take=takes)
    def a_job_is_rendered(self, take: str) -> None:
        self.sim.run(self.sim.finish_job(take))
        self.play(1)

    @order(1, when=lambda self: bool(self.sim.bars_asked))
    def the_worker_dies(self) -> None:
        self.sim.run(self.sim.lose_worker())
        self.play(1)

    @order(1, when=lambda self: self.sim.child is not None, blocks=st.integers(0, 5), reports=st.booleans())
    def the_audio_child_dies(self, blocks: int, reports: bool) -> None:
        if reports:
            self.play(1)
        self.sim.stream.dies()
        self.play(blocks)

    @order(6, when=lambda self: self.sim.child is None)
    def an_audio_child_is_born(self) -> None:
        self.sim.stream.is_born()
        self.play(1)

    # --- what holds ---

    @invariant()
    def in_panic_nothing_is_rendered_for_decks(self) -> None:
        if self.told.in_panic:
            assert not self.sim.bars_asked
            assert not self.sim.jobs
            assert not self.told.endless

    def check_sound(self) -> None:
        """What a client was told is what sounds, once the fades of the last change are over."""
        child = self.sim.child
        for deck, told in self.told.sounds.items():
            sound = np.zeros((BLOCK_FRAMES, 2)) if child is None else child.sounds[deck]
            level = float(np.abs(sound).max())
            if not self.told.may_sound[deck]:
                assert level == 0, f"deck {deck} sounds, and nobody has launched it"
            expected = told if self.told.clock_runs else None
            if expected is None:
                assert level == 0, f"deck {deck} sounds ({level}), and {told} was told"
            elif expected == ENDLESS:
                assert level >= 0.9 * ENDLESS_LEVEL, f"deck {deck} is silent"
            else:
                assert level == pytest.approx(LEVELS[expected], rel=0.01), f"deck {deck}: {expected} was told"
            if child is not None:
                assert child.mixer.transport.playing == self.told.clock_runs

    # --- how it is played ---

    def ask(self, message: Message, launches: int = 0) -> bool:
        """Send a message and play a block. Return False if it is refused."""
        try:
            self.send(message)
        except BridgeError:
            return False
        if launches:
            self.told.launch(launches)
        self.play(1)
        return True

    def send(self, message: Message) -> None:
        self.sim.run(self.sim.send(message))
        self.told_now()

    def told_now(self) -> Told:
        new, self.read = self.sim.events[self.read :], len(self.sim.events)
        for event in new:
            self.told.hear(event)
            if isinstance(event, s.DeckChanged | s.TransportChanged | s.StreamChanged):
                self.calm_blocks = 0
        return self.told

    def play(self, blocks: int) -> list[Any]:
        heard: list[Any] = []
        for _ in range(blocks):
            self.sim.run(self.hear_a_block(heard))
            self.calm_blocks += 1
            self.told_now()
            if self.calm_blocks > 1:
                self.check_sound()
        return heard

    async def hear_a_block(self, heard: list[Any]) -> None:
        heard += await self.sim.play(1)

    def runs(self) -> bool:
        return self.sim.child is not None and self.sim.child.mixer.transport.playing


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[type[Orders]]:
    folder = tmp_path / "library"
    library = Library(folder)
    write_takes(folder)

    class OfThisTest(Orders):
        pass

    OfThisTest.library, OfThisTest.models = library, save_model_without_weights(tmp_path / "m" / "default")
    yield OfThisTest
    library.close()


@pytest.mark.timeout(7_200 if ORDERS > 1_000 else 300)
def test_whatever_is_ordered_panic_wins_and_what_is_told_is_what_sounds(orders: type[Orders]) -> None:
    print(f"{ORDERS} orders with STAGE_SEED={SEED}")
    how = settings(
        max_examples=max(1, ORDERS // STEPS), stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(seed(SEED)(orders), settings=how)
