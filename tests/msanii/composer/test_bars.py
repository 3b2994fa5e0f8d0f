"""Endless music: bar after bar, the same from the same notes, on the chords of its place."""

from __future__ import annotations

from typing import Any

import pytest

from msanii.composer.bars import next_bar, turned
from msanii.composer.plan import Notes
from msanii.composer.scores import ScoreComposer
from msanii.music.chords import parse_chords
from msanii.music.score import Score, make_score

COMPOSER = ScoreComposer()


def endless(**values: Any) -> Score:
    asked: dict[str, Any] = {"bars": 1, "bpm": 120, "chords": "Am F C", "part": "pad"}
    return make_score(**(asked | values))


def play(score: Score, bars: int, first: int = 0) -> list[dict[str, Notes]]:
    made: list[dict[str, Notes]] = []
    for bar in range(first, first + bars):
        played: dict[str, Notes] = {}
        for before in made:
            played = {part: (*played.get(part, ()), *notes) for part, notes in before.items()}
        made.append(dict(next_bar(COMPOSER, score, bar, played, seed=3)))
    return made


@pytest.mark.parametrize("part", ["pad", "drums", "bass"])
def test_every_bar_has_its_notes_and_comes_again(part: str) -> None:
    score = endless(part=part)
    made = play(score, 18)
    assert made == play(score, 18)
    for number, bar in enumerate(made):
        assert all(number * 4 <= note[0] < (number + 1) * 4 for note in bar[part])


def test_chords_go_on_from_phrase_to_phrase_also_far_into_a_session() -> None:
    tones = [{9, 0, 4}, {5, 9, 0}, {0, 4, 7}]
    for first in (0, 30_000):
        for number, bar in enumerate(play(endless(), 18, first), start=first):
            assert {note[2] % 12 for note in bar["pad"]} == tones[number % 3]


def test_notes_that_still_ring_are_those_of_the_bar_too() -> None:
    ringing, over = (3.0, 5.0, 60, 80), (2.0, 4.0, 64, 80)
    bar = next_bar(COMPOSER, endless(), 1, {"pad": (over, ringing)}, seed=3)
    assert ringing in bar["pad"]
    assert over not in bar["pad"]


def test_a_silent_bar_has_none() -> None:
    assert next_bar(COMPOSER, endless(chords="N.C."), 0, {}, seed=3) == {}


def test_a_progression_is_turned_to_where_a_phrase_begins() -> None:
    spans = turned(parse_chords("Am:3 F:5"), 17)
    assert [(span.start_beats, span.end_beats, span.chord.text) for span in spans] == [
        (0, 2, "Am"), (2, 7, "F"), (7, 8, "Am"),
    ]  # fmt: skip
    assert turned((), 4) == ()
