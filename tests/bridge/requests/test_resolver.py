"""The resolver reads chords once, writes them in one spelling, and refuses what cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.library.takes import Library
from bridge.messages import BridgeError, PartialRequest, Render
from bridge.render.engine import check_renderable, model_sampling, parse_notes, sounds_and_parts
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import factory_presets_folder, load_settings
from msanii.music import chords


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def resolver(library: Library, tmp_path: Path) -> Resolver:
    presets = Presets(factory_presets_folder(), tmp_path / "presets")
    settings = load_settings(None, {"library": str(library.folder)})
    return Resolver(settings, library, presets, parse_notes, sounds_and_parts, model_sampling)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"chords": " Am ,  F| C♯m"}, "Am F|C#m"),
        ({"chords": "ii - V - I", "key": "Eb major"}, "ii V I"),
        ({"chords": ""}, ""),
    ],
)
def test_a_request_holds_its_chords_in_one_spelling(
    resolver: Resolver, values: PartialRequest, text: str
) -> None:
    assert asyncio.run(resolver.resolve(Render("generate", None, values, None), {})).chords == text
    assert asyncio.run(resolver.resolve(Render("generate", None, {}), values)).chords == text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"chords": "Am F X7 G"}, "`X7` in bar 3: not a chord I know; a chord begins with its root, A to G"),
        ({"chords": "ii V I"}, "`ii` in bar 1: a Roman numeral needs a key"),
        ({"chords": "Am", "key": "X"}, "key: got `X`"),
    ],
)
def test_chords_that_cannot_be_read_are_refused(
    resolver: Resolver, values: PartialRequest, sentence: str
) -> None:
    with pytest.raises(BridgeError, match=sentence) as raised:
        asyncio.run(resolver.resolve(Render("generate", None, values, None), {}))
    assert raised.value.code == "chords"


def test_chords_are_parsed_once_on_their_way_to_the_worker(resolver: Resolver, library: Library) -> None:
    before = chords._parsed.cache_info().misses
    ask = Render("generate", None, {"chords": "Dbm9 Gb13 B6/9"})
    check_renderable(asyncio.run(resolver.resolve(ask, {})), library, [])
    assert chords._parsed.cache_info().misses == before + 1
