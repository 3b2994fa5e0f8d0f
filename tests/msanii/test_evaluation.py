"""The table of `msanii evaluate`: its sums, its prompts, and the way from a model to rows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from msanii.config import ModelConfig, UNetConfig
from msanii.controls import Events
from msanii.errors import DataError
from msanii.evaluation import Row, evaluate, rows_of
from msanii.pipelines import Pipeline
from msanii.prompts import (
    PROMPT_SECONDS,
    PROMPTS_PATH,
    Figures,
    Prompt,
    choose_prompts,
    measure,
    read_prompts,
    score_events,
    write_prompts,
)
from msanii.score import make_score
from msanii.shards import write_song

RATE = 44_100


def figures(**values: Any) -> Figures:
    known = {
        "chord_tones": 0.8,
        "chord_tones_away": 0.1,
        "bass_tones": 0.9,
        "bass_tones_away": 0.05,
        "onsets": 0.7,
        "onsets_shifted": 0.2,
        "levels_db": (0.0, -10.0),
    }
    return Figures(**{**known, **values})


def by_name(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.name: row for row in rows}


def test_a_model_like_the_real_thing_reaches_every_target() -> None:
    rows = by_name(rows_of([figures()], [figures()], real_time_factor=5.0))
    assert rows["chord_tones_ratio"].value == 1.0
    assert rows["spectral_distance_db"].value == 0.0
    assert rows["real_time_factor"].value == 5.0
    assert all(row.reached for row in rows.values() if row.target is not None)
    assert [row.reached for row in rows.values() if row.target is None] == [None] * 11


def test_values_are_means_over_the_prompts() -> None:
    made = [figures(chord_tones=0.3, levels_db=(0.0, -10.0)), figures(chord_tones=0.5, levels_db=(4.0, -6.0))]
    rows = by_name(rows_of(made, [figures(), figures()], real_time_factor=1.0))
    assert rows["chord_tones_generated"].value == pytest.approx(0.4)
    assert rows["chord_tones_ratio"].value == pytest.approx(0.5)
    assert rows["spectral_distance_db"].value == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("chord_tones_ratio", {"chord_tones": 0.5}),
        ("chord_tones_ratio", {"chord_tones": 0.99}),
        ("chord_tones_away_ratio", {"chord_tones_away": 0.5}),
        ("bass_tones_ratio", {"bass_tones": 0.4}),
        ("onsets_generated", {"onsets": 0.1}),
    ],
)
def test_a_miss_is_called_a_miss(name: str, change: dict[str, float]) -> None:
    rows = by_name(rows_of([figures(**change)], [figures()], real_time_factor=0.5))
    assert rows[name].reached is False
    assert rows["real_time_factor"].reached is False


def test_what_cannot_be_measured_is_null_in_json_and_no_success() -> None:
    nothing = figures(chord_tones=float("nan"), onsets=float("nan"))
    rows = by_name(rows_of([nothing], [figures()], real_time_factor=2.0))
    assert rows["chord_tones_ratio"] == Row("chord_tones_ratio", None, "0.85 to 1.15", False)
    assert rows["onsets_generated"].reached is False
    json.dumps([row.to_dict() for row in rows.values()], allow_nan=False)


def test_a_scores_chords_and_beats_are_those_that_sound() -> None:
    events = score_events(make_score(bars=2, bpm=120, chords="Am F"))
    assert events.chords is not None
    assert events.beats is not None
    assert events.chords[:, :3].tolist() == [[0.0, 2.0, 9.0], [2.0, 4.0, 5.0]]
    assert set(np.flatnonzero(events.chords[1, 3:])) == {5, 9, 0}
    assert events.beats[:5].tolist() == [[0, 1], [0.5, 0], [1, 0], [1.5, 0], [2, 1]]


def test_audio_made_of_the_chords_scores_high_and_a_tritone_away_low() -> None:
    score = make_score(bars=2, bpm=120, chords="Am F")
    time = np.arange(2 * RATE) / RATE
    tones = {57: (57, 60, 64), 53: (53, 57, 60)}
    parts = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in chord) for chord in tones.values()
    ]
    audio = np.concatenate(parts)[None].astype(np.float32) * np.float32(0.25)
    found = measure(audio, RATE, score_events(score))
    assert found.chord_tones > 0.9
    assert found.chord_tones_away < 0.1
    assert found.bass_tones > 0.9


def test_rows_come_from_the_models_own_audio(tiny_model: Path) -> None:
    score = make_score(bars=1, bpm=150, chords="Am")
    prompt = Prompt(song="x", start_seconds=0.0, score=score, real=figures(levels_db=(0.0,) * 48))
    done: list[float] = []
    pipeline = Pipeline.load(tiny_model, device="cpu", dtype="float32")
    rows = by_name(evaluate(pipeline, [prompt, prompt], seed=3, on_step=done.append))
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0)
    value = rows["chord_tones_generated"].value
    audio = [pipeline.generate(score, seeds=[seed])[0].numpy() for seed in (3, 4)]
    expected = [measure(line, RATE, score_events(score)).chord_tones for line in audio]
    assert value == pytest.approx(sum(expected) / 2, abs=1e-4)


def test_the_prompts_that_ship_are_test_songs_that_a_model_can_be_held_against() -> None:
    prompts = read_prompts()
    assert len(prompts) == 12
    assert len({prompt.song for prompt in prompts}) == 12
    assert all(880 <= int(prompt.song) <= 909 for prompt in prompts)
    assert all(prompt.score.seconds == PROMPT_SECONDS for prompt in prompts)
    rows = by_name(rows_of([p.real for p in prompts], [p.real for p in prompts], real_time_factor=2.0))
    assert rows["chord_tones_away_ratio"].reached
    assert rows["onsets_generated"].reached


def make_songs(folder: Path, count: int) -> Path:
    """Test songs at 120 bpm, a chord a bar, whose audio is that chord."""
    folder.mkdir()
    beats = np.array([[0.5 * n + 0.25, n % 4 == 0] for n in range(61)], dtype=np.float64)
    chords = np.array(
        [[2.0 * n + 0.25, 2.0 * n + 2.25, 0, *(tone in (0, 4, 7) for tone in range(12))] for n in range(15)]
    )
    time = np.arange(31 * RATE) / RATE
    audio = sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time) for pitch in (60, 64, 67))
    for number in range(count):
        path = folder / f"{900 + number}.safetensors"
        log_mel = np.zeros((1, 4, 8), dtype=np.float16)
        write_song(path, log_mel, Events(chords=chords, beats=beats), {"song": str(900 + number)})
        soundfile.write(path.with_suffix(".flac"), np.asarray(audio)[:, None] / 4, RATE, subtype="PCM_16")
    return folder


def test_prompts_start_on_a_bar_and_repeat_for_a_seed(tmp_path: Path) -> None:
    make_songs(tmp_path / "test", 2)
    prompts = choose_prompts(tmp_path, 2, seed=1)
    again = choose_prompts(tmp_path / "test", 2, seed=1)
    assert prompts == again
    assert {prompt.song for prompt in prompts} == {"900", "901"}
    for prompt in prompts:
        assert (prompt.start_seconds - 0.25) % 2.0 == pytest.approx(0.0)
        assert prompt.score.bpm == pytest.approx(120.0)
        assert prompt.score.numerator == 4
        assert prompt.score.chords[0].start_beats == 0.0
        assert prompt.real.chord_tones > 0.95
    assert choose_prompts(tmp_path, 2, seed=2) != prompts


def test_prompts_survive_their_file(tmp_path: Path) -> None:
    prompts = read_prompts(PROMPTS_PATH)
    write_prompts(tmp_path / "p.json", prompts)
    assert read_prompts(tmp_path / "p.json") == prompts


def test_too_few_songs_are_named(tmp_path: Path) -> None:
    make_songs(tmp_path / "test", 1)
    with pytest.raises(DataError, match=r"1 songs .* expected 2"):
        choose_prompts(tmp_path, 2, seed=0)


@pytest.mark.parametrize("text", ["", "[]", '{"prompts": [{"song": "1"}]}', '{"prompts": 3}'])
def test_a_damaged_prompt_file_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(DataError, match="cannot be read"):
        read_prompts(tmp_path / "p.json")


def test_a_model_without_controls_cannot_be_asked_for_chords(tiny_model: Path, tmp_path: Path) -> None:
    from msanii.checkpoint import load_model, save_model
    from msanii.errors import ControlError
    from msanii.unet import UNet

    model = load_model(tiny_model)
    plain: UNetConfig = dataclasses.replace(model.config.unet, controls=())
    config: ModelConfig = dataclasses.replace(model.config, unet=plain)
    save_model(tmp_path / "plain", config, UNet(plain), model.vocoder, model.transforms)
    pipeline = Pipeline.load(tmp_path / "plain", device="cpu", dtype="float32")
    with pytest.raises(ControlError, match="chords"):
        evaluate(pipeline, read_prompts()[:1])
