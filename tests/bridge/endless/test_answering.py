"""Decks that answer a player: turns, what is heard and what is composed to it, through a real worker."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.messages import BridgeError, partial_request
from bridge.messages import endless as e
from bridge.midi.played_notes import PlayedNote
from tests.bridge.endless_bench import Bench, at_work
from tests.bridge.waiting import until

BPM = 300.0  # bars of one beat, 0.2 s


async def begun(bench: Bench, *words: object) -> None:
    bench.decks.bpm, bench.decks.bar_beats = BPM, 1.0
    assert (await bench.ask("answer", 1, "bars", 2, "ahead", 3, "seed", 5, *words))[:2] == (
        "endless/start.reply",
        1,
    )
    await bench.has(0, 1)
    await until(lambda: bench.decks.launched == 1)


def plays(bench: Bench, *pitches: int) -> None:
    now = time.monotonic()
    bench.decks.played += [PlayedNote(now, pitch, 80, now + 0.05) for pitch in pitches]


async def kept(bench: Bench, bars: int) -> dict[str, Any]:
    answer = await bench.ask("endless/keep", 1, bars)
    recipe: dict[str, Any] = json.loads(Path(answer[2]).with_suffix(".json").read_text())["endless"]
    return recipe


def loudness(bench: Bench, bar: int) -> float:
    return float(np.abs(np.load(bench.decks.bars[bar].path)).max())


def test_the_player_s_bars_are_silent_and_the_deck_answers_what_was_played(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await begun(bench, "part", "keys")
            bench.endless.bar_began(1, 0)
            plays(bench, 60, 64, 67)
            bench.endless.bar_began(1, 1)
            await bench.has(2)
            bench.endless.bar_began(1, 2)
            await bench.has(3)
            bench.endless.bar_began(1, 3)
            await bench.has(4, 5)
            assert [loudness(bench, bar) > 0 for bar in range(6)] == [False, False, True, True, False, False]
            recipe = await kept(bench, 4)
            assert recipe["turn_bars"] == 2
            answer = next(one["request"] for one in recipe["changes"] if one["bar"] == 2)
            assert (answer["chords"], answer["register_pitch"], answer["dynamics"]) == (
                "C", pytest.approx(63.667, abs=0.001), 80.0,
            )  # fmt: skip
            assert answer["density"] == pytest.approx(0.5)
            assert {note[2] for note in recipe["notes"][2]["keys"]} == {72, 76, 79}

    asyncio.run(story())


def test_turns_and_what_was_heard_are_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await begun(bench)
            bench.endless.bar_began(1, 0)
            plays(bench, 57, 60, 64)
            await until(lambda: e.TurnBegan(1, "player", 0) in bench.events)
            bench.endless.bar_began(1, 1)
            await bench.has(2)
            for bar in (2, 3, 4):
                bench.endless.bar_began(1, bar)
            await until(lambda: e.TurnBegan(1, "player", 4) in bench.events)
            bench.endless.bar_began(1, 6)
            await bench.ask("endless/stop", 1)
            told = [one for one in bench.events if isinstance(one, e.TurnBegan | e.PhraseHeard)]
            assert told == [
                e.TurnBegan(1, "player", 0),
                e.PhraseHeard(1, 3, "Am"),
                e.TurnBegan(1, "deck", 2),
                e.TurnBegan(1, "player", 4),
            ]

    asyncio.run(story())


def test_where_nothing_is_played_the_answer_is_silent_and_the_turns_go_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await begun(bench)
            for bar in range(6):
                bench.endless.bar_began(1, bar)
                if bar == 4:
                    plays(bench, 60)
                await bench.has(bar + 1)
            assert [loudness(bench, bar) > 0 for bar in range(7)] == [False] * 6 + [True]

    asyncio.run(story())


def test_what_is_played_late_in_the_phrase_still_reaches_the_later_bars_of_the_answer(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await begun(bench)
            bench.endless.bar_began(1, 0)
            plays(bench, 60)
            bench.endless.bar_began(1, 1)
            await bench.has(2)
            plays(bench, 67)
            bench.endless.bar_began(1, 2)
            await bench.has(3)
            bench.endless.bar_began(1, 3)
            recipe = await kept(bench, 2)
            first, second = ({note[2] for note in notes["lead"]} for notes in recipe["notes"][-2:])
            assert 79 not in first
            assert 79 in second

    asyncio.run(story())


def test_it_answers_in_the_sound_of_the_deck_unless_another_is_said(tmp_path: Path) -> None:
    async def story(wanted: dict[str, str], *words: object, **sound: str) -> None:
        async with at_work(tmp_path / sound["part"] / str(len(words))) as bench:
            bench.decks.sound = partial_request(sound)
            await begun(bench, *words)
            bench.endless.bar_began(1, 0)
            request = (await kept(bench, 1))["changes"][0]["request"]
            assert {name: request[name] for name in wanted} == wanted

    asyncio.run(story({"part": "keys", "sound": "piano"}, part="keys", sound="piano"))
    asyncio.run(story({"part": "lead", "sound": ""}, part="drums", sound="drum kit"))
    asyncio.run(story({"part": "lead", "sound": "flute"}, "sound", "flute", part="keys", sound="piano"))


def test_what_cannot_answer_is_told_with_what_to_do(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            for words, why in (
                (("part", "drums"), "only lead and keys answer"),
                (("compose", "off"), "answers are composed"),
                (("bars", 3), "`bars`: got 3, expected 1, 2, 4 or 8"),
                (("bars", "many"), "`bars`: got"),
                (("bars", float("nan")), "`bars`: got"),
                (("bars",), "`bars`: got"),
                (("loop", 1), "`loop`: endless mode does not take it"),
            ):
                with pytest.raises(BridgeError, match=why):
                    await bench.ask("answer", 1, *words)
            await begun(bench)
            with pytest.raises(BridgeError, match="only lead and keys answer"):
                await bench.ask("endless/set", "part", "bass")

    asyncio.run(story())
