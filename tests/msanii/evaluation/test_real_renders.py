"""Scores played by the instruments of training data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from msanii.data import synthesizer
from msanii.errors import DataError
from msanii.evaluation.real_renders import render_real
from msanii.metrics.harmony import onset_seconds
from msanii.music.score import Note, Score, make_score
from tests.conftest import missing, need

RATE = 44_100


def score_on(sound: str, seconds: float = 1.5) -> Score:
    notes = tuple(
        Note(onset_seconds=onset, end_seconds=onset + 0.2, pitch=45, velocity=127) for onset in (0.3, 0.8)
    )
    return replace(
        make_score(seconds=seconds, bpm=120, chords="Am", part="bass"), sounds=(sound,), notes=notes
    )


def test_a_synthesizer_plays_the_notes_of_a_score() -> None:
    audio = render_real(score_on("saw bass"), Path("no font is needed"), seed=1)
    assert audio.shape == (2, round(1.5 * RATE))
    assert np.abs(audio).max() <= 0.98
    found = onset_seconds(audio, RATE)
    assert np.abs(found[:, None] - np.array([0.3, 0.8])).min(axis=0).max() < 0.03
    np.testing.assert_array_equal(audio, render_real(score_on("saw bass"), Path(), seed=1))
    assert not np.array_equal(audio, render_real(score_on("saw bass"), Path(), seed=2))


def test_a_sound_of_the_font_is_played_by_fluidsynth() -> None:
    need("fluidsynth")
    try:
        font = synthesizer.find_soundfont()
    except DataError as error:
        missing(str(error))
    first, again = (render_real(score_on("finger bass"), font, seed) for seed in (1, 2))
    # The default model's sounds are dry, whatever the seed.
    np.testing.assert_array_equal(first, again)
    assert np.abs(first[:, : round(0.25 * RATE)]).max() < 1e-3
    assert 0.05 < np.abs(first).max() <= 0.98
