"""Endless mode asked for what it cannot do: a sentence, and the music goes on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bridge.addresses.endless import FOLLOWED, REFUSED
from bridge.endless.grid import FIXED, check_grid, grid_values
from bridge.messages import BridgeError
from bridge.messages import endless as e
from bridge.parameters import PARAMETERS
from tests.bridge.endless_bench import ME, at_work
from tests.bridge.render_requests import make_request
from tests.bridge.waiting import until


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("bpm", 90), "`bpm`: got 90, but the stage plays at 111; leave it out, or first set"),
        (("numerator", 3), "`numerator`: got bars of 3/4, but the stage's have 4 quarter notes"),
    ],
)
def test_bars_that_would_not_fit_the_stage_are_refused(
    tmp_path: Path, words: tuple[object, ...], sentence: str
) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            with pytest.raises(BridgeError, match=sentence):
                await bench.ask("endless/start", 1, *words)
            assert not bench.decks.endless
            await bench.ask("endless/start", 1, "bpm", 111.3)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("bar_beats", "meter"), [(4.0, (4, 4)), (3.0, (3, 4)), (3.5, (7, 8)), (128.0, (32, 1)), (0.125, (1, 32))]
)
def test_the_stage_s_meter_is_the_bars(bar_beats: float, meter: tuple[int, int]) -> None:
    values = grid_values(97.3, bar_beats)
    assert values == {"bpm": 97.3, "numerator": meter[0], "denominator": meter[1]}
    check_grid(make_request(**values), 97.3, bar_beats)


def test_what_a_deck_keeps_is_refused_and_a_deck_that_makes_no_bars_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            for name, value in (("bpm", 90), ("numerator", 3), ("loudness_lufs", -20), ("model", "other")):
                with pytest.raises(BridgeError, match=f"`{name}`: an endless deck keeps it"):
                    await bench.ask("endless/set", 1, name, value)
            assert "register_pitch" in FOLLOWED
            bench.decks.endless = False  # somebody has put a take on the deck
            with pytest.raises(BridgeError, match="deck 1 makes no bars any more"):
                await bench.ask("endless/set", 1, "chords", "C")
            before = len(bench.replies)
            await bench.endless.session_parameter("chords", "C", ME)
            assert len(bench.replies) == before

    asyncio.run(story())


def test_whatever_may_be_followed_is_a_parameter() -> None:
    assert set(PARAMETERS) >= FOLLOWED | set(FIXED) | set(REFUSED)


@pytest.mark.parametrize(
    ("address", "words", "code"),
    [
        ("endless/start", (), "missing"),
        ("endless/start", ("one",), "type"),
        ("endless/start", (0,), "value"),
        ("endless/start", (float("nan"),), "value"),
        ("endless/start", (1, "chords"), "missing"),
        ("endless/start", (1, "bars", 4), "value"),
        ("endless/start", (1, "parts", "keys,bass"), "value"),
        ("endless/start", (1, "ahead", 99), "value"),
        ("endless/start", (1, "ahead", "two"), "type"),
        ("endless/start", (1, "color", "red"), "value"),
        ("endless/start", (9,), "value"),
        ("endless/set", (), "missing"),
        ("endless/set", ("model", "tiny"), "value"),
        ("endless/set", ("chords", "C"), "missing"),
        ("endless/set", (3, "chords", "C"), "missing"),
        ("endless/keep", (1,), "missing"),
        ("endless/keep", (1, 0.5), "value"),
        ("endless/stop", (2,), "missing"),
    ],
)
def test_mistakes_get_a_sentence(tmp_path: Path, address: str, words: tuple[object, ...], code: str) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            with pytest.raises(BridgeError) as caught:
                await bench.ask(address, *words)
            assert caught.value.code == code

    asyncio.run(story())


def test_a_bar_that_cannot_be_made_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "preset", "error")
            await until(lambda: any(isinstance(event, e.EndlessFailed) for event in bench.events))
            (failed,) = bench.events
            assert (failed.deck, failed.code) == (1, "model")
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)

    asyncio.run(story())


def test_what_cannot_be_made_is_given_back_and_the_music_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1, "chords", "Am F")
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            await bench.ask("endless/set", 1, "preset", "error", "chords", "C")
            bench.endless.bar_began(1, 0)
            await bench.has(1)
            (failed,) = [event for event in bench.events if isinstance(event, e.EndlessFailed)]
            assert failed.message.endswith("(the change is dropped; the music goes on)")
            assert await bench.ask("endless/set", 1, "guidance", 4.0) == ("endless/set.reply", 1, 2)
            bench.endless.bar_began(1, 1)
            await bench.has(2)
            bench.endless.bar_began(1, 2)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 3)
            changes = json.loads(Path(path).with_suffix(".json").read_text())["endless"]["changes"]
            assert [(one["bar"], one["request"]["chords"]) for one in changes] == [(0, "Am F"), (2, "Am F")]

    asyncio.run(story())
