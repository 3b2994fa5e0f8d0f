"""retempo: a take that no longer fits is rendered in the new tempo with its own seed, and swapped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge.endless.retempo import Retempo, at_tempo
from bridge.messages import BridgeError, Failed, Job, RenderRequest, TakeReady
from tests.bridge.render_requests import make_recipe
from tests.bridge.waiting import until


@dataclass(frozen=True)
class OffTempoDeck:
    deck: int
    path: Path
    bpm: float


@dataclass
class Stage:
    misfits: list[OffTempoDeck] = field(default_factory=list)
    swapped: list[tuple[int, Path]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def put(self, request: RenderRequest) -> Job:
        self.jobs.append(Job(f"job{len(self.jobs)}", request, None))
        return self.jobs[-1]

    def retempo(self) -> Retempo:
        return Retempo(
            lambda: self.misfits,
            lambda deck, path: self.swapped.append((deck, path)),
            self.put,
            self.cancelled.append,
            settle_seconds=0.01,
        )


def write_take(folder: Path, name: str = "take", **values: object) -> Path:
    path = folder / f"{name}.wav"
    path.touch()
    path.with_suffix(".json").write_text(make_recipe(**values).readable())  # type: ignore[arg-type]
    return path


def test_the_new_take_has_the_old_one_s_seed_and_bars_in_the_new_tempo() -> None:
    recipe = make_recipe(2, count=4, bars=8.0, seconds=16.0, chords="Am F")
    request = at_tempo(recipe, 96.0)
    assert request is not None
    assert (request.bpm, request.seed, request.count, request.bars) == (96.0, 9, 1, 8.0)
    assert request.seconds == pytest.approx(20.0)
    assert request.chords == "Am F"


def test_a_kept_candidate_alone_comes_in_the_new_tempo() -> None:
    recipe = make_recipe(1, count=2, candidates=3, keep=2, bars=8.0, seconds=16.0)
    request = at_tempo(recipe, 96.0)
    assert request is not None
    assert (request.seed, request.renders, request.keep) == (recipe.seed, 1, None)


def test_what_was_asked_in_seconds_is_left_as_it_is() -> None:
    assert at_tempo(make_recipe(bars=None), 96.0) is None


def test_a_tempo_that_makes_no_take_is_refused() -> None:
    with pytest.raises(BridgeError):
        at_tempo(make_recipe(bars=400.0, seconds=800.0, bpm=120.0), 30.0)


def test_it_is_rendered_once_the_tempo_has_settled_and_swapped(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage()
        retempo = stage.retempo()
        path = write_take(tmp_path)
        for bpm in (100.0, 99.0, 98.0):
            stage.misfits = [OffTempoDeck(3, path, bpm)]
            retempo.look()
        await until(lambda: len(stage.jobs) == 1)
        assert stage.jobs[0].request.bpm == 98.0
        new = tmp_path / "new.wav"
        retempo.event(TakeReady("job0", 0, new, 2.0, 98.0))
        assert stage.swapped == [(3, new)]

    asyncio.run(story())


def test_a_tempo_that_moves_on_cancels_the_render(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage()
        retempo = stage.retempo()
        path = write_take(tmp_path)
        stage.misfits = [OffTempoDeck(1, path, 98.0)]
        retempo.look()
        await until(lambda: len(stage.jobs) == 1)
        stage.misfits = [OffTempoDeck(1, path, 97.0)]
        # The take comes at the same moment: it fits nothing any more.
        retempo.event(TakeReady("job0", 0, tmp_path / "late.wav", 2.0, 98.0))
        retempo.look()
        await until(lambda: len(stage.jobs) == 2)
        stage.misfits = []
        retempo.look()
        await until(lambda: stage.cancelled == ["job1"])
        assert not stage.swapped

    asyncio.run(story())


def test_what_fails_or_has_no_recipe_plays_on_and_is_not_tried_for_ever(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage()
        retempo = stage.retempo()
        foreign = tmp_path / "mine.wav"
        foreign.write_bytes(b"RIFF")
        stage.misfits = [OffTempoDeck(1, foreign, 98.0), OffTempoDeck(2, write_take(tmp_path), 98.0)]
        retempo.look()
        await until(lambda: len(stage.jobs) == 1)
        retempo.event(Failed("job0", "render", "the render failed"))
        stage.misfits.append(OffTempoDeck(3, write_take(tmp_path, "third", bars=2.0), 98.0))
        retempo.look()
        await until(lambda: len(stage.jobs) > 1)
        (_, last) = stage.jobs
        assert last.request.bars == 2.0
        assert not stage.swapped

    asyncio.run(story())
