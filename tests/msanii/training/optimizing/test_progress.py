"""How far a run has come, and its clips: by steps and by minutes, one process or several."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from msanii.errors import ConfigError
from msanii.training.config import TrainingConfig, load_training_config
from msanii.training.optimizing.progress import ClipBatches, Progress
from msanii.training.unet import train_unet
from tests.msanii.training.tiny_runs import losses


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def config(configured: Callable[..., Path]) -> TrainingConfig:
    """Four frames a clip, then eight: batches of 4 and of 2 clips."""
    return load_training_config(configured("unet", crops=[[0, 4], [0.5, 8]]))


def test_short_clips_come_first_in_batches_of_as_many_frames(config: TrainingConfig) -> None:
    batches = list(ClipBatches(config, Progress(config), 1, 0))
    assert [len(batch) for batch in batches] == [4, 4, 4, 2, 2, 2]
    assert all(len(batch) * batch[0][1] == 16 for batch in batches if isinstance(batch[0], tuple))


def test_no_clip_comes_twice_in_any_process_and_a_resumed_run_repeats_none(config: TrainingConfig) -> None:
    progress = Progress(config)
    whole = [list(ClipBatches(config, progress, 2, process)) for process in (0, 1)]
    keys = [key for batches in whole for batch in batches for key in batch]
    assert len({key[0] for key in keys if isinstance(key, tuple)}) == len(keys) == 36
    progress.step = 4
    assert list(ClipBatches(config, progress, 2, 1)) == whole[1][4:]


def test_a_run_by_minutes_counts_those_of_earlier_calls(configured: Callable[..., Path]) -> None:
    config = load_training_config(configured("unet", crops=[[0, 4], [0.5, 8]]), minutes=2.0)
    clock = Clock()
    first = Progress(config, clock)
    clock.now += 30
    first.step = 7
    assert first.share == 0.25
    again = Progress(config, clock)
    clock.now += 3
    again.load_state_dict(first.state_dict() | {"seconds": 30.0})
    assert again.step == 7
    assert again.share == pytest.approx(33 / 120)
    batches = iter(ClipBatches(config, again, 1, 0))
    assert next(batches) == [(index, 4) for index in range(28, 32)]
    clock.now += 60
    assert next(batches) == [(32, 8), (33, 8)]
    assert len(list(islice(batches, 100))) == 100, "as many steps as there is time for"
    clock.now += 600
    assert again.share == 1.0


def test_the_learning_rate_falls_to_zero_at_the_deadline(configured: Callable[..., Path]) -> None:
    config = load_training_config(configured("unet", decay_share=0.4), minutes=10.0)
    assert config.learning_rate_factor(1000, 0.5) == 1.0
    assert config.learning_rate_factor(1000, 0.8) == pytest.approx(0.5)
    assert config.learning_rate_factor(1000, 1.0) == 0.0
    by_steps = load_training_config(configured("unet", decay_steps=3, steps=12), minutes=10.0)
    assert by_steps.learning_rate_factor(1000, 0.875) == pytest.approx(0.5)


def test_a_run_by_minutes_ends_in_time_with_a_model(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    config = configured("unet", crops=[[0, 4], [0.5, 8]], decay_share=0.5, checkpoint_every=100_000)
    began = time.monotonic()
    train_unet(config, data, tmp_path / "run", minutes=0.05)
    spent_minutes = (time.monotonic() - began) / 60
    first = losses(tmp_path / "run")
    assert len(first) > 1
    assert (tmp_path / "run/model/model.safetensors").is_file()
    # Its time is over: the same command again trains no further, more minutes do.
    train_unet(config, data, tmp_path / "run", minutes=0.05)
    assert losses(tmp_path / "run") == first
    train_unet(config, data, tmp_path / "run", minutes=spent_minutes + 0.05)
    assert len(losses(tmp_path / "run")) > len(first)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crops": [[0.1, 4]]}, "expected rising ones from 0"),
        ({"crops": [[0, 4], [0.5, 8], [0.5, 4]]}, "expected rising ones from 0"),
        ({"crops": [[0, 3]]}, "expected a multiple of 2"),
        ({"crops": [[0, 10]]}, "not whole clips of 10"),
        ({"minutes": 0.0}, "minutes: got 0.0, expected more than 0"),
        ({"decay_share": 1.5}, "decay_share: got 1.5"),
        ({"decay_share": 0.5, "decay_steps": 3}, "give one of the two"),
        ({"optimizer": "muon", "precision": "fp16"}, "muon takes auto, bf16 or no"),
        ({"averages": {"sigma_rel": [0.5]}}, "sigma_rel: got 0.5, expected 0.01 to 0.28"),
        ({"averages": {"sigma_rel": []}}, "one or more lengths"),
        ({"averages": {"every": 0}}, "averages.every: got 0"),
        ({"muon": {"blocks": 0}}, "muon.blocks: got 0, expected at least 1"),
        ({"saves": 0}, "saves: got 0, expected at least 1"),
        ({"log_every": 0}, "log_every: got 0, expected at least 1"),
    ],
)
def test_settings_that_make_no_run_are_refused(
    configured: Callable[..., Path], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_training_config(configured("unet", **changes))


@pytest.mark.parametrize("changes", [{"optimizer": "muon"}, {"averages": {}}, {"crops": [[0, 4]]}])
def test_settings_of_the_unet_are_refused_elsewhere(
    configured: Callable[..., Path], changes: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="U-Net"):
        load_training_config(configured("vocoder", **changes))
