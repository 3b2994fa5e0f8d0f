"""Endless mode: bars ahead of the playhead through a real worker process, changes at their bar."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bridge.library.bar_recipes import find_endless_recipe
from bridge.messages import BridgeError
from bridge.messages import endless as e
from tests.bridge.endless_bench import ME, RATE, Bench, at_work
from tests.bridge.render_requests import make_job
from tests.bridge.waiting import until


def test_bars_stay_ahead_of_the_playhead_and_no_further(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            assert await bench.ask("endless/start", 1, "chords", "Am F", "seed", 5, "ahead", 2) == (
                "endless/start.reply", 1, 5,
            )  # fmt: skip
            await bench.has(0, 1)
            await until(lambda: bench.decks.launched == 1)
            assert 2 not in bench.decks.bars
            bench.endless.bar_began(1, 0)
            await bench.has(2)
            assert 3 not in bench.decks.bars
            assert (await bench.ask("endless/status"))[1:6] == (1, 0, 2, 2, 0)
            bars = [event.bar for event in bench.events if isinstance(event, e.EndlessBar)]
            assert bars == [0, 1, 2]
            assert bench.decks.launched == 1

    asyncio.run(story())


def test_a_change_is_in_the_bar_that_the_answer_names_and_not_before(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "chords", "Am F", "ahead", 2)
            await bench.has(0, 1)
            await until(lambda: bench.decks.launched == 1)
            assert await bench.ask("endless/set", "chords", "C G") == ("endless/set.reply", 1, 2)
            bench.endless.bar_began(1, 0)
            await bench.has(2)
            _, path, first, bars, _ = (await keep_after(bench, 2))[1:]
            record = json.loads(Path(path).with_suffix(".json").read_text())["endless"]
            assert (first, bars) == (0, 3)
            assert [(one["bar"], one["request"]["chords"]) for one in record["changes"]] == [
                (0, "Am F"),
                (2, "C G"),
            ]
            seeds = {one["request"]["seed"] for one in record["changes"]}
            assert len(seeds) == 1

    async def keep_after(bench: Bench, bar: int) -> tuple[Any, ...]:
        bench.endless.bar_began(1, bar)
        return await bench.ask("endless/keep", 1, 3)

    asyncio.run(story())


def test_a_knob_s_value_reaches_the_endless_deck(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            await bench.endless.session_parameter("guidance", 4.0, ME)
            assert bench.replies[-1] == ("endless/set.reply", 1, 1)
            await bench.endless.session_parameter("name_template", "x", ME)
            assert len([reply for reply in bench.replies if reply[0] == "endless/set.reply"]) == 1

    asyncio.run(story())


def test_a_worker_that_dies_gets_the_bar_again(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 2, "preset", "crash")
            await bench.has(0, 1)
            pid = bench.engine.status.pid
            bench.engine.kill()
            bench.endless.bar_began(1, 1)
            await bench.has(2, 3)
            assert bench.engine.status.pid != pid
            assert not [event for event in bench.events if isinstance(event, e.EndlessFailed)]

    asyncio.run(story())


def test_bars_come_while_a_job_renders_and_the_job_ends(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            job = make_job("a", preset="slow")
            rendering = asyncio.create_task(
                bench.engine.render(job, bench.library.allocate_names(job), lambda _event: None)
            )
            await until(lambda: bench.engine.status.state == "rendering")
            await bench.ask("endless/start", 1, "ahead", 4)
            await bench.has(0, 1, 2, 3)
            assert not rendering.done()
            await rendering

    asyncio.run(story())


def test_stop_ends_it_and_its_files_go(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            assert await bench.ask("endless/stop", 1) == ("endless/stop.reply", 1)
            assert not list((tmp_path / "bars").iterdir())
            with pytest.raises(BridgeError, match="deck 1 is not endless"):
                await bench.ask("endless/stop", 1)

    asyncio.run(story())


def test_the_transport_s_tempo_is_the_bars(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            bench.endless.follow_tempo(140.0)
            bench.endless.bar_began(1, 0)
            await bench.has(1)
            bench.endless.bar_began(1, 1)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 2)
            changes = json.loads(Path(path).with_suffix(".json").read_text())["endless"]["changes"]
            assert [one["request"]["bpm"] for one in changes] == [111.0, 140.0]
            told = [event for event in bench.events if isinstance(event, e.EndlessTempo)]
            assert told == [e.EndlessTempo(1, 1, 140.0)]
            bench.endless.follow_tempo(140.0)
            bench.decks.endless = False  # somebody has put a take on the deck
            bench.endless.follow_tempo(90.0)
            assert len([event for event in bench.events if isinstance(event, e.EndlessTempo)]) == 1

    asyncio.run(story())


def test_the_bars_keep_the_rate_of_the_first_when_the_device_is_replaced_by_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 2)
            await bench.has(0, 1)
            bench.decks.rate = 44_100
            bench.endless.bar_began(1, 1)
            await bench.has(2, 3)
            assert {ready.rate for ready in bench.decks.bars.values()} == {RATE}
            bench.endless.bar_began(1, 3)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 4)
            audio, rate = soundfile.read(path)
            assert (len(audio), rate) == (4 * RATE // 2, RATE)

    asyncio.run(story())


def test_a_take_that_is_put_on_the_deck_is_not_launched_by_the_bars_that_come_late(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await asyncio.sleep(0)  # the first bar is ordered
            bench.decks.endless = False
            await until(lambda: bench.endless.status()[2] == 0)
            assert not bench.decks.bars
            assert not bench.decks.launched

    asyncio.run(story())


def test_a_tempo_that_changes_while_something_else_is_set_is_not_forgotten(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            bench.while_resolving.append(lambda: bench.endless.follow_tempo(140.0))
            await bench.ask("endless/set", 1, "chords", "C")
            assert not bench.while_resolving
            bench.endless.bar_began(1, 0)
            await bench.has(1)
            bench.endless.bar_began(1, 1)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 1)
            recipe = find_endless_recipe(Path(path))
            assert recipe is not None
            asked = recipe.request_of(1)
            assert (asked.bpm, asked.chords) == (140.0, "C")

    asyncio.run(story())
