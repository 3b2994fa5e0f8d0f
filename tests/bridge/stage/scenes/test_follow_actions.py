"""Follow actions: on the sample of their line, along scenes or variations, until somebody ends them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.addresses.table import parse
from bridge.audio_child.renderer import BLOCK_FRAMES
from bridge.messages import BridgeError, Job
from bridge.messages import stage as s
from tests.bridge.audio_child.sounds import Audio
from tests.bridge.render_requests import make_request
from tests.bridge.stage.scenes.performer import ME, Performer
from tests.bridge.stage.simulated_stage import LEVELS, RATE

BAR = 2 * RATE
TAKES = sorted(LEVELS)


class Follower(Performer):
    """Decks follow in simulated time; what deck 1 plays is kept, from the first frame of the mix on."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        super().__init__(folder)
        self.following = self.sim.stage._following
        self.following._clock = lambda: self.sim.stream.seconds
        self.following._choice = random.Random(seed)  # noqa: S311
        self._heard: list[Audio] = []
        assert self.sim.child is not None
        mixed = self.sim.child.mixer.frame
        self._heard.append(np.zeros((mixed, 2), np.float32))
        hear = self.sim.child.hear

        def kept(deck: int, block: Audio) -> None:
            hear(deck, block)
            if deck == 1:
                self._heard.append(block.copy())

        self.sim.child.hear = kept  # type: ignore[method-assign]

    def begin(self, *rows: str, action: str = "next", bars: int = 2) -> int:
        """Put takes in the scenes of deck 1, and launch the first; return the frame on which it begins."""
        for scene, take in enumerate(rows, start=1):
            self.send(f"/msanii/scene/{scene}/deck", 1, "take", take, 120.0)
        self.send("/msanii/deck/1/follow_bars", bars)
        self.send("/msanii/deck/1/follow_action", action)
        self.launch(1, rows[0])
        return int(np.flatnonzero(self.sound()[:, 0])[0])

    def go(self, bars: float) -> None:
        """Let bars of 120 bpm pass; the decks are looked at in every block, and files are loaded at once."""

        async def block() -> None:
            self.following.look()
            # Files are read in real time: a busy machine must not be late in that of the stage.
            await asyncio.gather(*self.following._tasks)
            await self.sim.play(1)

        for _ in range(round(bars * BAR / BLOCK_FRAMES)):
            self.sim.run(block())
            while self.sim.child is not None and self.sim.child.loader.tasks:
                self.sim.child.loader.work()

    def sound(self) -> Audio:
        return np.concatenate(self._heard)

    def changes(self) -> list[int]:
        """The frames on which deck 1 begins to change from one level to another."""
        level = self.sound()[:, 0]
        moves = np.flatnonzero(np.abs(np.diff(level)) > 1e-6) + 1
        return [int(at) for at in moves if at == moves[0] or at - 2 > before(moves, int(at))]

    def played(self) -> list[str]:
        """What deck 1 has played, in order."""
        told = self.told(s.DeckChanged)
        return [one.take for one in told if one.deck == 1 and one.activity == "playing"]


def before(moves: Any, at: int) -> int:
    return int(moves[np.searchsorted(moves, at) - 1])


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    one = Follower(tmp_path)
    yield one
    one.close()


def test_the_next_take_begins_on_the_sample_of_its_line(follower: Follower) -> None:
    begun = follower.begin(*TAKES, bars=2)
    follower.go(6.5)
    assert follower.changes() == [begun + bars * BAR for bars in (0, 2, 4, 6)]
    assert follower.played() == ["a.wav", "b.wav", "c.wav", "a.wav"]


@pytest.mark.parametrize(
    ("action", "played"),
    [
        ("previous", ["b.wav", "a.wav", "c.wav"]), ("first", ["b.wav", "a.wav", "a.wav"]),
        ("last", ["b.wav", "c.wav", "c.wav"]), ("again", ["b.wav", "b.wav", "b.wav"]), ("stop", ["b.wav"]),
        ("none", ["b.wav"]),
    ],
)  # fmt: skip
def test_each_action_walks_over_the_deck_s_column(follower: Follower, action: str, played: list[str]) -> None:
    for scene, take in enumerate(TAKES, start=1):
        follower.send(f"/msanii/scene/{scene}/deck", 1, "take", take, 120.0)
    follower.send("/msanii/scene/2/deck", 2, "take", "c.wav", 120.0)
    follower.send("/msanii/deck/1/follow_bars", 1)
    follower.send("/msanii/deck/1/follow_action", action)
    follower.launch(1, "b.wav")
    begun = int(np.flatnonzero(follower.sound()[:, 0])[0])
    follower.go(2.5)
    assert follower.played() == played
    ends = begun + BAR + round(0.01 * RATE)
    assert follower.sound()[ends:].any() == (action != "stop")


def test_any_and_other_are_drawn_from_a_generator_of_their_own(tmp_path: Path) -> None:
    played = {}
    for action in ("any", "other"):
        for run in (1, 2):
            random.seed(run)
            follower = Follower(tmp_path / f"{action}{run}", seed=5)
            follower.begin(*TAKES, action=action, bars=1)
            follower.go(8.5)
            played[action, run] = follower.played()
            follower.close()
        assert played[action, 1] == played[action, 2]
    steps = list(zip(played["other", 1], played["other", 1][1:], strict=False))
    assert len(steps) == 8
    assert all(one != next_one for one, next_one in steps)
    assert len(set(played["any", 1])) > 1


