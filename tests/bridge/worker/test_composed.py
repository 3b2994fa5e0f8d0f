"""Takes that are composed first: notes in the recipe and in a MIDI file, and the take again from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.library.recipes import LARGEST_RECIPE_BYTES, Recipe, read_recipe
from bridge.messages import BridgeError, RenderRequest, TakeReady
from bridge.requests.parts import with_parts
from bridge.requests.preset_folders import Presets
from bridge.settings import factory_presets_folder
from bridge.worker.loop import Answer, Order, WorkerSettings
from bridge.worker.process import PipelineRenderer
from msanii.composer.grooves.library import shipped_grooves_folder
from msanii.limits import MOST_NOTES
from msanii.music.note_files import read_notes
from tests.bridge.render_requests import make_recipe, make_request

QUICK = {
    "steps": 2,
    "iterations": 2,
    "bpm": 240.0,
    "bars": 1.0,
    "seconds": 1.0,
    "model": "tiny",
    "chords": "Am",
}


@pytest.fixture(scope="module")
def renderer() -> PipelineRenderer:
    return PipelineRenderer(WorkerSettings(device="cpu"))


def render(
    renderer: PipelineRenderer, model: Path, folder: Path, name: str, **values: Any
) -> list[TakeReady]:
    request = with_parts(make_request(**(QUICK | values)))
    paths = tuple(folder / f"{name}_{index}.wav" for index in request.takes)
    events: list[Answer] = []
    renderer.render(Order(name, request, model, (), paths, folder / "grooves"), events.append, lambda: None)
    return [event for event in events if isinstance(event, TakeReady)]


def test_the_midi_file_beside_a_take_holds_the_notes_of_its_recipe(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    takes = render(renderer, tiny_model, tmp_path, "a", part="pad", count=2, seed=3)
    assert [take.midi for take in takes] == [tmp_path / "a_0.mid", tmp_path / "a_1.mid"]
    for take in takes:
        clip, recipe = read_notes(tmp_path / f"a_{take.index}.mid"), read_recipe(take.path)
        assert clip.parts == recipe.notes
        assert (clip.bpm, clip.length_beats) == (240.0, 4.0)
        assert recipe == read_recipe(take.path.with_suffix(".json"))
    # A take that an interrupted attempt has finished is found with its notes.
    assert render(renderer, tiny_model, tmp_path, "a", part="pad", count=2, seed=3) == takes


def test_every_part_has_its_midi_file_and_the_mix_one_of_all(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    takes = render(
        renderer, tiny_model, tmp_path, "a", parts="bass,pad,drums", sound="synth bass,choir,drum kit"
    )
    clips = [read_notes(take.path.with_suffix(".mid")).parts for take in takes]
    recipe = read_recipe(takes[0].path)
    assert clips == [{part: recipe.notes[part]} for part in ("bass", "pad", "drums")] + [recipe.notes]
    assert all(read_recipe(take.path).notes == recipe.notes for take in takes)


def test_off_and_recipes_of_before_play_freely_and_sound_as_they_did(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    (free,) = render(renderer, tiny_model, tmp_path, "free", compose="off", part="bass")
    assert free.midi is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["free_0.json", "free_0.wav"]
    old = read_recipe(free.path).model_dump()
    for name in ("compose", "style"):
        del old["request"][name]
    del old["notes"]
    request = Recipe(**old).request
    assert request.compose == "off"
    values = {name: value for name, value in request.model_dump().items() if name != "model"}
    (again,) = render(renderer, tiny_model, tmp_path, "again", **values)
    (composed,) = render(renderer, tiny_model, tmp_path, "composed", part="bass")
    heard = [soundfile.read(take.path)[0] for take in (free, again, composed)]
    assert np.array_equal(heard[0], heard[1])
    assert not np.array_equal(heard[0], heard[2])


def test_the_parts_that_a_users_notes_leave_out_are_composed(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    mine = ((0.0, 4.0, 57, 80),)
    takes = render(
        renderer, tiny_model, tmp_path, "a", parts="keys,pad", notes=mine, note_parts=("keys",), chords="Dm"
    )
    notes = read_recipe(takes[-1].path).notes
    assert notes["keys"] == mine
    assert {note[2] % 12 for note in notes["pad"]} == {2, 5, 9}


@pytest.mark.parametrize("name", ["paper", "long_form"])
def test_the_papers_way_is_not_composed(name: str, tmp_path: Path) -> None:
    assert Presets(factory_presets_folder(), tmp_path).get(name).values["compose"] == "off"


def test_a_recipe_with_all_the_notes_that_it_may_hold_can_be_read(tmp_path: Path) -> None:
    notes = tuple((index + 0.666667, index + 123.456789, 100, 100) for index in range(MOST_NOTES))
    recipe = make_recipe(notes=notes).model_copy(update={"notes": {"keys": notes}})
    path = tmp_path / "a.json"
    path.write_text(recipe.readable(), encoding="utf-8")
    assert path.stat().st_size < LARGEST_RECIPE_BYTES
    assert read_recipe(path) == recipe
    assert "\n      [0.666667, 123.456789, 100, 100]" in recipe.readable()
    with pytest.raises(ValueError, match=f"`notes`: got {MOST_NOTES + 1}"):
        Recipe(**(recipe.model_dump() | {"notes": {"keys": notes, "pad": notes[:1]}}))


def test_more_notes_than_a_recipe_holds_are_refused_before_they_are_rendered(
    renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path
) -> None:
    values = {"bars": 1000.0, "bpm": 999.0, "seconds": 240_000 / 999, "chords": "Am9:1 F9:1"}
    with pytest.raises(
        BridgeError, match=f"compose: 32000 notes in 1000 bars, expected at most {MOST_NOTES}"
    ):
        render(renderer, tiny_model, tmp_path, "a", parts="pad,pad", **values)
    assert not list(tmp_path.iterdir())


def test_a_request_without_the_fields_is_one_of_before() -> None:
    values = make_request().model_dump()
    del values["compose"]
    assert make_request().compose == "auto"
    assert RenderRequest(**values).compose == "off"


def test_a_groove_of_the_user_is_played(renderer: PipelineRenderer, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "grooves").mkdir()
    shipped = (shipped_grooves_folder() / "straight_rock.yaml").read_text("utf-8")
    (tmp_path / "grooves" / "my_own.yaml").write_text(shipped, encoding="utf-8")
    takes = [
        render(renderer, tiny_model, tmp_path, style, part="drums", style=style)[0]
        for style in ("my_own", "straight_rock", "train_beat")
    ]
    mine, same, other = (read_recipe(take.path).notes for take in takes)
    assert mine == same != other
