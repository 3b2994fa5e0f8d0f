"""New bars in a piece whose notes are known, and beside it; the rest keeps its notes."""

from __future__ import annotations

from typing import Any

import pytest

from msanii.composer.continuing import continued, ends_on_bar_line, recomposed
from msanii.composer.scores import ScoreComposer
from msanii.music.note_files import score_notes
from msanii.music.score import Score, make_score

COMPOSER = ScoreComposer()
# A bar each of Am and F, held.
SOURCE = {
    "pad": tuple(
        (beat, beat + 4.0, pitch, 70) for beat, pitch in ((0.0, 57), (0.0, 60), (4.0, 53), (4.0, 57))
    )
}


def score(**values: Any) -> Score:
    asked: dict[str, Any] = {"bars": 2, "bpm": 120, "chords": "Am F", "part": "pad"}
    return make_score(**(asked | values))


def test_only_what_begins_within_the_region_is_new() -> None:
    made = recomposed(COMPOSER, score(bars=None, seconds=4.0, chords="C G"), SOURCE, (2.0, 4.0), seed=1)
    notes = made.whole.notes["pad"]
    assert [note for note in notes if note[0] < 4] == list(SOURCE["pad"][:2])
    assert {note[2] % 12 for note in notes if note[0] >= 4} == {7, 11, 2}
    assert made.shown.in_quarters(made.shown.notes) == notes


@pytest.mark.parametrize("side", ["after", "before"])
def test_new_bars_follow_their_chords_and_the_piece_keeps_its_notes(side: Any) -> None:
    new = score(chords="C G")
    made = continued(COMPOSER, new, SOURCE, source_seconds=4.0, side=side, seed=1)
    notes, begin = made.whole.notes["pad"], 8.0 if side == "after" else 0.0
    kept_at = 8.0 - begin
    kept = tuple((on + kept_at, end + kept_at, *rest) for on, end, *rest in SOURCE["pad"])
    assert tuple(note for note in notes if kept_at <= note[0] < kept_at + 8) == kept
    for bar, tones in ((0, {0, 4, 7}), (1, {7, 11, 2})):
        line = begin + 4 * bar
        assert {note[2] % 12 for note in notes if line <= note[0] < line + 4} == tones
    # The model counts from the first new sample.
    shown = {(round(note.onset_seconds * 2 + begin, 6), note.pitch) for note in made.shown.notes}
    assert shown == {(note[0], note[2]) for note in notes}
    assert made.whole.score.seconds == 8.0


def test_a_score_with_notes_plays_those_after_the_piece() -> None:
    mine = score_notes([(0.0, 1.0, 60, 80)], 120)
    made = continued(COMPOSER, score(notes=mine), SOURCE, source_seconds=4.0, side="after", seed=1)
    assert made.whole.notes == {"pad": (*SOURCE["pad"], (8.0, 9.0, 60, 80))}


@pytest.mark.parametrize(
    ("side", "bars", "source_seconds", "found"),
    [
        ("after", 1.5, 4.0, True),
        ("after", 2, 4.1, False),
        ("before", 2, 4.1, True),
        ("before", 1.5, 4.0, False),
    ],
)
def test_bars_are_known_where_what_comes_first_is_whole(
    side: Any, bars: float, source_seconds: float, found: bool
) -> None:
    assert ends_on_bar_line(score(bars=bars), source_seconds, side) is found
