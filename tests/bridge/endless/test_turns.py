"""Turns of a player and a deck, and the phrase that was played in the player's bars."""

from __future__ import annotations

import pytest

from bridge.endless.turns import Turns, answer_values, phrase_notes
from bridge.midi.played_notes import PlayedNote, PlayedNotes
from tests.bridge.render_requests import make_request

FOUR = make_request(bpm=120.0, chords="", key="")


def test_turns_of_two_bars() -> None:
    turns = Turns(2)
    assert [turns.is_answer(bar) for bar in range(8)] == [False, False, True, True] * 2
    assert [turns.begins(bar) for bar in range(4)] == [True, False] * 2
    assert [bar for bar in range(8) if turns.ends_answer(bar)] == [3, 7]
    assert [turns.phrase_before(bar) for bar in (2, 3, 6, 7)] == [
        range(2),
        range(2),
        range(4, 6),
        range(4, 6),
    ]


def test_turns_of_one_bar() -> None:
    turns = Turns(1)
    assert [turns.is_answer(bar) for bar in range(4)] == [False, True] * 2
    assert all(turns.begins(bar) for bar in range(4))
    assert turns.phrase_before(3) == range(2, 3)


def test_notes_lie_where_they_were_played_by_the_lines_of_their_bars() -> None:
    # The tempo was a little slow in bar 4: its line of bar 5 came late.
    lines = {4: 100.0, 5: 102.1}
    played = [PlayedNote(100.5, 60, 90, 101.0), PlayedNote(102.1, 62, 70, 102.6)]
    assert phrase_notes(played, lines, range(4, 6), 4.0, 120.0) == (
        (17.0, 18.0, 60, 90),
        (20.0, 21.0, 62, 70),
    )


@pytest.mark.parametrize(
    ("onset", "wanted"),
    [(-0.05, 0.0), (-0.2, None), (3.9, 7.8), (3.97, None)],
    ids=["early means the line", "before the phrase", "within", "early for the answer"],
)
def test_notes_at_the_ends_of_a_phrase(onset: float, wanted: float | None) -> None:
    notes = phrase_notes([PlayedNote(onset, 60, 90, onset + 0.01)], {0: 0.0}, range(2), 4.0, 120.0)
    assert [note[0] for note in notes] == ([] if wanted is None else [wanted])


def test_a_note_that_is_held_ends_with_the_phrase() -> None:
    held = [PlayedNote(0.0, 60, 90), PlayedNote(1.0, 64, 90, 99.0)]
    assert [note[1] for note in phrase_notes(held, {0: 0.0}, range(1), 4.0, 120.0)] == [4.0, 4.0]


def test_no_phrase_without_a_bar_that_has_begun() -> None:
    assert phrase_notes([PlayedNote(0.0, 60, 90)], {}, range(2), 4.0, 120.0) == ()


def test_an_answer_takes_what_is_open_from_the_phrase() -> None:
    triad = tuple((8.0 + beat, 9.0 + beat, pitch, 100) for beat in range(8) for pitch in (57, 60, 64))
    values = answer_values(FOUR, (), triad, range(2, 4))
    assert values["chords"] == "Am"
    assert values["density"] == pytest.approx(1.0)
    assert values["dynamics"] == 100
    said = make_request(bpm=120.0, chords="F G", density=2.0, register_pitch=50.0, dynamics=60.0)
    assert answer_values(said, ("chords", "density", "register_pitch", "dynamics"), triad, range(2, 4)) == {}
    of_a_preset = answer_values(said, ("dynamics",), triad, range(2, 4))
    assert (of_a_preset["chords"], "dynamics" in of_a_preset) == ("Am", False)


def test_played_notes_are_remembered_with_their_releases() -> None:
    played = PlayedNotes()
    played.press("a", 1, 60, 90, 1.0)
    played.press("a", 1, 60, 80, 2.0)
    played.release("a", 1, 60, 3.0)
    played.release("a", 1, 61, 3.0)
    played.press("b", 1, 64, 70, 4.0)
    played.let_go(5.0)
    assert [(note.onset_seconds, note.end_seconds) for note in played.since(0.0)] == [(1, 2), (2, 3), (4, 5)]
    assert [note.pitch for note in played.since(3.5)] == [64]
