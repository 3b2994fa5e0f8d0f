"""Recipes: whole, readable from the take alone, and silent about whose machine it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.library.recipes import read_recipe
from bridge.library.takes import Library
from bridge.messages import BridgeError
from tests.bridge.files import drop_take, write_audio
from tests.bridge.render_requests import make_job, make_recipe


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "Müsik" / "Msanii")
    yield opened
    opened.close()


def test_no_recipe_shows_a_path_or_a_name_of_this_machine(library: Library, tmp_path: Path) -> None:
    source = library.keep_source(str(write_audio(tmp_path / "in.wav")), None)
    path = drop_take(library.allocate_names(make_job("a"))[0], make_recipe(verb="vary", source=source))
    told = path.with_suffix(".json").read_text("utf-8") + path.read_bytes().decode("latin-1")
    for private in (str(tmp_path), str(Path.home()), os.uname().nodename if hasattr(os, "uname") else "/"):
        assert private == "/" or private not in told


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format_version": 2}', "\x00\xff", "[" * 100_000])
def test_what_is_no_recipe_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text, encoding="utf-8")
    with pytest.raises(BridgeError, match="no recipe that this version reads") as caught:
        read_recipe(tmp_path / "r.json")
    assert caught.value.code == "source"


def test_a_recipe_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    values = make_recipe().model_dump(mode="json") | {"path": "/home/somebody"}
    (tmp_path / "r.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(BridgeError, match="path"):
        read_recipe(tmp_path / "r.json")


@pytest.mark.parametrize("index", [1, 99])
def test_a_recipe_of_a_take_that_its_batch_does_not_have_is_refused(tmp_path: Path, index: int) -> None:
    values = make_recipe().model_dump(mode="json") | {"index": index}
    (tmp_path / "r.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(BridgeError, match=f"`index`: got {index}, expected 0 to 0") as caught:
        read_recipe(tmp_path / "r.json")
    assert caught.value.code == "source"
