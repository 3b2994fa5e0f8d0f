"""Recipes of packs: what is multiplied, what is drawn, and what is wrong in a musician's words."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bridge.messages import BridgeError
from bridge.pack.planning.known_names import check_known
from bridge.pack.planning.note_range import read_notes
from bridge.pack.planning.plan import MOST_ITEMS, plan
from bridge.pack.planning.recipe import PackRecipe, read_pack_recipe
from bridge.settings import factory_presets_folder
from tests.bridge.pack.recipes import SMALL, written
from tests.conftest import ROOT


def recipe_with(**loops: object) -> PackRecipe:
    base: Mapping[str, Any] = SMALL["loops"]  # type: ignore[assignment]
    return PackRecipe.model_validate({**SMALL, "loops": {**base, **loops}})


def mistakes(tmp_path: Path, content: Mapping[str, object]) -> str:
    with pytest.raises(BridgeError) as error:
        read_pack_recipe(written(tmp_path / "mine.yaml", content))
    assert error.value.code == "value"
    return error.value.message


def test_lists_are_multiplied_and_drums_come_once_for_all_keys_and_chords() -> None:
    items = plan(recipe_with())
    assert [item.labels["part"] for item in items] == ["drums"] + ["keys"] * 4
    assert {(item.values["key"], item.values["chords"]) for item in items[1:]} == {
        (key, chords) for key in ("Am", "Cm") for chords in ("i VI", "i iv")
    }
    assert (items[0].values["key"], items[0].values["chords"]) == ("", "")
    assert len({item.key for item in items}) == 5


def test_a_sample_is_drawn_by_the_seed_and_shared_among_the_parts() -> None:
    seeds = list(range(400))
    drawn = plan(recipe_with(seeds=seeds, sample=100))
    assert [item.key for item in drawn] == [item.key for item in plan(recipe_with(seeds=seeds, sample=100))]
    parts = [item.labels["part"] for item in drawn]
    assert (parts.count("drums"), parts.count("keys")) == (50, 50)
    other = plan(recipe_with(seeds=seeds, sample=100).model_copy(update={"seed": 2}))
    assert [item.key for item in other] != [item.key for item in drawn]
    few = plan(recipe_with(sample=4))
    assert [item.labels["part"] for item in few] == ["drums", "keys", "keys", "keys"], "drums have one alone"


def test_a_product_that_is_far_too_large_is_drawn_from_at_once_but_never_listed() -> None:
    huge: dict[str, Any] = {"seeds": list(range(900)), "tempos": [100 + n / 4 for n in range(256)]}
    assert len(plan(recipe_with(**huge, keys=["Am", "Cm"], sample=10))) == 10
    with pytest.raises(BridgeError, match=rf"expected at most {MOST_ITEMS:,}; shorten the lists, or draw"):
        plan(recipe_with(**huge))


def test_a_name_does_not_change_what_is_made() -> None:
    items, renamed = plan(recipe_with()), plan(recipe_with().model_copy(update={"name": "Other"}))
    assert [item.key for item in items] == [item.key for item in renamed]
    assert items[0].stem != renamed[0].stem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tempo": [120]}, "`loops, tempo`: no such key; did you mean `tempos`?"),
        ({"tempos": [5]}, "`loops, tempos 1`: got 5, expected a number from 20"),
        ({"tempos": [120, "fast"]}, "`loops, tempos 2`: got 'fast', expected a number"),
        ({"tempos": [float("inf")]}, "`loops, tempos 1`: got inf"),
        ({"tempos": []}, "`loops, tempos`: got []"),
        ({"parts": ["kyes"]}, "did you mean `keys`?"),
        ({"sounds": {"bass": ["synth bass"]}}, "got sounds for bass, which is none of `parts`"),
        ({"chords": ["Am F"]}, "expected chords that move with the key; write Roman numerals"),
        ({"keys": ""}, "`keys` is missing: Roman numerals need one"),
        ({"seeds": [-1]}, "`loops, seeds 1`: got -1"),
        ({"sample": 0}, "`loops, sample`: got 0, expected greater than or equal to 1"),
        ({"meter": "four"}, "meter"),
        ({"values": {"bpm": 100}}, "`values`: bpm is given by `tempos`; write it there"),
        ({"values": {"step": 3}}, "did you mean `steps`?"),
        ({"values": {"count": 3}}, "count is decided by the pack; remove it"),
        ({"values": {"strength": 0.5}}, "strength is for music from a source; remove it"),
        ({"values": {"steps": "many"}}, "`steps`: got 'many'"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_to_write(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    content: Any = copy.deepcopy(dict(SMALL))
    content["loops"].update(change)
    if change == {"tempos": [float("inf")]}:
        text = mistakes_of_text(tmp_path, "name: a\nloops:\n  parts: keys\n  tempos: [.inf]\n")
    else:
        text = mistakes(tmp_path, content)
    assert words in text


def mistakes_of_text(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BridgeError) as error:
        read_pack_recipe(tmp_path / "mine.yaml")
    return error.value.message


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = mistakes(tmp_path, {**SMALL, "folder": "part", "check": {"duplicates": 3}, "name": ""})
    assert "`folder`: no such key; did you mean `folders`?" in text
    assert "`check, duplicates`: got 3" in text
    assert "`name`: got ''" in text
    assert text.startswith("`mine.yaml`:")


@pytest.mark.parametrize(
    ("one_shots", "words"),
    [
        ({"part": "keys"}, "`notes` is missing"),
        ({"part": "keys", "notes": "C2 to C1"}, "expected the lower note first"),
        ({"part": "keys", "notes": "C2 to H3"}, "got 'H3'"),
        ({"part": "keys", "notes": "C4", "strokes": ["kick"]}, "these are of drums"),
        ({"part": "drums", "notes": "C4"}, "write `strokes`"),
        ({"part": "drums", "strokes": ["kik"]}, "did you mean `kick`?"),
        ({"part": "drums"}, "`strokes` is missing"),
        ({"part": "mix", "notes": "C4"}, "plays no single notes"),
        ({"part": "keys", "notes": "C4", "velocities": [0]}, "`one_shots 1, velocities 1`: got 0"),
        ({"part": "keys", "notes": "C4", "seconds": 99}, "`one_shots 1, seconds`: got 99"),
        ({"part": "keys", "notes": "C4", "velocity": 3}, "`one_shots 1, velocity`: no such key"),
    ],
)
def test_mistakes_in_one_shots(tmp_path: Path, one_shots: dict[str, object], words: str) -> None:
    assert words in mistakes(tmp_path, {"name": "a", "one_shots": [one_shots]})


def test_a_recipe_of_nothing_is_refused(tmp_path: Path) -> None:
    assert "`loops` and `one_shots` are both missing" in mistakes(tmp_path, {"name": "a"})
    assert "`names`: got '<bmp>', expected one of <pack>" in mistakes(tmp_path, {**SMALL, "names": "<bmp>"})
    assert "expected a name" in mistakes(tmp_path, {**SMALL, "names": "../<bpm>"})


def test_notes_are_a_range_or_a_list() -> None:
    assert read_notes("C2 to C3 every 6") == {"C2": 36, "F#2": 42, "C3": 48}
    assert read_notes("C4, Eb4") == {"C4": 60, "D#4": 63}
    assert read_notes(["A0", 60]) == {"A0": 21, "C4": 60}
    with pytest.raises(ValueError, match="from A0 to C8"):
        read_notes("C9")


def test_a_note_alone_is_asked_on_its_own_root_and_a_stroke_on_no_chord() -> None:
    keys = {"part": "keys", "notes": "C#3", "velocities": [60, 110]}
    drums = {"part": "drums", "strokes": ["kick", "crash"]}
    items = plan(PackRecipe.model_validate({"name": "a", "one_shots": [keys, drums]}))
    assert [item.values["chords"] for item in items] == ["C#5", "C#5", "", ""]
    assert [item.values.get("dynamics") for item in items] == [60, 110, None, None]
    assert [item.pitch for item in items] == [49, 49, 36, 49]
    assert [item.values["bpm"] for item in items] == [20, 20, 120, 60]


def test_chords_that_nobody_can_read_are_found_before_anything_is_rendered() -> None:
    with pytest.raises(BridgeError) as error:
        plan(recipe_with(chords=["i VIII"]))
    assert error.value.code == "chords"


def test_unknown_sounds_and_styles_are_found_before_anything_is_rendered() -> None:
    recipe = recipe_with(styles=["deep_hose"], sounds={"keys": ["gran piano"]})
    with pytest.raises(BridgeError) as error:
        check_known(
            recipe, sounds=("grand piano", "drum kit"), parts=("keys", "drums"), styles=("deep_house",)
        )
    assert "did you mean `deep_house`?" in error.value.message
    assert "did you mean `grand piano`?" in error.value.message


@pytest.mark.parametrize(
    "path", sorted((factory_presets_folder() / "packs").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_recipes_that_come_along_are_good(path: Path) -> None:
    assert 1 <= len(plan(read_pack_recipe(path))) <= 100


def test_seeds_may_be_a_range(tmp_path: Path) -> None:
    assert len(plan(recipe_with(seeds="1 to 20", parts="drums"))) == 20
    content: Any = copy.deepcopy(dict(SMALL))
    content["loops"]["seeds"] = "20 to 1"
    assert "`loops, seeds`: got '20 to 1', expected the lower one first" in mistakes(tmp_path, content)


def test_the_recipe_in_the_readme_is_good(tmp_path: Path) -> None:
    text = (ROOT / "bridge" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^## Sample packs.*?^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "night_bus.yaml").write_text(block, encoding="utf-8")
    kinds = [item.kind for item in plan(read_pack_recipe(tmp_path / "night_bus.yaml"))]
    # 40 drum loops, and 80 of each other part.
    assert (kinds.count("loop"), kinds.count("one-shot")) == (200, 13 * 2 + 3)
