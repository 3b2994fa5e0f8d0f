"""Metrics of `msanii evaluate --vocoder` on known changes, its clips, and the table of a tiny model."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from msanii.checkpoint.folder import load_model, save_model
from msanii.controls.tensor import Events
from msanii.data.shards import write_song
from msanii.errors import DataError
from msanii.evaluation import vocoder_table as vocoder_evaluation
from msanii.evaluation.vocoder_clips import Clip, choose_clips, lone_notes, lone_onsets
from msanii.evaluation.vocoder_table import VocoderMetrics, rows_of
from msanii.metrics.vocoder import (
    SPECTRUM_SIZES,
    attack_seconds,
    cents,
    pitch_hz,
    side_to_mid_db,
    spectral_error,
)
from tests.msanii.command import run

RATE = 44_100


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    partials = [np.sin(2 * np.pi * hertz * k * time) / k for k in (1, 2, 3)]
    return np.stack([0.1 * sum(partials)] * 2).astype(np.float32)


def struck(onset_seconds: float, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE - onset_seconds
    sound = np.where(time >= 0, np.sin(2 * np.pi * 900 * time) * np.exp(-np.maximum(time, 0) * 20), 0)
    return (0.5 * np.stack([sound, sound])).astype(np.float32)


def test_spectral_errors_of_known_changes() -> None:
    random = np.random.default_rng(0)
    sound = random.normal(0, 0.1, (2, RATE)).astype(np.float32)
    for size in SPECTRUM_SIZES:
        same, louder, silent = (spectral_error(sound * gain, sound, size) for gain in (1, 2, 0))
        assert (same.convergence, same.distance_db) == (0.0, 0.0)
        assert louder.convergence == pytest.approx(1.0, abs=1e-3)
        assert louder.distance_db == pytest.approx(20 * math.log10(2), abs=1e-2)
        assert silent.convergence == pytest.approx(1.0)


@pytest.mark.parametrize("off_cents", [-30.0, 0.0, 2.0, 17.0])
def test_pitch_is_found_to_a_part_of_a_cent(off_cents: float) -> None:
    found = pitch_hz(tone(220.0 * 2 ** (off_cents / 1200)), RATE, 220.0)
    assert cents(found, 220.0) == pytest.approx(abs(off_cents), abs=0.3)


@pytest.mark.parametrize("late_ms", [0.0, 2.0, 7.0])
def test_attacks_are_found_where_they_are(late_ms: float) -> None:
    real, made = (
        attack_seconds(struck(0.2), RATE, 0.2),
        attack_seconds(struck(0.2 + late_ms / 1000), RATE, 0.2),
    )
    assert real is not None
    assert made is not None
    assert 1000 * (made - real) == pytest.approx(late_ms, abs=0.2)
    assert attack_seconds(tone(300.0), RATE, 0.5) is None
    assert attack_seconds(struck(0.2), RATE, 0.01) is None


def test_side_and_middle() -> None:
    left, right = np.random.default_rng(0).normal(0, 0.1, (2, RATE)).astype(np.float32)
    half = np.stack([left + 0.5 * right, left - 0.5 * right])
    found = side_to_mid_db(half)
    assert found is not None
    assert found == pytest.approx(20 * math.log10(0.5), abs=0.2)
    assert side_to_mid_db(np.stack([left, left])) is None
    assert side_to_mid_db(left[None]) is None


def test_a_lone_note_overlaps_no_other() -> None:
    notes = np.array([[0.0, 2.0, 69, 80], [3.0, 5.0, 57, 80], [3.2, 3.4, 60, 80], [6.0, 6.2, 60, 80]])
    found = lone_notes(notes, 0.0, 10.0)
    assert [round(note.pitch_hz) for note in found] == [440]
    assert (found[0].start_seconds, found[0].end_seconds) == (0.1, 2.0)
    assert lone_notes(notes, 1.7, 10.0) == []  # too little of it is left


def test_attacks_near_others_do_not_count() -> None:
    notes = np.array(
        [[0.5, 1, 60, 80], [0.5, 1, 64, 80], [1.0, 1, 60, 80], [1.05, 2, 60, 80], [3, 4, 60, 80]]
    )
    assert lone_onsets(notes, 0.25, 5.0) == [0.25, 2.75]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test split of one struck and one held song."""
    folder = tmp_path_factory.mktemp("data") / "test"
    folder.mkdir()
    mel = np.zeros((2, 128, 302), np.float16)
    for name, info, audio, pitch in (
        ("drums", {"part": "drums", "sounds": "drum kit"}, np.tile(struck(0.2), 14), 36.0),
        ("lead", {"part": "lead", "sounds": "organ"}, tone(440.0, 7.0), 69.0),
    ):
        onsets = np.arange(14) * 0.5 + 0.2 if name == "drums" else np.array([0.0])
        notes = np.stack(
            [onsets, onsets + (0.1 if name == "drums" else 7), 0 * onsets + pitch, 0 * onsets + 80], 1
        )
        write_song(folder / f"{name}.safetensors", mel, Events(notes=notes), info)
        soundfile.write(folder / f"{name}.flac", audio.T, RATE)
    return folder.parent


