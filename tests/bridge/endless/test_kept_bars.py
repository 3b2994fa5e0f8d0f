"""Kept bars: the audio that was played, and a recipe that leads to it again, to the sample."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.audio_child.protocol import TakeFile
from bridge.cli.render_bars import rerender_endless
from bridge.endless.kept_bars import find_past, keep_past, pasts_folder, write_kept
from bridge.endless.session import PAST_EVERY_BARS, EndlessSession
from bridge.endless.turns import Turns
from bridge.library.bar_recipes import EndlessRecipe, find_endless_recipe
from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError
from bridge.messages.bars import BarOrder
from bridge.settings import Settings
from bridge.stage.decks import take_file
from bridge.worker.loop import WorkerSettings
from bridge.worker.process import PipelineRenderer
from msanii.music.note_files import read_notes
from tests.bridge.endless_bench import RATE, at_work
from tests.bridge.render_requests import make_recipe, make_request

QUICK: dict[str, Any] = {
    "steps": 1, "iterations": 1, "bpm": 480.0, "bars": 1.0, "seconds": 0.5, "model": "tiny", "seed": 3,
}  # fmt: skip
EDITED = make_request(**QUICK).model_dump(mode="json")


def test_kept_bars_are_what_was_played(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 3)
            with pytest.raises(BridgeError, match="has played no bar yet"):
                await bench.ask("endless/keep", 1, 2)
            await bench.has(0, 1, 2)
            bench.endless.bar_began(1, 2)
            _, deck, path, first, bars, has_recipe = await bench.ask("endless/keep", 1, 2)
            assert (deck, first, bars, has_recipe) == (1, 1, 2, 1)
            audio, rate = soundfile.read(path)
            assert rate == RATE
            assert len(audio) == RATE
            np.testing.assert_allclose(audio[[0, -1], 0], [0.001, 0.002], atol=1e-6)
            assert take_file(Path(path)) == TakeFile(Path(path), 111.0, 8.0)
            # The chain began with bar 0, from nothing, and the recipe lies inside the file too.
            recipe = find_endless_recipe(Path(path))
            assert recipe is not None
            assert recipe == find_endless_recipe(Path(path).with_suffix(".json"))
            assert (recipe.made, recipe.past) == ((0, 1, 2), "")

    asyncio.run(story())


def test_what_a_chain_begins_with_goes_to_the_library_by_its_hash(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as bench:
            await bench.ask("endless/start", 1, "ahead", 10)
            await bench.has(PAST_EVERY_BARS)
            bench.endless.bar_began(1, PAST_EVERY_BARS)
            _, _, path, *_ = await bench.ask("endless/keep", 1, 1)
            recipe = find_endless_recipe(Path(path))
            assert recipe is not None
            assert recipe.made == (PAST_EVERY_BARS,)
            found = find_past(recipe, tmp_path / "pasts")
            assert found is not None
            bench.endless.close()
            assert float(np.load(found).max()) == pytest.approx((PAST_EVERY_BARS - 1) / 1000)
            text = Path(path).with_suffix(".json").read_text()
            assert str(tmp_path) not in text

    asyncio.run(story())


def played(model: Path, library: Path, bars: int, layout: str = "contiguous") -> tuple[EndlessSession, Path]:
    """A session whose bars a real model has made, the chords and the tempo changed in its midst."""
    folder = library / ".msanii" / "bars"
    folder.mkdir(parents=True)
    renderer = PipelineRenderer(WorkerSettings(device="cpu", threads=1, layout=layout))
    asked = make_request(**QUICK, part="pad", chords="Am F")
    session = EndlessSession("s", 1, asked, {}, folder, model, ahead=3, rate=44_100)
    for bar in range(bars):
        if bar == 3:
            session.change(make_request(**(QUICK | {"bpm": 400.0, "seconds": 0.6}), part="pad", chords="C"))
        order: BarOrder = session.begin()
        session.finished(renderer.render_bar(order))
        session.plays(bar)
    return session, folder


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
def test_kept_bars_come_again_to_the_sample(
    tiny_context_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.setattr("bridge.endless.session.PAST_EVERY_BARS", 2)
    model, library = tiny_context_model, tmp_path / "library"
    session, folder = played(model, library, 5, layout)
    kept = session.last_played(2)
    assert kept.past is not None
    recipe = kept.recipe.model_copy(update={"past": keep_past(kept.past, pasts_folder(library))})
    assert recipe.made == (2, 3, 4)
    assert recipe.first_bar == 3
    assert recipe.layout == layout
    first = write_kept(library, kept.paths, recipe)
    for file in folder.iterdir():
        file.unlink()
    settings = Settings(library=library, models_folder=model.parent, device="cpu")
    said: list[str] = []
    read = find_endless_recipe(first)
    assert read is not None
    again = rerender_endless(read, settings, said.append)
    assert again != first
    one, two = (soundfile.read(path, dtype="int32")[0] for path in (first, again))
    assert len(one) == 2 * round(44_100 * 0.6)  # of the new tempo
    assert np.array_equal(one, two)
    assert not said
    assert find_endless_recipe(again) is not None
    assert first.with_suffix(".mid").read_bytes() == again.with_suffix(".mid").read_bytes()
    clip = read_notes(first.with_suffix(".mid"))
    assert clip.length_beats == 8.0
    assert {note[2] % 12 for note in clip.notes} == {0, 4, 7}  # of the chord that came with bar 3


def test_kept_answers_come_again_to_the_sample_and_the_player_s_bars_silent(
    tiny_context_model: Path, tmp_path: Path
) -> None:
    library, folder = tmp_path / "library", tmp_path / "library" / ".msanii" / "bars"
    folder.mkdir(parents=True)
    renderer = PipelineRenderer(WorkerSettings(device="cpu", threads=1))
    asked = make_request(**QUICK, part="keys", chords="Am F")
    session = EndlessSession(
        "s", 1, asked, {}, folder, tiny_context_model, ahead=3, rate=44_100, turns=Turns(2)
    )
    phrase = tuple((float(beat), beat + 0.9, 60 + beat, 90) for beat in range(8))
    session.plays(-1)
    for bar in range(5):
        if bar == 2:
            session.hears(range(2), phrase, {})
        session.finished(renderer.render_bar(session.begin()))
        session.plays(bar)
    kept = session.last_played(4)
    first = write_kept(library, kept.paths, kept.recipe)
    settings = Settings(library=library, models_folder=tiny_context_model.parent, device="cpu")
    again = rerender_endless(kept.recipe, settings, print)
    one, two = (soundfile.read(path, dtype="int32")[0] for path in (first, again))
    assert np.array_equal(one, two)
    bar_samples = len(one) // 4
    sounds = [np.abs(one[bar * bar_samples : (bar + 1) * bar_samples]).max() > 0 for bar in range(4)]
    assert sounds == [False, True, True, False]


def test_bars_are_composed_to_those_before_and_recipes_of_before_play_freely(
    tiny_context_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = played(tiny_context_model, tmp_path / "library", 4)
    recipe = session.last_played(4).recipe
    assert [len(recipe.notes_of(bar)["pad"]) for bar in recipe.made] == [3, 3, 3, 3]
    assert session.begin().played["pad"] == tuple(
        note for bar in recipe.made for note in recipe.notes_of(bar)["pad"]
    )
    old = recipe.model_dump()
    del old["notes"]
    assert EndlessRecipe(**old).notes_of(2) == {}
    with pytest.raises(ValueError, match="`notes`: got 1 bars, expected the 4"):
        EndlessRecipe(**(old | {"notes": ({},)}))


def whole(**values: Any) -> EndlessRecipe:
    told: dict[str, Any] = {
        "rate": RATE, "first_bar": 1, "bars": 1, "made": (0, 1), "model_name": "tiny",
        "model_fingerprint": "f" * 64, "changes": ({"bar": 0, "request": make_request(**QUICK)},),
    }  # fmt: skip
    return EndlessRecipe(**(told | values))


def test_a_recipe_that_cannot_be_followed_says_why(tiny_model: Path, tmp_path: Path) -> None:
    settings = Settings(library=tmp_path, models_folder=tiny_model.parent, device="cpu")
    for recipe, code, sentence in (
        (whole(model_fingerprint=""), "source", "the model was changed while these bars were made"),
        (whole(), "model", "the recipe needs the model `tiny`, fingerprint ffff"),
        (whole(model_name="gone"), "model", "there is no `gone` here"),
    ):
        with pytest.raises(BridgeError, match=sentence) as caught:
            rerender_endless(recipe, settings, print)
        assert caught.value.code == code
    with pytest.raises(BridgeError, match="the sound before bar 0 is not in this library"):
        find_past(whole(past="0" * 64), tmp_path)
    (tmp_path / f"{'0' * 64}.npz").write_bytes(b"another")
    with pytest.raises(BridgeError, match="the sound before bar 0 is damaged"):
        find_past(whole(past="0" * 64), tmp_path)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"made": [1, 0]}, "`made`"),
        ({"made": [0]}, "`made`"),
        ({"made": []}, "made"),
        ({"bars": 2}, "`bars`"),
        ({"changes": [{"bar": 1, "request": make_request().model_dump(mode="json")}]}, "`changes`"),
        ({"past": "../../secret"}, "past"),
        ({"rate": 0}, "rate"),
        ({"extra": 1}, "extra"),
        ({"changes": [{"bar": 0, "request": EDITED | {"denominator": 0}}]}, "`denominator`"),
        ({"changes": [{"bar": 0, "request": EDITED | {"bpm": 1e-9}}]}, "`bpm`"),
        ({"changes": [{"bar": 0, "request": EDITED | {"bpm": float("nan")}}]}, "bpm"),
    ],
)
def test_a_damaged_recipe_is_refused(tmp_path: Path, values: dict[str, object], sentence: str) -> None:
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({"endless": whole().model_dump(mode="json") | values}))
    with pytest.raises(BridgeError, match=sentence) as caught:
        find_endless_recipe(path)
    assert caught.value.code == "source"


def test_other_recipes_are_left_to_others(tmp_path: Path) -> None:
    take = tmp_path / "take.json"
    take.write_text(make_recipe().readable())
    assert find_endless_recipe(take) is None
    take.write_text("no JSON")
    assert find_endless_recipe(take) is None
    with pytest.raises(BridgeError, match="cannot be read"):
        find_endless_recipe(tmp_path / "gone.json")
    kept = tmp_path / "kept.json"
    kept.write_text(whole().readable())
    with pytest.raises(BridgeError, match="no recipe that this version reads"):
        read_recipe(kept)


def test_a_deck_knows_the_tempo_of_kept_bars_unless_it_was_changed_amid_them(tmp_path: Path) -> None:
    changes = [
        {"bar": bar, "request": make_request(bpm=bpm, seconds=180 / bpm, numerator=3, denominator=4)}
        for bar, bpm in ((0, 90.0), (2, 120.0), (4, 120.5))
    ]
    path = tmp_path / "kept.wav"
    for first, bars, known in ((2, 2, (120.0, 6.0)), (0, 2, (90.0, 6.0)), (2, 3, (None, None))):
        made = tuple(range(first + bars))
        recipe = whole(first_bar=first, bars=bars, made=made, changes=changes)
        path.with_suffix(".json").write_text(recipe.readable())
        assert take_file(path) == TakeFile(path, *known)
    damaged = recipe.readable().replace('"bpm": 120.5', '"bpm": 0')
    path.with_suffix(".json").write_text(damaged)
    assert take_file(path) == TakeFile(path)


def test_a_library_that_cannot_be_written_is_a_sentence_and_leaves_no_half_file(tmp_path: Path) -> None:
    past = tmp_path / "past.npz"
    past.write_bytes(b"sound")
    (tmp_path / "library").write_text("a file where a folder should be")
    with pytest.raises(BridgeError, match="make it writable") as caught:
        keep_past(past, tmp_path / "library" / "pasts")
    assert caught.value.code == "folder"
    with pytest.raises(BridgeError, match="the sound before the kept bars cannot be read"):
        keep_past(tmp_path / "gone.npz", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["library", "past.npz"]
