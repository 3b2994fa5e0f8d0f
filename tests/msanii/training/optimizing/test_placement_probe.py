"""The probe: the quickest way wins, hopeless ones are not tried again, and the task stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from torch.utils.data import default_collate

from msanii.training.config import load_training_config
from msanii.training.optimizing.placement_probe import CPU_WAYS, Way, probe
from msanii.training.unet import UNetTask, train_unet
from tests.msanii.training.tiny_runs import losses


@pytest.fixture
def task(data: Path, configured: Callable[..., Path]) -> UNetTask:
    return UNetTask(load_training_config(configured("unet", scaling="running")), data)


def test_every_way_is_timed_and_the_task_left_as_it_was(task: UNetTask) -> None:
    before = {name: value.clone() for name, value in task.state_dict().items()}
    weights = {name: value.clone() for name, value in task.unet.state_dict().items()}
    speeds = probe(task, default_collate([task.dataset[0], task.dataset[1]]), 2)
    assert set(speeds) == set(CPU_WAYS)
    assert list(speeds.values()) == sorted(speeds.values(), reverse=True)
    assert min(speeds.values()) > 0
    assert all(torch.equal(task.state_dict()[name], value) for name, value in before.items())
    assert all(torch.equal(task.unet.state_dict()[name], value) for name, value in weights.items())
    assert all(parameter.grad is None for parameter in task.unet.parameters())


def test_the_quickest_comes_first_and_the_hopeless_are_tried_once(task: UNetTask) -> None:
    seconds = iter([5.0, 1.0, 1.1, 3.5, 1.5, 1.4, 1.3, 9.0])
    times = [0.0]

    def clock() -> float:
        if len(times) % 2:
            times.append(times[-1])
        else:
            times.append(times[-1] + next(seconds))
        return times[-1]

    speeds = probe(task, default_collate([task.dataset[0], task.dataset[1]]), 2, clock)
    assert speeds == pytest.approx(
        {
            Way("no", channels_last=True): 2 / 1.0,
            Way("bf16", channels_last=True): 2 / 1.3,
            Way("no", channels_last=False): 2 / 3.5,
            Way("bf16", channels_last=False): 2 / 9.0,
        }
    )
    assert next(iter(speeds)) == Way("no", channels_last=True)


def test_a_run_says_what_it_chose_and_may_choose_anew(
    data: Path, tmp_path: Path, configured: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    train_unet(configured("unet", steps=2, precision="auto"), data, tmp_path / "run")
    said = capsys.readouterr().out
    assert said.count("clips/s forward and backward") == 4
    assert "this training computes in" in said
    AcceleratorState._reset_state()  # as in another process
    train_unet(configured("unet", precision="no"), data, tmp_path / "run")
    assert len(losses(tmp_path / "run")) == 6
    assert json.loads((tmp_path / "run/training.json").read_text())["precision"] == "no"
