"""Curves: their values by the bar, what an endless deck makes of them, and what is no curve."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.addresses.table import parse
from bridge.endless.curves import Curve, curve_from
from bridge.messages import BridgeError
from bridge.messages import endless as e
from tests.bridge.endless_bench import ME, at_work
from tests.bridge.waiting import until


def test_numbers_go_in_a_straight_line_and_words_in_steps() -> None:
    rising = Curve("guidance", 10, ((0.0, 2.0), (8.0, 4.0)))
    assert [rising.at(bar) for bar in (9, 10, 14, 18, 99)] == [None, 2.0, 3.0, 4.0, 4.0]
    assert [rising.is_over(bar) for bar in (17, 18)] == [False, True]
    chords = Curve("chords", 0, ((0.0, "Am"), (2.0, "F"), (4.5, "C")))
    assert [chords.at(bar) for bar in range(6)] == ["Am", "Am", "F", "F", "F", "C"]
    whole = Curve("steps", 0, ((0.0, 4), (3.0, 8)))
    assert [whole.at(bar) for bar in range(4)] == [4, 5, 7, 8]


def test_a_curve_begins_with_the_value_that_holds() -> None:
    curve = curve_from("guidance", 3, ((4.0, 5.0),), 3.0)
    assert [curve.at(bar) for bar in (3, 5, 7)] == [3.0, 4.0, 5.0]
    late = curve_from("density", 3, ((4.0, 1.0),), None)
    assert [late.at(bar) for bar in (3, 6, 7)] == [None, None, 1.0]


@given(
    st.lists(st.tuples(st.floats(0, 99), st.floats(1, 10)), min_size=1, max_size=8, unique_by=lambda p: p[0]),
    st.integers(-5, 120),
)
def test_a_value_lies_between_those_of_the_curve(points: list[tuple[float, float]], bar: int) -> None:
    curve = Curve("guidance", 0, tuple(sorted(points)))
    values = [value for _, value in points]
    value = curve.at(bar)
    assert (value is None) == (bar < min(at for at, _ in points))
    assert value is None or isinstance(value, float)
    assert value is None or min(values) - 1e-6 <= value <= max(values) + 1e-6


def test_each_bar_is_rendered_with_its_value_until_somebody_sets_another(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1, "guidance", 2.0)
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            assert await bench.ask("curve", "guidance", 0, 2.0, 2, 4.0) == ("curve.reply", 1, "guidance", 1)
            assert await bench.ask("curve", 1, "chords", 1, "C G") == ("curve.reply", 1, "chords", 1)
            for bar in range(4):
                bench.endless.bar_began(1, bar)
                await bench.has(bar + 1)
            assert await bench.ask("curve", "density", 8, 1.0) == ("curve.reply", 1, "density", 5)
            await bench.endless.session_parameter("density", 0.5, ME)
            for bar in (4, 5):
                bench.endless.bar_began(1, bar)
                await bench.has(bar + 1)
            bench.endless.bar_began(1, 6)
            path = Path((await bench.ask("endless/keep", 1, 7))[2])
        changes = json.loads(path.with_suffix(".json").read_text())["endless"]["changes"]
        told = [
            (one["bar"], one["request"]["guidance"], one["request"]["chords"], one["request"]["density"])
            for one in changes
        ]
        assert told[1:] == [(2, 3.0, "C G", None), (3, 4.0, "C G", None), (5, 4.0, "C G", 0.5)]

    asyncio.run(story())


def test_a_curve_that_cannot_be_rendered_ends_and_the_music_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            await bench.ask("curve", "chords", 1, "Xyz")
            bench.while_resolving.append(refuse)
            for bar in range(3):
                bench.endless.bar_began(1, bar)
                await bench.has(bar + 1)
            (failed,) = [event for event in bench.events if isinstance(event, e.EndlessFailed)]
            assert "(the curves end here; the music goes on)" in failed.message

    def refuse() -> None:
        raise BridgeError("chords", "`chords`: Xyz cannot be read")

    asyncio.run(story())


def test_what_somebody_sets_while_a_curve_s_value_is_read_holds(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 1, "guidance", 2.0)
            await bench.has(0)
            await until(lambda: bench.decks.launched == 1)
            await bench.ask("curve", "guidance", 0, 3.0, 9, 5.0)

            def meanwhile() -> None:
                tasks.append(asyncio.create_task(bench.endless.session_parameter("guidance", 7.0, ME)))

            tasks: list[asyncio.Task[None]] = []
            bench.while_resolving.append(meanwhile)
            for bar in range(3):
                bench.endless.bar_began(1, bar)
                await bench.has(bar + 1)
            await tasks[0]
            bench.endless.bar_began(1, 3)
            path = Path((await bench.ask("endless/keep", 1, 4))[2])
        changes = json.loads(path.with_suffix(".json").read_text())["endless"]["changes"]
        assert changes[-1]["request"]["guidance"] == 7.0

    asyncio.run(story())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("bpm", 0, 120, 8, 140), "expected one of"),
        (("guidance", 0, 2, 8), "pairs of bars and values"),
        (("guidance", 8, 2, 4, 3), "ascending order"),
        (("guidance", -1, 2), "bars from 0"),
        (("guidance", float("nan"), 2), "bars from 0"),
        (("guidance", "two", 2), "bars from 0"),
        (("guidance", 0, 2_000), "guidance"),
        (("density", 0, "dense"), "density"),
        ((1,), "a parameter's name"),
        ((99, "guidance", 0, 2), "deck"),
        (("guidance", *range(200)), "at most 64"),
    ],
)
def test_what_is_no_curve_is_told(arguments: tuple[object, ...], complaint: str) -> None:
    with pytest.raises(BridgeError, match=complaint):
        parse("/msanii/curve", arguments, None)
