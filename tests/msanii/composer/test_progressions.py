"""A plan without chords gets some, in its key."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.composer.plan import Plan
from msanii.composer.progressions import MAJOR, MINOR, with_chords
from msanii.errors import ChordError
from msanii.music.chords import Meter, parse_chords

A_MINOR = {9, 11, 0, 2, 4, 5, 7}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("key", ["Am", "A minor", "C"])
def test_chords_are_in_the_key_and_one_a_bar(seed: int, key: str) -> None:
    plan = Plan(bars=4, parts=("keys",), key=key, meter=Meter(numerator=3))
    made = with_chords(plan, np.random.default_rng(seed))
    assert len(made.chords) in (2, 4)
    for number, span in enumerate(made.chords):
        assert (span.start_beats, span.end_beats) == (3 * number, 3 * number + 3)
        assert span.chord.tones <= A_MINOR
        assert parse_chords(span.chord.text)[0].chord.tones == span.chord.tones


def test_every_progression_is_drawn_and_every_key() -> None:
    plan = Plan(bars=4, parts=("keys",))
    made = [with_chords(plan, np.random.default_rng(seed)) for seed in range(400)]
    assert len({plan.chords for plan in made}) > 100
    assert {plan.chords[0].chord.root for plan in made} == set(range(12))
    lengths = {len(text.split()) for text in (*MAJOR, *MINOR)}
    assert {len(plan.chords) for plan in made} == lengths


def test_a_loop_comes_round_to_its_first_chord() -> None:
    for seed in range(40):
        made = with_chords(Plan(bars=2, parts=("bass",), loop=True), np.random.default_rng(seed))
        assert 2 % len(made.chords) == 0


def test_chords_that_are_there_stay_and_drums_need_none() -> None:
    given = Plan(bars=2, parts=("keys",), chords=parse_chords("Am F"))
    random = np.random.default_rng(0)
    assert with_chords(given, random) is given
    drums = Plan(bars=2, parts=("drums",))
    assert with_chords(drums, random) is drums


def test_a_key_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ChordError, match="key"):
        with_chords(Plan(bars=2, parts=("keys",), key="H#x"), np.random.default_rng(0))
