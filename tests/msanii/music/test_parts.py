"""Parsing of parts and their levels."""

from __future__ import annotations

import pytest

from msanii.errors import ScoreError
from msanii.music.parts import levels_of, levels_that_count, part_names, read_levels, read_parts

BAND = ("keys", "bass", "keys")


def test_parts_are_parsed_and_named() -> None:
    assert read_parts("Keys, bass,drums") == ("keys", "bass", "drums")
    assert part_names(BAND) == ("keys", "bass", "keys_2")


@pytest.mark.parametrize("text", ["", " , ", "keys,kazoo", ",".join(["keys"] * 9)])
def test_parts_that_make_no_arrangement_are_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="part"):
        read_parts(text)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("bass 2, keys_2 -3", (0.0, 2.0, -3.0)),
        (" Bass=+2.5 dB,keys: .5", (0.5, 2.5, 0.0)),
        ("bass -24, keys 24", (24.0, -24.0, 0.0)),
        ("", (0.0, 0.0, 0.0)),
    ],
)
def test_levels_are_parsed_in_the_parts_order(text: str, levels: tuple[float, ...]) -> None:
    assert levels_of(text, BAND) == levels


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bass", "level_db: got `bass`, expected a part and a number of dB, such as"),
        ("bass loud", "got `bass loud`"),
        ("bass 2 keys 3", "got `bass 2 keys 3`"),
        ("bass 1.2.3", "got `bass 1.2.3`"),
        ("bass nan", "got `bass nan`"),
        ("bass 24.5", "got 24.5 for bass, expected -24 to 24 dB"),
        ("bass -1e9", "got `bass -1e9`"),
        ("bass " + "9" * 250, "expected -24 to 24 dB"),
        ("bass 2, bass 3", "bass is named twice"),
        ("lead 2", "no part here is called lead, expected one of keys, bass, keys_2"),
        ("keys_3 2", "no part here is called keys_3"),
    ],
)
def test_invalid_levels_are_refused(text: str, words: str) -> None:
    with pytest.raises(ScoreError) as raised:
        levels_of(text, BAND)
    assert words in str(raised.value)
    assert len(str(raised.value)) < 200


def test_levels_of_parts_that_do_not_play_are_left_out() -> None:
    assert levels_that_count("lead -3, keys_2  1.50, keys_3 2", BAND) == "keys_2 1.5"
    assert read_levels(levels_that_count("bass=-3db", BAND)) == {"bass": -3.0}
    with pytest.raises(ScoreError, match="kazoo"):
        levels_that_count("kazoo -3", BAND)
