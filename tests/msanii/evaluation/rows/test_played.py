"""The table's rows on notes that a model is given, beside real renders and the vocoder alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msanii.checkpoint.folder import load_model
from msanii.data.synthesizer import find_soundfont
from msanii.devices import choose_placement
from msanii.errors import DataError
from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.played import MODEL, REAL, VOCODER, Judges, PlayedClip, mel_distance_db, play, playable
from msanii.evaluation.real_renders import render_real
from msanii.evaluation.reference import write_reference
from msanii.evaluation.rows.played import FEWEST_ONSETS, rows_of_clips
from msanii.evaluation.rows.row import Row
from msanii.listening.listener import Listener
from msanii.pipelines import Pipeline
from msanii.rendering.job import own_sampling
from msanii.rendering.resynthesis import Resynthesis
from tests.conftest import missing, need
from tests.msanii.command import run
from tests.msanii.evaluation.palette import (
    SYNTHESIZED,
    palette_prompt,
    palette_reference,
    save_palette_model,
    written_font,
)
from tests.msanii.evaluation.rows.test_time import rows_of, without_controls

RATE = 44_100
GOOD = {
    "notes": 0.9, "voices": 1.0, "notes_a_second": 4.0, "missing": 0.2, "spurious": 0.1, "right": 0.8,
    "loudness": -20.0, "distance": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_palette_model(tmp_path_factory.mktemp("played") / "palette")


def clip(part: str = "bass", changes: dict[str, float] | None = None) -> PlayedClip:
    metrics = {
        MODEL: GOOD | {"distance": 3.0} | (changes or {}),
        REAL: GOOD,
        VOCODER: GOOD | {"distance": 1.0},
    }
    heard = dict.fromkeys(metrics, "saw bass")
    return PlayedClip(prompt=palette_prompt(part), audio={}, metrics=metrics, heard_as=heard)


def named(rows: list[Row]) -> dict[str, Row]:
    return {row.name: row for row in rows}


def test_clips_like_the_real_ones_reach_every_target() -> None:
    rows = named(rows_of_clips([clip(part) for part in SYNTHESIZED], [MODEL, VOCODER]))
    asked = {name: row for name, row in rows.items() if row.target is not None}
    assert all(row.reached for row in asked.values())
    assert len(asked) == 5 * 7 - 1  # no voices of drums
    assert {f"played {part}: onset F-measure over real" for part in FEWEST_ONSETS} <= set(asked)
    assert rows["played bass: log-mel distance to real, dB"].value == 3.0
    assert rows["played bass: log-mel distance to real, dB [vocoder alone]"].value == 1.0
    assert rows["played bass sounds: told right over real"].value == 1.0


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"notes": 0.8}, "onset F-measure over real"),
        ({"voices": 2.4}, "voices at once over real"),
        ({"notes_a_second": 9.0}, "notes a second over real"),
        ({"missing": 0.3}, "missing notes, share less real"),
        ({"spurious": 0.4}, "spurious notes, share less real"),
        ({"right": 0.4}, "sounds told right over real"),
        ({"loudness": -12.0}, "loudness less real, LU"),
    ],
)
def test_what_differs_from_the_real_renders_misses_its_target(change: dict[str, float], name: str) -> None:
    missed = [row.name for row in rows_of_clips([clip(changes=change)], [MODEL]) if row.reached is False]
    assert f"played bass: {name}" in missed
    assert all(row.startswith("played bass: ") is (row == f"played bass: {name}") for row in missed)


def test_a_part_is_played_by_model_instrument_and_vocoder(model: Path, tmp_path: Path) -> None:
    loaded, placement = load_model(model), choose_placement("cpu", "float32")
    pipeline = Pipeline(loaded, placement)
    renderer = ClipRenderer(
        pipeline=pipeline, sampling=replace(own_sampling(pipeline.config), steps=1, iterations=1)
    )
    held = palette_reference()
    judges = Judges(reference=held, listener=Listener.load())
    font = written_font(tmp_path / "font.sf2")
    vocoder = Resynthesis(loaded, placement, iterations=1)
    clips = list(play({MODEL: renderer, "other": renderer}, held.prompts, judges, font, vocoder))
    assert [clip.prompt for clip in clips] == list(held.prompts)
    for one in clips:
        score = replace(one.prompt.score, notes=one.prompt.notes)
        assert set(one.audio) == set(one.metrics) == set(one.heard_as) == {MODEL, "other", REAL, VOCODER}
        assert {audio.shape for audio in one.audio.values()} == {(2, round(1.7 * RATE))}
        assert one.metrics[REAL]["distance"] == 0
        np.testing.assert_array_equal(one.audio["other"], one.audio[MODEL])
        assert one.metrics[MODEL]["distance"] > 0
        assert score.part != "drums" or one.metrics[REAL]["notes"] == 1
        assert ("voices" in one.metrics[MODEL]) is (score.part != "drums")
    real = clips[0].audio[REAL]
    np.testing.assert_array_equal(
        real, render_real(replace(held.prompts[0].score, notes=held.prompts[0].notes), font, 0)
    )
    # Only notes of its own and sounds that the model knows are played.
    assert playable([replace(palette_prompt("bass"), notes=())], [renderer]) == []
    old = ClipRenderer(pipeline=Pipeline(without_controls(model), placement), sampling=renderer.sampling)
    assert playable(held.prompts, [renderer]) == list(held.prompts)
    assert playable(held.prompts, [renderer, old]) == []


def test_the_distance_of_mels_counts_level_and_spectrum() -> None:
    line = np.random.default_rng(0).standard_normal((2, RATE)).astype(np.float32) * np.float32(0.1)
    assert mel_distance_db(line, line) == 0
    assert mel_distance_db(2 * line, line) == pytest.approx(6.02, abs=0.1)
    assert mel_distance_db(np.cumsum(line, axis=1) * np.float32(0.01), line) > 6


def test_a_model_without_notes_has_no_values() -> None:
    rows = rows_of_clips([], [MODEL])
    assert [row for row in rows if row.target]
    assert all(row.value is None and not row.reached for row in rows)


def test_models_are_played_beside_each_other(model: Path, tmp_path: Path) -> None:
    need("fluidsynth")
    try:
        find_soundfont()
    except DataError as error:
        missing(str(error))
    write_reference(tmp_path / "r", palette_reference())
    table = tmp_path / "rows.json"
    common = ("--reference", tmp_path / "r", "--rows", "played,velocity", "--quick", "--prompts", 1)
    asked = (*common, "--steps", 1, "--json", table)
    assert run("evaluate", model, *asked, "--baseline", model) == 0
    rows = {row["name"]: row["value"] for row in json.loads(table.read_text())}
    for part in SYNTHESIZED:
        name = f"played {part}: onset F-measure over real"
        assert {name, f"{name} [vocoder alone]", f"{name} [model tiny]"} <= set(rows)
        assert rows[f"velocity: {part}, rank correlation with level [real]"] > 0.9
    assert "played bass: voices at once [real]" in rows
    assert "played bass: voices at once [real] [model tiny]" not in rows


def test_prompts_in_sounds_that_a_model_does_not_know_are_an_error(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_reference(tmp_path / "r", palette_reference())
    assert run("evaluate", tiny_model, "--reference", tmp_path / "r", "--rows", "played") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "reference: tiny knows 16 sounds, and not 909 kit, chord stab" in said
    assert "--palette model" in said
    # A model that knows no sounds at all is asked for none.
    rows = rows_of(without_controls(tiny_model), ("played", "velocity"))
    assert all(row.value is None for row in rows.values())
