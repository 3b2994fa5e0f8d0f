"""Training of the composer: its data, its windows, a run that is interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.composer.melodic.config import END
from msanii.composer.melodic.form import FORM_BARS
from msanii.composer.melodic.grid import MOST_QUARTERS
from msanii.composer.melodic.grid_song import load_songs, save_songs
from msanii.composer.melodic.inference import Reader
from msanii.composer.melodic.weights import load_weights
from msanii.data.pop909 import FIRST_TEST_SONG
from msanii.errors import ConfigError, DataError
from msanii.training.composer import train_composer
from msanii.training.composer_data import VARIANTS, write_composer_data
from msanii.training.composer_windows import ComposerWindows
from tests.msanii.command import run
from tests.msanii.composer.melodic.songs import TINY, grid_song
from tests.msanii.songs import song_members, write_archive
from tests.msanii.training.tiny_runs import losses

SETTINGS = """
task: composer
network: {width: 32, layers: 2, heads: 2, hidden: 64}
tokens: 512
batch_size: 1
learning_rate: 3.0e-3
betas: [0.9, 0.98]
warmup_steps: 5
precision: "no"
ema: {start_step: 1000}
checkpoint_every: 1000
preview_every: 1000
workers: 0
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    save_songs([grid_song(number) for number in range(38, 43)], tmp_path / "songs.npz")
    return tmp_path / "songs.npz"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS)
    return path


def test_songs_of_the_archive_go_on_the_grid_without_the_test_songs(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "pop909.tar.xz", song_members(1) | song_members(2) | song_members(FIRST_TEST_SONG)
    )
    assert run("data", "composer", archive, tmp_path / "songs.npz") == 0
    songs, _ = load_songs(tmp_path / "songs.npz")
    assert [song.number for song in songs] == [1] * (1 + VARIANTS) + [2] * (1 + VARIANTS)
    song = songs[0]
    assert song.is_plain
    assert (song.bars, song.bar_beats) == (5, 4.0)
    assert song.notes["keys"][:5].tolist() == [[0, 6 * quarter, 60, 3, 5] for quarter in range(4)] + [
        [1, 0, 60, 3, 5]
    ]
    assert song.chords[0, :2].tolist() == [0, 0]
    assert song.chords[MOST_QUARTERS, :2].tolist() == [9, 0]
    assert (song.chords[2 * MOST_QUARTERS, :2] == -1).all()
    assert run("data", "composer", archive, tmp_path / "test.npz", "--test") == 0
    assert [song.number for song in load_songs(tmp_path / "test.npz")[0]] == [FIRST_TEST_SONG]


def test_an_archive_without_songs_of_the_kind_is_an_error(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "pop909.tar.xz", song_members(1))
    with pytest.raises(DataError, match="no song could be used"):
        write_composer_data(archive, tmp_path / "songs.npz", test=True)


def test_windows_are_the_same_for_an_index_and_end_what_is_written() -> None:
    windows = ComposerWindows([grid_song(1), grid_song(2)], "", TINY, tokens=1024, seed=3)
    for index in range(8):
        batch, again = windows[index], windows[index]
        assert all(torch.equal(batch[name], again[name]) for name in batch)
        labels = batch["labels"]
        bars = int(batch["meter"][..., 5].sum())
        assert int((labels[:, 2] == END).sum()) == bars
        assert (labels[:, 1] >= batch["context"][labels[:, 0]]).all()
    assert not torch.equal(windows[0]["labels"], windows[1]["labels"])


def test_no_song_is_an_error() -> None:
    with pytest.raises(DataError, match="hold no song"):
        ComposerWindows([], "", TINY, tokens=1024, seed=0)


def test_training_learns_and_a_resumed_run_goes_the_same_way(
    settings: Path, data: Path, tmp_path: Path
) -> None:
    train_composer(settings, data, tmp_path / "whole", steps=60)
    train_composer(settings, data, tmp_path / "parts", steps=30)
    train_composer(settings, data, tmp_path / "parts", steps=60)
    whole, parts = losses(tmp_path / "whole"), losses(tmp_path / "parts")
    np.testing.assert_allclose(parts, whole, rtol=1e-4)
    assert np.mean(whole[-5:]) < 0.7 * np.mean(whole[:5])
    config, weights, forms = load_weights(tmp_path / "whole" / "model")
    assert forms["keys"].shape[1] == FORM_BARS
    Reader(config, weights, forms)
    validation = (tmp_path / "whole" / "preview" / "validation.jsonl").read_text().splitlines()
    assert json.loads(validation[-1]).keys() == {"step", "slot", "pitch", "duration", "velocity"}


def test_settings_of_another_training_are_refused(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS.replace("batch_size: 1", "batch_size: 4"))
    with pytest.raises(ConfigError, match="change `tokens`"):
        train_composer(path, data, tmp_path / "run")
    path.write_text(SETTINGS.replace("task: composer", "task: unet"))
    with pytest.raises(ConfigError, match="composer"):
        train_composer(path, data, tmp_path / "run")
