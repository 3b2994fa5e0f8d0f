"""Morphs: which takes can be morphed, what each bar is told of the position, and what is kept of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bridge.addresses.table import parse
from bridge.audio_child.protocol import TakeFile
from bridge.messages import BridgeError
from bridge.messages import endless as e
from bridge.messages.bars import BarMorph, MorphLoop
from tests.bridge.endless_bench import ME, Bench, at_work
from tests.bridge.waiting import until

TAKES = {
    "a.wav": TakeFile(Path("a.wav"), 111.0, 4.0),
    "b.wav": TakeFile(Path("b.wav"), 98.0, 8.0, 0.25),
    "free.wav": TakeFile(Path("free.wav")),
    "long.wav": TakeFile(Path("long.wav"), 111.0, None),
}


def orders(bench: Bench) -> list[BarMorph | None]:
    """The morph of each bar that was asked for, in order."""
    asked: list[BarMorph | None] = []
    render = bench.engine.bars.render

    async def noted(order: Any) -> Any:
        asked.append(order.morph)
        return await render(order)

    bench.engine.bars.render = noted  # type: ignore[method-assign]
    bench.decks.takes.update(TAKES)
    return asked


def test_each_bar_lies_where_the_deck_s_morph_is_as_it_is_asked_for(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            asked = orders(bench)
            answer = await bench.ask("morph", 1, "a.wav", "b.wav", "ahead", 2, "strength", 0.3, "seed", 5)
            assert answer == ("morph.reply", 1, 5)
            await bench.has(0, 1)
            bench.decks.morph = 1.0
            bench.endless.bar_began(1, 0)
            await bench.has(2)
            first = MorphLoop(Path("a.wav"), 111.0, 4.0)
            second = MorphLoop(Path("b.wav"), 98.0, 8.0, 0.25)
            assert asked == [BarMorph(first, second, at, 0.3) for at in (0.5, 0.5, 1.0)]
            assert bench.decks.launched == 1

    asyncio.run(story())


def test_it_plays_no_chords_notes_or_sound_but_those_that_are_asked_for(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            orders(bench)
            await bench.ask("morph", 1, "a.wav", "b.wav")
            request = bench.endless._sessions[1][0].request
            assert (request.chords, request.compose, request.sound, request.part) == ("", "off", "", "")
            await bench.ask("morph", 1, "a.wav", "b.wav", "chords", "Am F")
            assert bench.endless._sessions[1][0].request.chords == "Am F"

    asyncio.run(story())


def test_what_is_kept_of_a_morph_says_that_it_cannot_be_rendered_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            orders(bench)
            await bench.ask("morph", 1, "a.wav", "b.wav", "ahead", 2)
            await bench.has(0, 1)
            await until(lambda: bench.decks.launched == 1)
            bench.endless.bar_began(1, 0)
            answer = await bench.ask("endless/keep", 1, 1)
            assert answer[0] == "endless/keep.reply"
            assert answer[-1] == 0

    asyncio.run(story())


@pytest.mark.parametrize(
    ("first", "second", "code", "words"),
    [
        ("gone.wav", "a.wav", "source", "there is no such file"),
        ("a.wav", "free.wav", "value", "its tempo is not known; load it on a deck, which hears it"),
        ("long.wav", "a.wav", "value", "no whole number of beats to be repeated; take a loop"),
    ],
)
def test_a_take_that_is_no_loop_in_a_tempo_is_refused_and_the_deck_goes_on(
    tmp_path: Path, first: str, second: str, code: str, words: str
) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            orders(bench)
            with pytest.raises(BridgeError) as raised:
                await bench.ask("morph", 1, first, second)
            assert raised.value.code == code
            assert words in raised.value.message
            assert not bench.decks.endless

    asyncio.run(story())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((1, "a.wav"), "expected a deck's number, two takes"),
        ((0, "a.wav", "b.wav"), "from 1 to 16"),
        ((1, "a.wav", 5.5), "send an OSC string"),
        ((1, "a.wav", "b.wav", "strength", 0), "`strength`"),
        ((1, "a.wav", "b.wav", "strength"), "has no value"),
        ((1, "a.wav", "b.wav", "bars", 2), "endless mode does not take it"),
    ],
)
def test_a_bad_message_is_told_what_was_wrong(words: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(BridgeError) as raised:
        parse("/msanii/morph", words, ME)
    assert expected in raised.value.message


def test_a_message_without_values_has_the_usual_strength() -> None:
    message = parse("/msanii/morph", (2, "a.wav", "b.wav"), ME)
    assert message == e.StartMorph(2, "a.wav", "b.wav", {}, None, 0.5, sender=ME)