def test_clips_come_from_every_song_in_turn(data: Path) -> None:
    clips = choose_clips(data, 4, 6.0, seed=1)
    assert [clip.name for clip in clips] == ["drums", "lead", "drums", "lead"]
    assert all(clip.audio.shape == (2, 6 * RATE) for clip in clips)
    assert [bool(clip.onsets_seconds) for clip in clips] == [True, False] * 2
    assert [bool(clip.notes) for clip in clips] == [False, True] * 2
    assert np.array_equal(choose_clips(data, 4, 6.0, seed=1)[2].audio, clips[2].audio)
    with pytest.raises(DataError, match="no test song has 100 seconds"):
        choose_clips(data, 4, 100.0)


def test_the_original_has_no_error() -> None:
    clip = Clip("one", struck(0.2), RATE, onsets_seconds=(0.2,))
    ours, theirs = VocoderMetrics(), VocoderMetrics()
    for metrics, made in ((ours, clip.audio), (theirs, np.roll(clip.audio, 441, 1))):
        metrics.add(clip, made)
        metrics.mel.append(0.1)
    rows = {row.name: row for row in rows_of(ours, theirs)}
    assert rows["lsd_db_512"].value == 0
    assert rows["lsd_db_512_ratio"].reached is True
    assert rows["attack_ms"].value == 0
    assert rows["attack_ms_paper"].value == pytest.approx(10.0, abs=0.1)
    assert (rows["pitch_cents"].value, rows["pitch_cents"].reached) == (None, False)  # nothing to measure


def test_the_command_prints_and_writes_the_table(
    data: Path,
    tiny_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The whole command, with a hundredth of the iterations.
    monkeypatch.setattr(vocoder_evaluation, "PAPER_ITERATIONS", 2)
    asked = ("evaluate", tiny_model, "--vocoder", "--against", tiny_model)
    assert run(*asked, "--data", data, "--clips", 2, "--json", tmp_path / "rows.json") == 0
    rows = {row["name"]: row for row in json.loads((tmp_path / "rows.json").read_text())}
    assert rows["notes_measured"]["value"] >= 1
    assert rows["attacks_measured"]["value"] >= 5
    assert rows["over_torchaudio"]["target"] == "at least 40"
    assert rows["lsd_db_4096_ratio"]["target"] == "at most 1"
    assert "2 clips" in capsys.readouterr().out
    assert run(*asked) == 1
    assert "--vocoder needs --data" in capsys.readouterr().err


def test_a_model_without_a_trained_vocoder_is_an_error(
    data: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_model(tiny_model)
    config = replace(model.config, trained=("unet",))
    save_model(tmp_path / "model", config, model.unet, model.vocoder, model.transforms)
    assert run("evaluate", tmp_path / "model", "--vocoder", "--data", data, "--clips", 1) == 1
    assert "its vocoder was never trained" in capsys.readouterr().err
