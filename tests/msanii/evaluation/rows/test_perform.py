"""The table's rows on composed notes that a model plays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from msanii.checkpoint.folder import load_model
from msanii.devices import choose_placement
from msanii.evaluation.clip_metrics import note_metrics
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.rows.level import arranged_score
from msanii.evaluation.rows.perform import FEWEST_ONSETS, composed
from msanii.evaluation.rows.prompts import measure_prompts, onset_rows
from msanii.pipelines import Pipeline
from msanii.rendering.job import own_sampling
from tests.msanii.evaluation.rows.test_time import rows_of, without_controls
from tests.msanii.evaluation.test_table import prompt, reference


@pytest.fixture
def renderer(tiny_context_model: Path) -> ClipRenderer:
    pipeline = Pipeline(load_model(tiny_context_model), choose_placement("cpu", "float32"))
    sampling = replace(own_sampling(pipeline.config), steps=1, iterations=1)
    return ClipRenderer(pipeline=pipeline, sampling=sampling)


def test_rows_of_all_parts_are_computed_from_a_model(tiny_context_model: Path) -> None:
    rows = rows_of(load_model(tiny_context_model), ("perform",))
    assert all(name.startswith("performed ") for name in rows)
    targets = {name.removeprefix("performed "): row.target for name, row in rows.items() if row.target}
    for part, fewest in FEWEST_ONSETS.items():
        assert targets[f"{part}: onset F-measure over real"] == f"{fewest} or more"
    assert targets["drums 6/8: onset agreement over real"] == "1 or more"
    assert targets["bass: chord-tone energy over real"] == "0.95 to 1.1"
    assert targets["feel: swing, rank correlation"] == "0.9 or more"
    assert targets["arrange: share of bass onsets on a drum, heard"] == "0.9 or more"
    assert targets["arrange: share of keys onsets on a drum, notes"] == "0.7 or more"
    assert rows["performed keys: onset F-measure over real"].value is not None
    # The notes belong together, whatever the model makes of them.
    assert rows["performed arrange: share of bass onsets on a drum, notes"].reached
    assert (
        rows[
            "performed arrange: share of bass onsets on a drum, notes, drums an eighth of a beat later"
        ].value
        or 0
    ) < 0.2


def test_a_model_without_notes_plays_no_compositions(tiny_model: Path) -> None:
    rows = rows_of(without_controls(tiny_model), ("perform",))
    asked = [row for row in rows.values() if row.target]
    assert asked
    assert all(row.value is None and row.reached is False for row in asked)


def test_clips_are_held_against_the_notes_that_they_were_given(renderer: ClipRenderer) -> None:
    bass = prompt("bass", seconds=3.2, notes=0.5)
    clips = []
    results = measure_prompts(
        renderer, reference([bass]), [bass], lambda _, clip: clips.append(clip), write=composed
    )
    expected = note_metrics(clips[0], renderer.rate, composed(bass.score, renderer.seed).notes)
    assert results.pairs("bass", "notes") == [(expected["notes"], 0.5)]
    # Without notes there is nothing to be held against.
    assert measure_prompts(renderer, reference([bass]), [bass]).pairs("bass", "notes") == []


def test_onsets_nearly_as_true_as_real_ones_reach_the_target() -> None:
    for made, is_reached in ((0.8, True), (0.7, False)):
        row = onset_rows("pad", [(made, 0.8)], 0.95)[0]
        assert row.value == pytest.approx(made / 0.8)
        assert row.reached is is_reached


def test_arrangements_differ() -> None:
    assert len({arranged_score(number) for number in range(16)}) == 16
    assert arranged_score(16) == arranged_score(0)
