"""The table of `msanii evaluate`: arithmetic, prompts, and rows computed from a model."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from msanii.checkpoint.folder import load_model
from msanii.cli.evaluate import GROUPS_HELP
from msanii.data.instruments.table import PALETTE_OF_PART
from msanii.errors import DataError, MsaniiError
from msanii.evaluation.clip_metrics import chord_metrics, score_chords
from msanii.evaluation.prompts import PROMPT_SECONDS, Prompt, read_prompts, write_prompts
from msanii.evaluation.reference import (
    FULL_REFERENCE_FOLDER,
    REFERENCE_FOLDER,
    Reference,
    check_sounds,
    clip_metrics,
    read_reference,
    share_correct,
    shipped_reference,
    spread,
    write_reference,
)
from msanii.evaluation.rows.prompts import (
    PromptResults,
    chord_rows,
    grid_rows,
    melody_rows,
    mix_rows,
    sound_rows,
)
from msanii.evaluation.rows.row import Row
from msanii.evaluation.sound_classifier import SoundClassifier, frechet_distance, gaussian
from msanii.evaluation.table import GROUPS, read_groups
from msanii.metrics.level import LEVELS
from msanii.metrics.melody_match import corpus, intervals
from msanii.music.palette import PALETTE
from msanii.music.score import Feel, Note, make_score
from tests.msanii.command import run

RATE = 44_100


def prompt(purpose: str, number: int = 0, seconds: float = 1.6, **real: float) -> Prompt:
    part = {"swing": "drums", "piano": "keys"}.get(purpose, purpose)
    sound = {"drums": "drum kit", "bass": "synth bass", "pad": "strings"}.get(part, "grand piano")
    bpm, meter = ((75.0, (4, 4)), (110.0, (3, 4)), (150.0, (6, 8)), (100.0, (7, 8)))[number % 4]
    score = make_score(
        seconds=seconds, bpm=bpm, numerator=meter[0], denominator=meter[1], chords="Am F",
        sounds=(sound,), part=part, feel=Feel(swing=0.5),
    )  # fmt: skip
    notes = (Note(onset_seconds=0.1, end_seconds=0.5, pitch=60, velocity=80),)
    feel = Feel(
        swing=0.5 + number / 100, density=1.0 + number, register=60.0 + number, dynamics=70.0 + number
    )
    return Prompt(purpose=purpose, song=str(880 + number), score=score, notes=notes, feel=feel, real=real)


def reference(prompts: list[Prompt] | None = None) -> Reference:
    """Small, with an untrained classifier."""
    real = {"chord_tones": 0.8, "chord_tones_away": 0.1, "grid": 0.9, "grid_shifted": 0.1, "notes": 0.9}
    feels = {"swing": 0.55, "density": 2.0, "register": 60.0, "dynamics": -20.0}
    levels = dict.fromkeys(LEVELS, -20.0)
    purposes = ("keys", "pad", "bass", "lead", "drums", "swing", "piano", "mix")
    some = prompts or [prompt(name, n, **real, **feels, **levels) for name in purposes for n in range(4)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        classifier = SoundClassifier().eval()
    random = np.random.default_rng(0)
    return Reference(
        prompts=tuple(some),
        classifier=classifier,
        accuracy=0.9,
        real=gaussian(random.standard_normal((500, 32))),
        real_to_real=0.5,
        melodies=corpus([intervals((60, 62, 64, 65, 67, 69))]),
        chance=np.array([3.0, 4.0, 5.0]),
    )


def by_name(rows: list[Row]) -> dict[str, Row]:
    return {row.name: row for row in rows}


def test_real_metrics_reach_the_targets() -> None:
    real = {"chord_tones": 0.8, "chord_tones_away": 0.1}
    rows = by_name(
        chord_rows(
            PromptResults(metrics=[(prompt(part, 0, 1.6, **real), real) for part in ("keys", "pad", "bass")])
        )
    )
    assert rows["keys: chord-tone energy over real"].value == 1.0
    assert [row.reached for row in rows.values() if row.target is not None] == [True] * 6


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("keys: chord-tone energy over real", {"chord_tones": 0.7}),
        ("keys: chord-tone energy over real", {"chord_tones": 0.9}),
        ("keys: a tritone away over real", {"chord_tones_away": 0.33}),
    ],
)
def test_a_missed_target_is_reported(name: str, change: dict[str, float]) -> None:
    real = {"chord_tones": 0.8, "chord_tones_away": 0.1}
    rows = by_name(chord_rows(PromptResults(metrics=[(prompt("keys", 0, 1.6, **real), real | change)])))
    assert rows[name].reached is False


def test_missing_values_are_null_in_json_and_reach_no_target() -> None:
    rows = by_name(chord_rows(PromptResults()))
    assert rows["pad: chord-tone energy over real"] == Row(
        "pad: chord-tone energy over real", None, "0.9 to 1.1", False
    )
    json.dumps([row.to_dict() for row in rows.values()], allow_nan=False)


def test_drums_have_rows_by_tempo_band_and_meter() -> None:
    real = {"grid": 0.9, "grid_shifted": 0.1}
    made = [(prompt("drums", n, **real), {"grid": 0.9 - 0.2 * n, "grid_shifted": 0.0}) for n in range(3)]
    rows = by_name(grid_rows(PromptResults(metrics=made)))
    assert rows["drums 60-90 bpm: onset agreement over real"].value == pytest.approx(1.0)
    assert rows["drums 3/4: onset agreement over real"].value == pytest.approx(0.7 / 0.9, abs=1e-4)
    assert rows["drums 130-180 bpm: onset agreement over real"].reached is False
    assert rows["drums 7/8: onset agreement over real"].value is None


def test_mixes_have_their_own_rows() -> None:
    real = {"chord_tones": 0.8, "chord_tones_away": 0.1, "grid": 0.9, "grid_shifted": 0.1}
    off = real | {"chord_tones": 0.4}
    results = PromptResults(metrics=[(prompt("mix", 0, 1.6, **real), off), (prompt("drums"), real)])
    rows = by_name(mix_rows(results))
    assert rows["mix: chord-tone energy over real"].reached is False
    assert rows["mix: onset agreement over real"].value == pytest.approx(1.0)
    # Rows by tempo are of drums only.
    assert by_name(grid_rows(results))["drums 60-90 bpm: onset agreement"].value is None


def test_a_melody_longer_than_chance_is_a_miss() -> None:
    held = reference()
    assert held.chance_notes == pytest.approx(4.9)
    name = "melody: longest match with a training song, notes, 95th percentile"
    assert by_name(melody_rows(PromptResults(matches=[3, 4]), held))[name].reached
    assert by_name(melody_rows(PromptResults(matches=[3, 6]), held))[name].reached is False


def test_few_windows_have_a_distance_but_no_target() -> None:
    random = np.random.default_rng(1)
    few, many = (PromptResults(features=[random.standard_normal((n, 32))], right=[0.9]) for n in (100, 1200))
    name = "sounds: Frechet distance over real to real"
    held = reference()
    assert by_name(sound_rows(few, held))[name].reached is None
    row = by_name(sound_rows(many, held))[name]
    assert row.reached
    assert row.target == "at most 3"
    far = PromptResults(features=[random.standard_normal((1200, 32)) + 1], right=[0.2])
    rows = by_name(sound_rows(far, held))
    assert rows[name].reached is False
    assert rows["sounds: classifier's accuracy over real"].reached is False


def test_the_frechet_distance_is_that_of_gaussians() -> None:
    mean, covariance = np.zeros(3), np.diag([1.0, 4.0, 9.0])
    assert frechet_distance((mean, covariance), (mean, covariance)) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance((mean, covariance), (mean + 2, covariance)) == pytest.approx(12.0)
    # Between diagonal ones it is the squared distance of means and of standard deviations.
    assert frechet_distance((mean, covariance), (mean, np.eye(3))) == pytest.approx(0 + 1 + 4)


def test_audio_of_the_chords_scores_high_and_a_tritone_away_low() -> None:
    score = make_score(bars=2, bpm=120, chords="Am F", part="keys")
    time = np.arange(2 * RATE) / RATE
    chords = [(57, 60, 64), (53, 57, 60)]
    parts = [sum(np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * time) for p in chord) for chord in chords]
    audio = np.concatenate(parts)[None].astype(np.float32) * np.float32(0.25)
    found = chord_metrics(audio, RATE, score_chords(score), "keys")
    assert found["chord_tones"] > 0.9
    assert found["chord_tones_away"] < 0.1


def test_a_clip_has_the_metrics_of_its_prompts_purpose() -> None:
    audio = np.random.default_rng(0).standard_normal((2, 2 * RATE)).astype(np.float32) * np.float32(0.1)
    expected = {
        "keys": {"chord_tones", "chord_tones_away"},
        "drums": {"grid", "grid_shifted"},
        "swing": {"swing"},
        "piano": {"chord_tones", "chord_tones_away", "density", "register", "dynamics"},
        "mix": {"chord_tones", "chord_tones_away", "grid", "grid_shifted"},
    }
    for purpose, names in expected.items():
        assert set(clip_metrics(audio, RATE, prompt(purpose))) == names | set(LEVELS)


def test_correctly_classified_windows_are_counted() -> None:
    assert share_correct(["organ", "organ", "choir", "organ"], "organ") == pytest.approx(0.75)
    assert np.isnan(share_correct([], "organ"))
    assert spread(range(10), 5) == [0, 2, 4, 6, 8]
    assert spread(range(3), 5) == [0, 1, 2]


def test_prompts_survive_writing_and_reading(tmp_path: Path) -> None:
    prompts = (prompt("keys", chord_tones=0.5), prompt("drums", 2, grid=0.25))
    write_prompts(tmp_path / "p.gz", prompts)
    again = read_prompts(tmp_path / "p.gz")
    write_prompts(tmp_path / "q.gz", again)
    assert (tmp_path / "p.gz").read_bytes() == (tmp_path / "q.gz").read_bytes()
    assert again[0].notes == prompts[0].notes
    assert again[0].real == {"chord_tones": 0.5}
    assert again[1].score.bpm == 150
    assert [span.chord.tones for span in again[0].score.chords] == [
        span.chord.tones for span in prompts[0].score.chords
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", gzip.compress(b"[]"), gzip.compress(b'{"prompts":[{"song":1}]}')],
    ids=["empty", "no gzip", "no prompts", "half a prompt"],  # gzip writes the time into the file
)
def test_a_damaged_prompt_file_is_a_clear_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.gz").write_bytes(data)
    with pytest.raises(DataError, match="cannot be read"):
        read_prompts(tmp_path / "p.gz")


def test_a_reference_survives_writing_and_a_damaged_one_is_an_error(tmp_path: Path) -> None:
    held = reference()
    write_reference(tmp_path / "r", held)
    again = read_reference(tmp_path / "r")
    assert (again.accuracy, again.real_to_real, again.chance_notes) == (0.9, 0.5, held.chance_notes)
    np.testing.assert_array_equal(again.melodies, held.melodies)
    np.testing.assert_allclose(again.real[1], held.real[1], atol=1e-6)
    (tmp_path / "r" / "reference.npz").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        read_reference(tmp_path / "r")
    with pytest.raises(DataError, match="make the reference again"):
        read_reference(tmp_path / "nowhere")


def test_the_shipped_reference_serves_every_row_and_is_small() -> None:
    held = read_reference()
    for purpose in ("keys", "lead", "pad", "bass", "mix", "swing", "piano"):
        assert len(held.of(purpose)) == 32
    assert all(set(LEVELS) <= set(prompt.real) for prompt in held.prompts)
    for purpose in ("keys", "lead", "pad", "bass", "drums"):
        assert all(0 <= prompt.real["notes"] <= 1 for prompt in held.of(purpose))
    assert all(len(prompt.score.sounds) > 1 and prompt.real["grid"] > 0 for prompt in held.of("mix"))
    assert sum(path.stat().st_size for path in REFERENCE_FOLDER.glob("*.*")) < 700_000


def test_the_full_palettes_reference_has_every_sound_in_turn() -> None:
    held = read_reference(FULL_REFERENCE_FOLDER)
    assert held.classifier.names == PALETTE
    for part, sounds in PALETTE_OF_PART.items():
        prompts = held.of(part)
        assert len(prompts) >= 32
        assert {prompt.score.sounds[0] for prompt in prompts} == set(sounds)
        assert all(prompt.notes and 0 <= prompt.real["notes"] <= 1 for prompt in prompts)
    assert all(880 <= int(prompt.song) <= 909 for prompt in held.prompts)
    assert held.accuracy > 0.8
    assert set(held.accuracy_by_sound) == set(PALETTE)
    assert sum(path.stat().st_size for path in FULL_REFERENCE_FOLDER.iterdir()) < 500_000


def test_models_are_held_against_the_reference_whose_sounds_all_know() -> None:
    default = load_model(None).config
    wide = tuple(
        replace(group, width=len(PALETTE)) if group.name == "sound" else group
        for group in default.unet.controls
    )
    performer = replace(default, unet=replace(default.unet, controls=wide))
    assert shipped_reference(default) == REFERENCE_FOLDER
    assert shipped_reference(performer) == FULL_REFERENCE_FOLDER
    assert shipped_reference(performer, default) == REFERENCE_FOLDER
    check_sounds(read_reference(), default)
    with pytest.raises(MsaniiError, match="default knows 16 sounds, and not"):
        check_sounds(read_reference(FULL_REFERENCE_FOLDER), default)


def test_groups_of_rows_are_chosen_by_name() -> None:
    assert read_groups("") == GROUPS
    assert GROUPS_HELP.split(": ")[1].rstrip(".").split(", ") == list(GROUPS)
    assert read_groups("Feel, loop") == ("feel", "loop")
    with pytest.raises(MsaniiError, match="rows: got 'speed'"):
        read_groups("feel,speed")


def test_evaluate_computes_rows_from_a_model(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = reference()
    write_reference(tmp_path / "r", some)
    common = ["evaluate", tiny_model, "--reference", tmp_path / "r", "--quick", "--steps", "1"]
    table = tmp_path / "rows.json"
    code = run(*common, "--rows", "prompts,notes,feel,unconditional", "--json", table, "--markdown",
               "--baseline", tiny_model, "--clips", tmp_path / "clips")  # fmt: skip
    assert code == 0
    rows: dict[str, dict[str, Any]] = {row["name"]: row for row in json.loads(table.read_text())}
    assert rows["keys: chord-tone energy over real"]["target"] == "0.9 to 1.1"
    assert rows["keys: chord-tone energy over real"]["value"] is not None
    assert rows["keys: chord-tone energy over real [no guidance]"]["target"] is None
    assert "keys: chord-tone energy over real [model tiny]" in rows
    assert rows["sounds: windows compared"]["value"] >= 0
    assert rows["feel: density, rank correlation"]["target"] == "0.7 or more"
    for name in ("mix: onset agreement over real", "drums: loudness less real, LU"):
        assert rows[name]["value"] is not None
    assert "| keys: chord-tone energy over real |" in capsys.readouterr().out
    kept = json.loads((tmp_path / "clips" / "clips.json").read_text(encoding="utf-8"))["clips"]
    # Each prompt's clip once, without those of baselines and other rows.
    purposes = [clip["purpose"] for clip in kept]
    assert purposes == ["keys"] * 2 + ["pad"] * 2 + ["bass"] * 2 + ["lead"] * 2 + ["drums"] * 4 + ["mix"] * 2
    assert all((tmp_path / "clips" / clip["file"]).is_file() for clip in kept)


def test_clips_is_a_folder_or_with_vocoder_a_number(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked, said in (
        (["--clips", "64"], "clips: got 64, expected a folder; a number needs --vocoder"),
        (["--clips", tmp_path / "clips", "--rows", "feel"], "add them to --rows"),
        (
            ["--clips", tmp_path / "clips", "--vocoder", "--generated"],
            "with --vocoder expected a whole number",
        ),
    ):
        assert run("evaluate", tiny_model, "--quick", *asked) == 1
        assert said in " ".join(capsys.readouterr().err.split())


def test_a_prompt_is_as_long_as_a_training_clip() -> None:
    assert pytest.approx(511 * 1024 / 44_100) == PROMPT_SECONDS
