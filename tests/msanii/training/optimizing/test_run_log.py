"""The log of a run: every step has its line, however rarely lines are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator

from msanii.training.config import load_training_config
from msanii.training.optimizing.progress import Progress
from msanii.training.optimizing.run_log import RunLog


def steps_in(path: Path) -> list[int]:
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_steps_are_written_together_and_the_last_at_the_end(
    tmp_path: Path, configured: Callable[..., Path]
) -> None:
    config = load_training_config(configured("unet", log_every=4))
    progress, path = Progress(config), tmp_path / "loss.jsonl"
    with RunLog(path, config, progress, Accelerator(mixed_precision="no")) as log:
        for step in range(1, 7):
            progress.step = step
            log.add(2, {"loss": torch.tensor(float(step)), "learning_rate": 0.5})
            assert steps_in(path) == ([1, 2, 3, 4] if step >= 4 else [])
    assert steps_in(path) == [1, 2, 3, 4, 5, 6]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["loss"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[0]["clips_per_second"] == lines[3]["clips_per_second"] > 0


def test_a_resumed_runs_log_ends_at_its_checkpoint(tmp_path: Path, configured: Callable[..., Path]) -> None:
    config = load_training_config(configured("unet"))
    progress, path = Progress(config), tmp_path / "loss.jsonl"
    path.write_text('{"step": 1, "loss": 1}\n{"step": 2, "loss": 1}\n{"step": 3, "loss": 1}\n{"step": 4')
    progress.step = 2
    with RunLog(path, config, progress, Accelerator(mixed_precision="no")) as log:
        assert steps_in(path) == [1, 2]
        progress.step = 3
        log.add(2, {"loss": 0.5})
    assert steps_in(path) == [1, 2, 3]
    assert json.loads(path.read_text().splitlines()[-1])["loss"] == pytest.approx(0.5)
