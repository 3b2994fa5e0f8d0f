"""Scores get notes: which parts are written, to what, and what a MIDI file can hold of it."""

from __future__ import annotations

from typing import Any

import pytest

from msanii.composer import scores
from msanii.composer.compose import compose
from msanii.composer.plan import Notes, Plan
from msanii.composer.scores import ScoreComposer, parts_of, playable
from msanii.errors import ScoreError
from msanii.limits import MOST_NOTES
from msanii.music.note_files import parse_notes, score_notes
from msanii.music.score import Score, make_score


def am_f(**values: Any) -> Score:
    asked: dict[str, Any] = {"bars": 2, "bpm": 97.3, "chords": "Am F", "part": "keys"}
    return make_score(**(asked | values))


def test_a_score_shows_the_notes_that_it_lists_and_its_midi_file_holds_them() -> None:
    played = ScoreComposer().with_notes(am_f(), 7)
    assert played.score.notes == score_notes(played.notes["keys"], 97.3)
    assert played.score.in_quarters(played.score.notes) == played.notes["keys"]
    data = played.midi()
    assert data is not None
    clip = parse_notes(data, "a.mid")
    assert clip.parts == played.notes
    assert (clip.bpm, clip.length_beats) == (97.3, 8.0)
    assert ScoreComposer().with_notes(am_f(), 7) == played
    assert ScoreComposer().with_notes(am_f(), 8) != played


def test_what_has_notes_keeps_them() -> None:
    score = am_f(notes=score_notes([(0.0, 1.0, 60, 80)], 97.3))
    played = ScoreComposer().with_notes(score, 7)
    assert played.score is score
    assert played.notes == {"keys": ((0.0, 1.0, 60, 80),)}


@pytest.mark.parametrize(
    ("part", "sounds", "parts"),
    [
        ("lead", ("strings",), ("lead",)), ("", (), ("keys",)), ("", ("strings",), ("pad",)),
        ("", ("marimba", "choir"), ("keys",)), ("", ("drum kit",), ("drums",)),
        ("", ("synth bass",), ("bass",)), ("mix", (), ("keys", "bass", "lead")),
    ],
)  # fmt: skip
def test_the_part_to_write_follows_from_part_and_sound(
    part: str, sounds: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    assert parts_of(am_f(part=part, sounds=sounds)) == parts


def test_parts_are_composed_to_those_that_have_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Plan] = []

    def watched(plan: Plan, seed: int, grooves: None) -> dict[str, Notes]:
        seen.append(plan)
        return compose(plan, seed, grooves)

    monkeypatch.setattr(scores, "compose", watched)
    own = score_notes([(0.0, 1.0, 57, 80)], 97.3)
    made = ScoreComposer().arranged(am_f(part=""), ("keys", "keys", "pad"), given=((), own, ()), seed=7)
    assert list(made.notes) == ["keys", "keys_2", "pad"]
    assert made.notes["keys_2"] == ((0.0, 1.0, 57, 80),)
    (plan,) = seen
    assert plan.parts == ("keys", "pad")
    assert plan.given == {"keys_2": made.notes["keys_2"]}
    alone = made.midi("pad")
    assert alone is not None
    assert parse_notes(alone, "a.mid").parts == {"pad": made.notes["pad"]}


def test_notes_of_no_part_go_to_the_first_that_has_pitches() -> None:
    score = am_f(part="", notes=score_notes([(0.0, 1.0, 60, 80)], 97.3))
    made = ScoreComposer().arranged(score, ("drums", "pad", "keys"), seed=7)
    assert made.notes["pad"] == ((0.0, 1.0, 60, 80),)
    assert made.notes["keys"]


def test_without_chords_to_write_from_there_is_no_midi_file() -> None:
    played = ScoreComposer().with_notes(am_f(chords="N.C.", part="pad"), 7)
    assert not played.score.notes
    assert played.midi() is None


def test_notes_lie_on_ticks_and_end_before_their_key_is_struck_again() -> None:
    notes = [(0.0, 2.0, 60, 90), (1.00001, 9.0, 60, 80), (0.5, 0.5, 64, 80), (0.5, 0.7, 64, 90)]
    assert playable(notes, 4.0) == (
        (0.0, 1.0, 60, 90),
        (0.5, round(672 / 960, 6), 64, 90),
        (1.0, 4.0, 60, 80),
    )


def test_notes_ring_over_the_seam_of_a_loop_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "compose", lambda *_: {"keys": ((7.0, 9.5, 60, 80),)})
    assert ScoreComposer(loop=True).with_notes(am_f(), 7).notes["keys"] == ((7.0, 9.5, 60, 80),)
    assert ScoreComposer().with_notes(am_f(), 7).notes["keys"] == ((7.0, 8.0, 60, 80),)


def test_more_notes_than_a_recipe_holds_are_refused_in_words() -> None:
    with pytest.raises(ScoreError, match=f"compose: .* notes in 4500 bars, expected at most {MOST_NOTES}"):
        ScoreComposer().with_notes(am_f(bars=4500, bpm=400, chords="Am7 F7", part="pad"), 7)
