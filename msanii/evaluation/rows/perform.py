"""The table's rows on composed notes as the model plays them: the prompts once more, feel, parts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from msanii.composer.scores import ScoreComposer
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.reference import Reference
from msanii.evaluation.rows.feel import feel_rows
from msanii.evaluation.rows.level import arranged_score
from msanii.evaluation.rows.prompts import (
    chord_rows,
    chosen_prompts,
    grid_rows,
    measure_prompts,
    mix_rows,
    onset_rows,
    sound_rows,
)
from msanii.evaluation.rows.row import Row, beside, make_row, mean_of_known
from msanii.metrics.harmony import FloatArray, onset_seconds
from msanii.metrics.rhythm import share_together, strokes
from msanii.music.note_files import score_notes
from msanii.music.score import Note, Score
from msanii.rendering.arrangement import part_scores

FEWEST_GRID = 1.0
CHORD_RANGE = (0.95, 1.1)
FEWEST_ONSETS = {"keys": 0.95, "lead": 0.95, "pad": 0.95, "drums": 0.95, "bass": 0.9}
FEWEST_CORRELATION = 0.9
# Shares of onsets that fall on a drum; those of real songs' notes are 0.97 and 0.76.
FEWEST_ON_DRUMS = {"bass": 0.9, "keys": 0.7}
_DRUMS = "drums"
_SALT = 20_000


def perform_rows(
    renderer: ClipRenderer, reference: Reference, count: int | None, arrangements: int
) -> list[Row]:
    """Rows as of `prompts` and `feel`, on clips of composed notes, and of parts that are composed together.

    `count` is as in `chosen_prompts`. Without a control for notes all values are None.
    """
    plays = renderer.has_control("notes")
    prompts = chosen_prompts(reference, count) if plays else []
    results = measure_prompts(renderer, reference, prompts, write=composed)
    # A rank correlation of two clips says nothing, so a quick evaluation takes twice as many.
    felt = None if count is None else 2 * count
    rows = [
        *[
            row
            for part, fewest in FEWEST_ONSETS.items()
            for row in onset_rows(part, results.pairs(part, "notes"), fewest)
        ],
        *chord_rows(results, within=CHORD_RANGE),
        *grid_rows(results, FEWEST_GRID),
        *sound_rows(results, reference),
        *mix_rows(results),
        *feel_rows(renderer, reference, felt if plays else 0, FEWEST_CORRELATION, composed),
        *together_rows(renderer, arrangements if plays else 0),
    ]
    return [replace(row, name=f"performed {row.name}") for row in rows]


def composed(score: Score, seed: int) -> Score:
    """A score with composed notes."""
    return ScoreComposer().with_notes(score, seed).score


def together_rows(renderer: ClipRenderer, count: int) -> list[Row]:
    """Onsets of bass and keys that fall on a drum: in the notes, and heard in clips with and without them."""
    notes, heard, alone = [], [], []
    for number in range(count):
        score = arranged_score(number)
        written = (
            ScoreComposer().arranged(score, (*FEWEST_ON_DRUMS, _DRUMS), seed=renderer.seed + number).notes
        )
        by_part = {part: score_notes(written[part], score.bpm) for part in (*FEWEST_ON_DRUMS, _DRUMS)}
        notes.append({part: _onsets(played) for part, played in by_part.items()})
        heard.append(_heard(renderer, score, by_part, _SALT + 10 * number))
        alone.append(_heard(renderer, score, dict.fromkeys(by_part, ()), _SALT + 10 * number))
    return [*_share_rows("notes", notes), *_share_rows("heard", heard), *_without_notes(alone)]


def _heard(
    renderer: ClipRenderer, score: Score, notes: dict[str, tuple[Note, ...]], salt: int
) -> dict[str, FloatArray]:
    """The onsets that are heard in each part's clip."""
    clips = renderer.render(part_scores(score, tuple(notes), (), tuple(notes.values())), salt=salt)
    return {part: onset_seconds(clip, renderer.rate) for part, clip in zip(notes, clips, strict=True)}


def _without_notes(onsets: Sequence[dict[str, FloatArray]]) -> list[Row]:
    return [beside(row, "compose off") for row in _share_rows("heard", onsets)[::2]]


def _share_rows(source: str, onsets: Sequence[dict[str, FloatArray]]) -> list[Row]:
    """Shares by part, and those that remain by chance where the drums are moved off the grid."""
    rows = []
    for part, fewest in FEWEST_ON_DRUMS.items():
        name = f"arrange: share of {part} onsets on a drum, {source}"
        moved = [30 / arranged_score(number).bpm / 4 for number in range(len(onsets))]
        rows += [
            make_row(
                name,
                mean_of_known(share_together(found[part], found[_DRUMS]) for found in onsets),
                f"{fewest:g} or more",
                fewest,
            ),
            make_row(
                f"{name}, drums an eighth of a beat later",
                mean_of_known(
                    share_together(found[part], found[_DRUMS] + late)
                    for found, late in zip(onsets, moved, strict=True)
                ),
            ),
        ]
    return rows


def _onsets(notes: Sequence[Note]) -> FloatArray:
    return strokes(np.array([note.onset_seconds for note in notes]))
