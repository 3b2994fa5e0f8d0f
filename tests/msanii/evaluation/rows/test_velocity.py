"""The table's rows on velocity."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from msanii.data.instruments.table import PALETTE_OF_PART
from msanii.evaluation.real_renders import render_real
from msanii.evaluation.rows.velocity import rows_of_correlations, stroke_score, stroke_scores
from msanii.metrics.tone import rank_correlation
from msanii.metrics.transcription import stroke_levels_db
from msanii.music.palette import PALETTE
from msanii.music.sounds import FIRST_SOUNDS
from tests.msanii.data.instruments.phrases import parts_of_sound

RATE = 44_100


# A sweep pad's filter moves from stroke to stroke.
@pytest.mark.parametrize(
    ("sound", "least"),
    [("saw bass", 0.9), ("square lead", 0.9), ("sweep pad", 0.7), ("tine piano", 0.9), ("909 kit", 0.9)],
)
def test_real_instruments_do_as_they_are_asked(sound: str, least: float) -> None:
    score = stroke_score("drums" if "kit" in sound else parts_of_sound(sound)[0], sound, seed=1)
    levels = stroke_levels_db(
        render_real(score, Path(), 1), RATE, np.array([note.onset_seconds for note in score.notes])
    )
    velocities = np.array([float(note.velocity) for note in score.notes])
    assert rank_correlation(velocities, levels) > least


def test_strokes_cover_the_velocities_of_a_sound_in_another_order_for_each_seed() -> None:
    scores = [stroke_score("bass", "sub bass", seed) for seed in (1, 2)]
    for score in scores:
        velocities = [note.velocity for note in score.notes]
        assert (min(velocities), max(velocities)) == (60, 120)
        assert len(set(velocities)) == len(velocities) == 20
        assert {note.pitch for note in score.notes} == {33}
        assert all(one.end_seconds < other.onset_seconds for one, other in pairwise(score.notes))
    assert scores[0].notes != scores[1].notes


def test_every_sound_that_is_known_has_a_score() -> None:
    assert {s.sounds[0] for s in stroke_scores("bass", FIRST_SOUNDS, None)} == {"finger bass", "synth bass"}
    assert {s.sounds[0] for s in stroke_scores("drums", PALETTE, None)} == set(PALETTE_OF_PART["drums"])
    assert len(stroke_scores("keys", PALETTE, 3)) == 3


def test_velocities_that_are_followed_as_by_real_instruments_reach_the_target() -> None:
    for made, is_reached in ((0.95, True), (0.5, False), (float("nan"), False)):
        row = rows_of_correlations("keys", [made], [0.98])[0]
        assert row.reached is is_reached
