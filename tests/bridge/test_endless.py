"""Endless mode: bars ahead of the playhead through a real worker process, changes at their bar."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge import endless_messages as e
from bridge.addresses import parse
from bridge.bar_orders import BarDone
from bridge.endless import Endless
from bridge.endless_addresses import REFUSED
from bridge.endless_grid import FIXED, check_grid, grid_values
from bridge.endless_session import FOLLOWED, KEPT_BARS, EndlessSession
from bridge.local_engine import LocalEngine
from bridge.messages import BridgeError, Peer, Render, RenderRequest
from bridge.parameters import PARAMETERS
from bridge.supervisor import Supervisor
from bridge.takes import Library
from tests.bridge.fake_worker import fake_worker, save_model_without_weights
from tests.bridge.requests import make_job, make_request
from tests.bridge.waiting import until

RATE = 48_000
ME = Peer("127.0.0.1", 9)


@dataclass
class Decks:
    """Decks that take bars and play when told; the real ones are the audio child's."""

    rate: int = RATE
    bpm: float = 111.0
    bar_beats: float = 4.0
    bars: dict[int, Path] = field(default_factory=dict)
    launched: int = 0
    endless: bool = False

    def open_endless(self, deck: int) -> None:
        if deck > 4:
            raise BridgeError("value", "there are four decks")
        self.endless = True
        self.bars.clear()

    def bar_ready(self, deck: int, bar: int, path: Path) -> None:  # noqa: ARG002
        assert np.load(path).dtype == np.float32
        self.bars[bar] = path

    async def launch(self, deck: int) -> None:  # noqa: ARG002
        self.launched += 1

    async def stop(self, deck: int) -> None:  # noqa: ARG002
        self.endless = False

    def is_endless(self, deck: int) -> bool:  # noqa: ARG002
        return self.endless


@dataclass
class Bench:
    endless: Endless
    decks: Decks
    engine: LocalEngine
    library: Library
    events: list[Any]
    replies: list[tuple[Any, ...]]

    async def ask(self, address: str, *words: object) -> tuple[Any, ...]:
        """Sends one message and returns the answer to it."""
        message = parse(f"/msanii/{address}", words, ME)
        assert isinstance(message, e.EndlessMessage)
        before = len(self.replies)
        await self.endless.handle(message)
        return self.replies[before] if len(self.replies) > before else ()

    async def has(self, *bars: int) -> None:
        await until(lambda: set(bars) <= set(self.decks.bars))


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[Bench]:
    library = Library(folder / "library")
    models = save_model_without_weights(folder / "models" / "default")
    engine = LocalEngine(library, model_folders=[models], target=fake_worker)
    supervisor = Supervisor(lambda _event: None, first_delay_seconds=0.01)
    decks, events, replies = Decks(), list[Any](), list[tuple[Any, ...]]()

    async def resolve(ask: Render) -> RenderRequest:
        return make_request(**{"bpm": 120.0, **ask.values})

    endless = Endless(
        decks,
        engine.bars,
        resolve=resolve,
        model_folder=lambda name: models / name,
        deliver=events.append,
        reply=lambda _to, *words: replies.append(words),
        folder=folder / "bars",
        takes_folder=library.takes_folder,
    )
    await supervisor.watch(engine)
    try:
        yield Bench(endless, decks, engine, library, events, replies)
    finally:
        endless.close()
        await supervisor.stop()
        library.close()


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
            _, path, first, bars = (await keep_after(bench, 2))[1:]
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


def test_kept_bars_are_what_was_played(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 3)
            with pytest.raises(BridgeError, match="has played no bar yet"):
                await bench.ask("endless/keep", 1, 2)
            await bench.has(0, 1, 2)
            bench.endless.bar_began(1, 2)
            _, deck, path, first, bars = await bench.ask("endless/keep", 1, 2)
            assert (deck, first, bars) == (1, 1, 2)
            audio, rate = soundfile.read(path)
            assert rate == RATE
            assert len(audio) == RATE
            np.testing.assert_allclose(audio[[0, -1], 0], [0.001, 0.002], atol=1e-6)

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


def test_a_bar_that_is_not_urgent_waits_for_the_job(tmp_path: Path) -> None:
    session = EndlessSession(
        "s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, clock=lambda: 100.0
    )  # bars of two seconds
    session.plays(4)
    session.bar_cost_seconds = 0.5
    assert session.begin(RATE, tmp_path).urgent_at == pytest.approx(100.0 + 2.0 - 2.0 - 1.0)


def test_behind_is_counted_and_lines_that_passed_are_left_out(tmp_path: Path) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3)
    order = session.begin(RATE, tmp_path)
    session.finished(BarDone("s", order.bar, 0.1))
    assert session.unrendered == 1
    session.plays(0)
    session.misses(1)
    session.misses(2)
    assert session.times_behind == 2
    assert session.margin == 0
    assert session.begin(RATE, tmp_path).bar == 3


def test_files_go_once_they_are_played_and_old(tmp_path: Path) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3)
    for bar in range(KEPT_BARS + 10):
        order = session.begin(RATE, tmp_path)
        for path in (order.bar_path, order.past_path):
            path.touch()
        session.finished(BarDone("s", bar, 0.1))
        session.plays(bar)
    assert len(list(tmp_path.glob("bar_*"))) == KEPT_BARS + 2
    assert [path.name for path in tmp_path.glob("past_*")] == [f"past_{KEPT_BARS + 9:06d}.npz"]


def test_a_bar_that_cannot_be_made_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "preset", "error")
            await until(lambda: any(isinstance(event, e.EndlessFailed) for event in bench.events))
            (failed,) = bench.events
            assert failed.osc()[1][:2] == ("/msanii/endless/1", "model")
            await bench.ask("endless/start", 1, "ahead", 1)
            await bench.has(0)

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

    asyncio.run(story())


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
            assert failed.message.endswith("(it goes on as before that was set)")
            assert await bench.ask("endless/set", 1, "guidance", 3.0) == ("endless/set.reply", 1, 2)
            bench.endless.bar_began(1, 1)
            await bench.has(2)
            bench.endless.bar_began(1, 2)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 3)
            changes = json.loads(Path(path).with_suffix(".json").read_text())["endless"]["changes"]
            assert [(one["bar"], one["request"]["chords"]) for one in changes] == [(0, "Am F"), (2, "Am F")]

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
