"""Takes that are heard, and candidates of which the best is kept: a tiny model, the listener that ships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.library.recipes import Recipe, read_recipe
from bridge.messages import BridgeError, HeardTake, TakeReady
from bridge.worker.hearing import TakeListener
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from msanii.listening.weights import LISTENER_FOLDER
from tests.bridge.render_requests import make_request

QUICK: dict[str, Any] = {
    "steps": 2, "iterations": 2, "bpm": 240.0, "bars": 1.0, "seconds": 1.0, "model": "tiny",
    "chords": "Am", "part": "drums", "compose": "auto",
}  # fmt: skip

ARRANGED: dict[str, Any] = {"parts": "drums,keys", "part": "", "count": 3}

Render = Callable[..., list[TakeReady]]


@pytest.fixture(scope="module")
def renderer() -> PipelineRenderer:
    return PipelineRenderer(WorkerSettings(device="cpu"))


@pytest.fixture
def render(renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path) -> Render:
    """Renders a job; keywords are values of its request, `listener` the folder of one."""

    def made(
        job_id: str = "a",
        sources: tuple[Path, ...] = (),
        listener: Path | None = LISTENER_FOLDER,
        **values: Any,
    ) -> list[TakeReady]:
        request = make_request(**(QUICK | values))
        paths = tuple(tmp_path / f"{job_id}_{index}.wav" for index in request.takes)
        order = Order(job_id, request, tiny_model, sources, paths, listener_folder=listener)
        events: list[Answer] = []
        renderer.render(order, events.append, lambda: None)
        return [event for event in events if isinstance(event, TakeReady)]

    return made


def read(take: TakeReady) -> NDArray[np.float32]:
    audio: NDArray[np.float32] = soundfile.read(take.path, dtype="float32", always_2d=True)[0]
    return audio.T


def recipes(takes: list[TakeReady]) -> list[Recipe]:
    return [read_recipe(take.path) for take in takes]


def shares(heard: HeardTake | None) -> list[float]:
    assert heard is not None
    return [share for share in (heard.chords, heard.onsets) if share is not None]


def value(take: TakeReady) -> float:
    return float(np.mean(shares(take.heard)))


def test_every_take_is_heard_and_its_recipe_says_how(render: Render) -> None:
    takes = render(count=2)
    assert all(0 < value(take) < 1 for take in takes)
    assert [recipe.heard for recipe in recipes(takes)] == [take.heard for take in takes]
    assert [take.heard for take in render(count=2)] == [take.heard for take in takes]  # they were there


def test_where_nothing_was_asked_nothing_is_known(render: Render) -> None:
    (free,) = render(chords="", compose="off")
    assert free.heard == HeardTake(None, None)
    (drums,) = render("b")
    assert drums.heard is not None
    assert drums.heard.chords is None  # drums have no harmony
    (keys,) = render("c", part="keys")
    assert len(shares(keys.heard)) == 2


def test_without_a_listener_takes_are_finished_unheard(render: Render) -> None:
    (take,) = render(listener=None)
    assert take.heard is None
    assert read_recipe(take.path).heard is None


def test_a_listener_that_cannot_be_loaded_costs_the_numbers_and_not_the_take(
    render: Render, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    takes = render(listener=tmp_path / "none", candidates=2)
    assert [take.heard for take in takes] == [HeardTake(None, None)]
    assert "was not heard" in caplog.text
    assert read_recipe(takes[0].path).seed == 7


def test_the_best_candidate_is_kept(render: Render) -> None:
    alone = render(count=4)
    best = max(alone, key=value)
    assert value(best) > value(alone[0])
    (kept,) = render("b", candidates=4)
    assert read_recipe(kept.path).seed == read_recipe(best.path).seed
    # Both are batches of four, of which every place gives the same samples.
    assert np.array_equal(read(kept), read(best))
    assert kept.heard == best.heard


def test_candidates_of_several_takes_have_seeds_in_turn(render: Render) -> None:
    alone = render(count=4)
    takes = render("b", count=2, candidates=2)
    for first, take in zip((0, 2), takes, strict=True):
        best = max(alone[first : first + 2], key=value)
        assert np.array_equal(read(take), read(best))
    assert [recipe.index for recipe in recipes(takes)] == [0, 1]


def test_a_recipe_renders_the_kept_candidate_again_without_listening(render: Render) -> None:
    takes = render(count=2, candidates=2)
    for recipe, take in zip(recipes(takes), takes, strict=True):
        assert recipe.request.keep is not None
        assert recipe.seed == 7 + 2 * recipe.index + recipe.request.keep
        again = render(f"again{recipe.index}", listener=None, **recipe.request.model_dump())
        assert np.array_equal(read(again[recipe.index]), read(take))
        assert read_recipe(again[recipe.index].path).seed == recipe.seed


def test_an_interrupted_job_keeps_its_choices(render: Render) -> None:
    takes = render(count=2, candidates=2)
    before = [read(take) for take in takes]
    stamps = [take.path.stat().st_mtime_ns for take in takes]
    takes[1].path.unlink()
    assert render(count=2, candidates=2) == takes
    assert takes[0].path.stat().st_mtime_ns == stamps[0]
    assert np.array_equal(read(takes[1]), before[1])
    assert render(count=2, candidates=2) == takes
    with pytest.raises(BridgeError, match="already there"):
        render(count=2, candidates=2, keep=1 - (read_recipe(takes[0].path).request.keep or 0))


def test_of_an_arrangement_the_whole_is_chosen(render: Render) -> None:
    values = ARRANGED
    takes = render(candidates=2, **values)
    found = recipes(takes)
    (keep,) = {recipe.request.keep for recipe in found}
    assert keep is not None
    assert [recipe.seed for recipe in found] == [7 + 2 * keep + index for index in range(3)]
    assert np.abs(read(takes[0]) + read(takes[1]) - read(takes[2])).max() < 1e-3
    both = [render(f"c{number}", candidates=2, keep=number, **values) for number in range(2)]
    assert all(np.array_equal(read(one), read(two)) for one, two in zip(takes, both[keep], strict=True))
    means = [np.mean([share for take in made for share in shares(take.heard)]) for made in both]
    assert keep == int(np.argmax(means))
    assert keep != 0  # as it would be if nobody listened


def test_an_interrupted_arrangement_is_finished_from_one_candidate(render: Render) -> None:
    chosen = render(candidates=2, **ARRANGED)
    keep = read_recipe(chosen[0].path).request.keep
    assert keep != 0
    audio = [read(take) for take in chosen]
    for take in chosen[1:]:
        take.path.unlink()
    # Without a listener, as with another one, the choice would be another.
    again = render(listener=None, candidates=2, **ARRANGED)
    assert {recipe.request.keep for recipe in recipes(again)} == {keep}
    assert all(np.array_equal(read(take), was) for take, was in zip(again, audio, strict=True))


@pytest.mark.parametrize(
    "values",
    [
        {"verb": "vary", "strength": 0.5},
        {"verb": "interpolate", "strength": 0.5},
        {"verb": "inpaint", "from_seconds": 0.25, "to_seconds": 0.75},
        {"verb": "outpaint"},
        {"verb": "outpaint", "side": "before"},
    ],
    ids=["vary", "interpolate", "inpaint", "outpaint after", "outpaint before"],
)
def test_every_verb_is_heard_where_it_is_new(
    render: Render, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = render("source")
    sources = (source.path,) * (2 if values["verb"] == "interpolate" else 1)
    asked: list[Any] = []
    whole = TakeListener.heard

    def heard(self: TakeListener, *given: Any) -> HeardTake:
        from bridge.worker.hearing import asked_of

        asked.append(asked_of(*given[2:]))
        return whole(self, *given)

    monkeypatch.setattr(TakeListener, "heard", heard)
    notes = {"keys": ((0.0, 1.0, 60, 80), (2.0, 3.0, 64, 80))}
    painting = {"source_notes": notes} if values["verb"] in ("inpaint", "outpaint") else {}
    (take,) = render(sources=sources, candidates=2, **({"part": "keys"} | painting | values))
    assert take.heard is not None
    assert take.heard.chords is not None
    if painting:
        assert take.heard.onsets is not None
    expected = {"inpaint": (0.25, 0.75), "outpaint": (1.0, 2.0)}.get(values["verb"], (0.0, 1.0))
    if values.get("side") == "before":
        expected = (0.0, 1.0)
    assert len(asked) == 2
    for one in asked:
        ((start, end),) = one.spans
        assert (start, end) == pytest.approx(expected, abs=1e-3)
        assert min(beat.seconds for beat in one.beats) == pytest.approx(
            1.0 if values == {"verb": "outpaint"} else 0.0, abs=1e-3
        )


def test_an_edit_is_heard_in_its_bars(render: Render) -> None:
    (source,) = render("source", bars=2.0, seconds=2.0)
    (take,) = render(
        sources=(source.path,), bars=2.0, seconds=2.0, verb="inpaint", renew_bars="2", candidates=2,
        part="keys", notes=((0.0, 1.0, 60, 80), (4.0, 5.0, 64, 80), (6.0, 7.0, 67, 80)),
        note_parts=("keys",) * 3,
    )  # fmt: skip
    assert take.heard is not None
    assert take.heard.onsets is not None
    assert np.array_equal(read(take)[:, :44_000], read(source)[:, :44_000])
