"""Composed pieces beside real ones: plans of test songs, the classifier, phrases, and the rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from msanii.composer.melodic.grid_song import load_songs, save_songs
from msanii.composer.plan import Notes, Plan
from msanii.data.pop909 import FIRST_TEST_SONG
from msanii.errors import DataError
from msanii.evaluation.bar_classifier import share_told_apart
from msanii.evaluation.composed import Piece, composed_pieces, plan_of, read_test_songs
from msanii.evaluation.phrases import PhraseComposer
from msanii.evaluation.rows.compose import compose_rows, match_rows
from msanii.metrics.melody_match import corpus, intervals
from tests.msanii.composer.melodic.songs import grid_song


def as_real(shift: int = 0) -> list[Piece]:
    """Pieces that are composed as they are, but for a transposition."""

    def copied(plan: Plan, seed: int) -> Mapping[str, Notes]:
        return {}

    pieces = composed_pieces(read_test_songs(), 16, 0, copied)
    up = np.array([0, 0, shift, 0])
    moved = [{part: notes + up for part, notes in piece.real.items()} for piece in pieces]
    return [
        Piece(plan=piece.plan, real=piece.real, composed=notes)
        for piece, notes in zip(pieces, moved, strict=True)
    ]


def test_the_shipped_songs_are_test_songs_as_they_are() -> None:
    songs = read_test_songs()
    assert len(songs) == 29
    assert all(song.number >= FIRST_TEST_SONG and song.is_plain for song in songs)


def test_a_plan_has_the_song_s_chords() -> None:
    plan = plan_of(grid_song(bars=16), 1, 4)
    assert [span.chord.root for span in plan.chord_spans()] == [7, 0, 7, 0]
    assert plan.chord_at(5.0).tones == frozenset({0, 4, 7})
    assert (plan.bars, plan.bpm) == (4, 100.0)


def test_real_music_reaches_every_row_and_random_notes_few() -> None:
    melodies = corpus([intervals([60, 62, 64, 65, 67, 69, 71, 72])])
    rows = compose_rows(as_real(), melodies, 0)
    missed = [row.name for row in rows if row.reached is False]
    assert missed == []
    random = np.random.default_rng(0)
    pieces = []
    for piece in as_real():
        notes = {part: found.copy() for part, found in piece.real.items()}
        for found in notes.values():
            found[:, 2] = random.integers(50, 90, len(found))
        pieces.append(Piece(plan=piece.plan, real=piece.real, composed=notes))
    missed = [row.name for row in compose_rows(pieces, melodies, 0) if row.reached is False]
    for name in (
        "keys: share of chord tones on beats",
        "lead: share of steps",
        "lead: bars told from real ones",
    ):
        assert f"composed {name}" in missed


def test_the_classifier_guesses_at_the_same_music_and_knows_other_music() -> None:
    assert share_told_apart(as_real(), "lead", 0) == 0.5
    # Empty bars stay alike.
    assert share_told_apart(as_real(shift=24), "lead", 0) > 0.8
    assert np.isnan(share_told_apart(as_real()[:2], "lead", 0))


def test_a_copied_melody_is_found() -> None:
    pieces = as_real()
    copied = [
        Piece(plan=piece.plan, real={"lead": piece.real["lead"][:4]}, composed=piece.real) for piece in pieces
    ]
    known = corpus(intervals([int(pitch) for pitch in piece.real["lead"][:, 2]]) for piece in pieces)
    (row,) = match_rows(copied, known)
    assert row.reached is False


def test_phrases_of_songs_are_fitted_to_other_chords() -> None:
    composer = PhraseComposer([grid_song(1), grid_song(2)])
    plan = plan_of(grid_song(3), 0, 8)
    higher = Plan(bars=8, parts=plan.parts, chords=tuple(
        type(span)(start_beats=span.start_beats, end_beats=span.end_beats, chord=span.chord.transposed(2))
        for span in plan.chords
    ))  # fmt: skip
    for each in (plan, higher):
        notes = composer(each, 0)["keys"]
        assert len(notes) == 32
        assert all(pitch % 12 in each.chord_at(start).tones for start, _, pitch, _ in notes)
        assert notes == composer(each, 0)["keys"]


def test_songs_come_back_from_their_file_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "songs.npz"
    save_songs([grid_song(1), grid_song(2, bars=5, bar_beats=3.0)], path)
    songs, _ = load_songs(path)
    assert [(song.number, song.bars, song.bar_beats) for song in songs] == [(1, 16, 4.0), (2, 5, 3.0)]
    np.testing.assert_array_equal(songs[1].notes["lead"], grid_song(2, bars=5, bar_beats=3.0).notes["lead"])
    np.testing.assert_array_equal(songs[1].chords, grid_song(2, bars=5, bar_beats=3.0).chords)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match="cannot be read as a composer's data"):
        load_songs(path)
    with pytest.raises(DataError, match="cannot be read"):
        load_songs(tmp_path / "none.npz")