def test_a_take_that_is_in_two_scenes_goes_on_from_where_the_deck_is(follower: Follower) -> None:
    follower.begin("a.wav", "b.wav", "a.wav", "c.wav", bars=1)
    follower.go(4.5)
    assert follower.played() == ["a.wav", "b.wav", "a.wav", "c.wav", "a.wav"]


def test_without_scenes_it_walks_over_the_variations_of_the_take(follower: Follower) -> None:
    request = make_request(count=3)
    paths = follower.library.allocate_names(Job("three", request, None))
    for path, name in zip(paths, TAKES, strict=True):
        (follower.library.folder / name).rename(path)
    follower.send("/msanii/deck/1/follow_action", "next")
    follower.send("/msanii/deck/1/follow_bars", 1)
    follower.launch(1, paths[0].name)
    follower.go(3.5)
    names = [path.name for path in paths]
    assert follower.played() == [*names, names[0]]
    assert follower.library.variations("other.wav") == []


def test_a_change_of_tempo_moves_the_line(follower: Follower) -> None:
    begun = follower.begin("a.wav", "b.wav", bars=4)
    follower.go(2)
    follower.send("/msanii/transport/tempo", 240)
    child = follower.sim.child
    assert child is not None
    follower.go(2)
    line = child.mixer.transport.boundary_frame(16.0)
    assert line < begun + 4 * BAR
    moved = [frame for frame in follower.changes() if frame > begun]
    assert moved[0] == line
    assert list(dict.fromkeys(follower.played())) == ["a.wav", "b.wav"]


@pytest.mark.parametrize("order", ["/msanii/panic", "/msanii/deck/1/stop"])
@pytest.mark.parametrize("bars", [0.5, 1.9])
def test_panic_or_a_stop_ends_it_until_the_next_launch(follower: Follower, order: str, bars: float) -> None:
    follower.send("/msanii/quantise", "beat")
    follower.begin("a.wav", "b.wav", bars=2)
    follower.go(bars)
    follower.send(order)
    follower.go(4)
    assert follower.played() == ["a.wav"]
    assert follower.activities()[0][0] == "stopped"
    assert not follower.sound()[-BAR:].any()
    follower.launch(1, "a.wav")
    follower.go(2.5)
    assert follower.played() == ["a.wav", "a.wav", "b.wav"]


def test_undo_takes_back_the_hand_s_launch_and_not_what_followed(follower: Follower) -> None:
    follower.send("/msanii/quantise", "beat")
    follower.launch(1, "c.wav")
    follower.go(0.5)
    follower.begin("a.wav", "b.wav", bars=1)
    follower.go(1.5)
    assert follower.played() == ["c.wav", "a.wav", "b.wav"]
    follower.send("/msanii/deck/1/follow_action", "none")
    follower.send("/msanii/undo")
    follower.go(1)
    assert follower.activities()[0] == ("playing", "c.wav")


def test_a_launch_by_hand_or_another_setting_cancels_what_waits(follower: Follower) -> None:
    follower.begin("a.wav", "b.wav", bars=2)
    follower.go(1.5)
    assert follower.activities()[0] == ("armed", "b.wav")
    follower.send("/msanii/deck/1/follow_action", "none")
    follower.go(1)
    assert follower.activities()[0] == ("playing", "a.wav")
    follower.send("/msanii/deck/1/launch")
    follower.go(2)
    assert follower.played()[-1] == "a.wav"


def test_a_transport_that_stops_and_starts_keeps_the_count(follower: Follower) -> None:
    follower.begin("a.wav", "b.wav", bars=2)
    follower.go(1.5)
    follower.send("/msanii/transport/stop")
    follower.go(3)
    follower.send("/msanii/transport/play")
    follower.go(0.4)
    assert follower.played()[-1] == "a.wav"
    follower.go(0.5)
    assert follower.played()[-1] == "b.wav"


def test_a_take_that_is_gone_is_told_once_and_the_deck_goes_on(follower: Follower) -> None:
    follower.begin("a.wav", "b.wav", bars=2)
    (follower.library.folder / "b.wav").unlink()
    follower.go(6)
    (failed,) = follower.told(s.DeckFailed)
    assert failed.deck == 1
    assert "b.wav" in failed.message
    assert "the take goes on" in failed.message
    assert follower.activities()[0] == ("playing", "a.wav")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/msanii/deck/1/follow_action", "sometimes"), "expected one of none, stop, again"),
        (("/msanii/deck/1/follow_bars", 0), "from 1 to 128"),
        (("/msanii/deck/1/follow_bars", 1.5), "send a whole number"),
        (("/msanii/deck/1/follow_bars", float("nan")), "from 1 to 128"),
    ],
)
def test_a_bad_value_is_told_what_was_wrong(words: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(BridgeError) as raised:
        parse(words[0], words[1:], ME)
    assert expected in raised.value.message


def test_a_fader_sets_whole_bars_and_every_action() -> None:
    assert parse("/msanii/fader/deck/1/follow_bars", (1.0,), ME) == s.SetDeck(
        1, "follow_bars", 128.0, sender=ME
    )
    assert parse("/msanii/fader/deck/1/follow_action", (1.0,), ME) == s.SetDeck(
        1, "follow_action", "other", sender=ME
    )
