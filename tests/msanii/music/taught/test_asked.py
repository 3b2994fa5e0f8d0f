"""Sounds as people ask for them."""

from __future__ import annotations

import pytest

from msanii.errors import ScoreError
from msanii.music.score_request import ScoreRequest
from msanii.music.taught.asked import (
    Share,
    TaughtRef,
    asked_names,
    check_name,
    pins_in,
    read_asked,
    read_sounds,
    with_pins,
    without_pins,
)

JUNO, DX = TaughtRef("a" * 64, "warm pad"), TaughtRef("b" * 64, "electric piano")
TAUGHT = {"my juno": JUNO, "dx keys": DX}


def test_a_taught_sound_stands_in_the_place_of_the_built_in_one_that_it_is_like() -> None:
    (asked,) = read_asked("My_Juno", TAUGHT)
    assert (asked.text, asked.like) == ("my juno", "warm pad")
    assert asked.mix == (Share("a" * 64, "warm pad", 1.0),)


@pytest.mark.parametrize("text", ["my juno:0.7", " My-Juno : .7 "])
def test_a_strength_stands_behind_a_colon(text: str) -> None:
    (asked,) = read_asked(text, TAUGHT)
    assert asked.mix[0].share == 0.7
    assert asked.text == "my juno:0.7"


def test_a_mix_has_shares_and_the_largest_taught_one_says_what_it_is_like() -> None:
    (asked,) = read_asked("my juno:0.4 + dx keys:0.6", TAUGHT)
    assert [share.share for share in asked.mix] == [0.4, 0.6]
    assert asked.like == "electric piano"
    (louder,) = read_asked("organ:0.9 + my juno:0.1", TAUGHT)
    assert louder.like == "warm pad"
    assert louder.mix[0] == Share("", "organ", 0.9)


def test_shares_above_one_in_all_are_scaled_to_one() -> None:
    (asked,) = read_asked("my juno + dx keys", TAUGHT)
    assert [share.share for share in asked.mix] == [0.5, 0.5]


def test_commas_part_sounds_and_built_in_ones_have_no_mix() -> None:
    assert [bool(asked.mix) for asked in read_asked("strings, my juno:0.5,", TAUGHT)] == [False, True]
    assert read_sounds("strings, my juno", TAUGHT) == ("strings", "warm pad")


def test_a_sound_that_was_taught_before_a_model_had_its_name_stays_the_one_that_is_asked_for() -> None:
    (asked,) = read_asked("clav", {"clav": JUNO})
    assert (asked.text, asked.like, asked.mix) == ("clav", "warm pad", (Share("a" * 64, "warm pad", 1.0),))
    assert read_sounds("clav") == ("clav",)


def test_an_unknown_sound_is_refused_with_built_in_and_taught_names_and_a_hint() -> None:
    with pytest.raises(ScoreError, match=r"got 'my jun'.*strings.*my juno.*did you mean `my juno`\?"):
        read_asked("my jun", TAUGHT)


@pytest.mark.parametrize(
    "text", ["my juno:2", "my juno:0", "my juno:-1", "my juno:loud", "my juno:", "my juno:nan", "my juno:1e3"]
)
def test_a_strength_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="expected a strength above 0 and up to 1"):
        read_asked(text, TAUGHT)


@pytest.mark.parametrize("text", ["strings:0.5", "strings + organ"])
def test_built_in_sounds_alone_have_no_strengths_and_mixes(text: str) -> None:
    with pytest.raises(ScoreError, match="expected a taught sound in it"):
        read_asked(text, TAUGHT)


def test_a_mix_of_five_is_refused() -> None:
    with pytest.raises(ScoreError, match="at most 4"):
        read_asked("+".join(["my juno:0.1"] * 5), TAUGHT)


@pytest.mark.parametrize("text", ["+", "my juno +", "my juno + + organ"])
def test_a_gap_in_a_mix_is_refused(text: str) -> None:
    with pytest.raises(ScoreError, match="got ''"):
        read_asked(text, TAUGHT)


def test_pins_go_into_a_text_and_out_again() -> None:
    text = with_pins("my juno:0.6 + dx keys:0.4, strings", TAUGHT)
    assert pins_in(text) == {"my juno": "a" * 12, "dx keys": "b" * 12}
    assert without_pins(text).replace(" ", "") == "myjuno:0.6+dxkeys:0.4,strings"
    assert asked_names(text) == ("my juno", "dx keys", "strings")
    assert with_pins(text, TAUGHT) == text


@pytest.mark.parametrize("name", ["My Juno-60", "orgel größer", "dx7"])
def test_names_of_letters_digits_and_spaces_are_taken(name: str) -> None:
    assert check_name(name) == name.lower().replace("-", " ")


@pytest.mark.parametrize(
    "name", ["", "  ", "a,b", "a+b", "a:b", "../a", "a\nb", "a@b", "x" * 41, "0.5", "7", "nul", "*"]
)
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(ScoreError, match="name:"):
        check_name(name)


def test_a_built_in_name_is_refused() -> None:
    with pytest.raises(ScoreError, match="`warm pad` is a built-in sound"):
        check_name("Warm_Pad")


def test_a_score_has_the_mixes_beside_the_sounds_and_none_without_taught_ones() -> None:
    score = ScoreRequest(sound="strings, my juno:0.5", taught=TAUGHT).score(bars=1)
    assert score.sounds == ("strings", "warm pad")
    assert [len(mix) for mix in score.mixes] == [0, 1]
    assert ScoreRequest(sound="strings", taught=TAUGHT).score(bars=1).mixes == ()
