"""Training of the U-Net: falling losses, exact resumption, several processes, the resulting model folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from msanii.checkpoint.folder import load_model
from msanii.errors import ConfigError, DataError
from msanii.training.config import load_training_config
from msanii.training.unet import train_unet
from msanii.training.vocoder import train_vocoder
from tests.msanii.training.tiny_runs import HOP, MODEL, SETTINGS, TINY_UNET, losses


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "muon", "timesteps": "uncertain", "shows": "mostly_notes", "log_every": 4},
    ],
)
def test_a_resumed_run_has_the_losses_of_an_unbroken_one(
    data: Path, tmp_path: Path, configured: Callable[..., Path], changes: dict[str, object]
) -> None:
    config = configured("unet", **changes)
    train_unet(config, data, tmp_path / "whole")
    train_unet(config, data, tmp_path / "broken", steps=4)
    train_unet(config, data, tmp_path / "broken")
    assert losses(tmp_path / "broken") == losses(tmp_path / "whole")
    whole, broken = (load_model(tmp_path / name / "model").unet.state_dict() for name in ("whole", "broken"))
    assert all(torch.equal(whole[name], broken[name]) for name in whole)


def test_plain_losses_are_logged_beside_uncertain_ones(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_unet(configured("unet", timesteps="uncertain", crops=[[0, 4]]), data, tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run/loss.jsonl").read_text().splitlines()]
    # Until it has learned anything, the network expects a loss of 1.
    assert lines[0]["plain_loss"] == pytest.approx(lines[0]["loss"])
    assert lines[-1]["plain_loss"] != pytest.approx(lines[-1]["loss"])
    assert {line["frames"] for line in lines} == {4}
    names = load_model(tmp_path / "run/model").unet.state_dict()
    assert not any("uncertainty" in name for name in names)


def test_songs_that_are_not_trained_on_validate(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    songs = tmp_path / "songs"
    shutil.copytree(data / "train", songs / "train")
    shutil.copytree(data / "train", songs / "test")
    for name in ("one", "other"):
        train_unet(configured("unet", preview_every=3), songs, tmp_path / name)
    one, other = ((tmp_path / name / "preview/validation.jsonl").read_text() for name in ("one", "other"))
    assert one == other
    lines = [json.loads(line) for line in one.splitlines()]
    assert [line["step"] for line in lines] == [3, 6]
    assert lines[0]["mse"] == pytest.approx(sum(lines[0]["quarters"]) / 4)
    assert lines[0]["mse"] != lines[1]["mse"]


def test_a_killed_run_resumes(data: Path, tmp_path: Path, configured: Callable[..., Path]) -> None:
    config, out = configured("unet", steps=500), tmp_path / "run"
    script = (
        "import sys; from pathlib import Path; from msanii.training.unet import train_unet; "
        "train_unet(*map(Path, sys.argv[1:4]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(config), str(data), str(out)], stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 90
        while not (out / "checkpoint").is_dir() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    reached = max(2, len(losses(out)) // 2 * 2)
    with (out / "loss.jsonl").open("a") as log:
        log.write('{"step": 99')  # half a line, as after a kill
    train_unet(config, data, out, steps=reached + 2)
    train_unet(config, data, tmp_path / "whole", steps=reached + 2)
    assert losses(out) == losses(tmp_path / "whole")


def test_training_lowers_the_loss(data: Path, tmp_path: Path, configured: Callable[..., Path]) -> None:
    """Against a run that cannot learn: the same timesteps and noise hide the trend of one curve."""
    wide = {**MODEL, "unet": {**TINY_UNET, "d_base": 64}, "schedule": {"prediction_type": "v_prediction"}}
    for name, rate in (("learning", 3e-3), ("still", 1e-12)):
        config = configured("unet", model=wide, learning_rate=rate, loss="mse", checkpoint_every=100)
        train_unet(config, data, tmp_path / name, steps=80)
    assert np.mean(losses(tmp_path / "learning")[-20:]) < 0.93 * np.mean(losses(tmp_path / "still")[-20:])


# Compiling takes minutes on a busy machine.
@pytest.mark.timeout(1_200)
# Which distutils PyTorch finds depends on what was imported before.
@pytest.mark.filterwarnings("ignore:The distutils package is deprecated:DeprecationWarning")
def test_a_run_may_go_on_compiled(
    data: Path, tmp_path: Path, configured: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the folder that all share, another program may be half-way through writing the same kernel.
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "kernels"))
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        pytest.skip("torch.compile needs a C++ compiler")
    # A level, and kernels without vector instructions: the C++ compiler would take a minute for the others.
    monkeypatch.setattr("torch._inductor.config.cpp.vec_isa_ok", False)
    # Nor a pool of processes that import PyTorch each.
    monkeypatch.setattr("torch._inductor.config.compile_threads", 1)
    level = {
        "d_multipliers": [1], "dilations": [1], "has_attention": [True], "has_resampling": [False],
        "n_block_layers": [1],
    }  # fmt: skip
    small = {**MODEL, "unet": {**TINY_UNET, **level}}
    train_unet(configured("unet", model=small, steps=4), data, tmp_path / "plain")
    train_unet(configured("unet", model=small, steps=2), data, tmp_path / "run")
    train_unet(configured("unet", model=small, steps=4, compile=True), data, tmp_path / "run")
    assert losses(tmp_path / "run") == pytest.approx(losses(tmp_path / "plain"), rel=1e-3)
    assert load_model(tmp_path / "run" / "model").config.trained == ("unet",)


def test_the_result_is_a_model_folder_that_says_what_is_trained(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured("vocoder"), data, tmp_path / "vocoder")
    train_unet(
        configured("unet", preview_every=6), data, tmp_path / "unet", vocoder=tmp_path / "vocoder/model"
    )
    vocoder, both = load_model(tmp_path / "vocoder/model"), load_model(tmp_path / "unet/model")
    assert vocoder.config.trained == ("vocoder",)
    assert both.config.trained == ("unet", "vocoder")
    for name, tensor in vocoder.vocoder.state_dict().items():
        assert torch.equal(both.vocoder.state_dict()[name], tensor)
    assert sorted(path.suffix for path in (tmp_path / "unet/preview").iterdir()) == [".png", ".wav"]
    assert list((tmp_path / "unet/log").rglob("events.out.tfevents.*"))


def test_running_scalers_are_saved_with_the_model(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_unet(configured("unet", scaling="running", loss="l1", optimizer="adam"), data, tmp_path / "run")
    transforms = load_model(tmp_path / "run/model").transforms
    assert bool(transforms.standard_scaler.fitted)
    assert float(transforms.standard_scaler.momentum) == pytest.approx(1e-3 * 0.99**5)


def test_two_processes_train_one_network(data: Path, tmp_path: Path, configured: Callable[..., Path]) -> None:
    command = [
        sys.executable, "-m", "accelerate.commands.launch",
        "--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--main_process_port", "0",
        "--mixed_precision", "no", "--dynamo_backend", "no",
        "-m", "msanii", "train", "unet", str(configured("unet")),
        "--data", str(data), "--out", str(tmp_path / "run"),
    ]  # fmt: skip
    # accelerate starts several processes with `--multi_gpu`; the variable keeps them on the CPU.
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
        "ACCELERATE_USE_CPU": "true",
    }
    result = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    curve = losses(tmp_path / "run")
    assert len(curve) == SETTINGS["steps"]
    # Twice the clips per step, so other losses than with a single process.
    train_unet(configured("unet"), data, tmp_path / "alone")
    assert curve != losses(tmp_path / "alone")


def test_another_configuration_in_the_same_folder_is_refused(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_unet(configured("unet"), data, tmp_path / "run", steps=2)
    with pytest.raises(ConfigError, match="holds a run with other learning_rate; give a new folder"):
        train_unet(configured("unet", learning_rate=1.0), data, tmp_path / "run")


def test_other_songs_in_the_same_folder_are_refused(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    songs = tmp_path / "songs"
    shutil.copytree(data, songs)
    train_unet(configured("unet"), songs, tmp_path / "run", steps=2)
    (songs / "train/001.safetensors").unlink()
    with pytest.raises(ConfigError, match="holds a run with other data; give a new folder"):
        train_unet(configured("unet"), songs, tmp_path / "run")


def test_a_vocoder_that_does_not_fit_is_refused(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    train_vocoder(configured("vocoder"), data, tmp_path / "vocoder", steps=2)
    other = {**MODEL, "vocoder": {"d_model": 8, "d_hidden_factor": 1}}
    with pytest.raises(ConfigError, match="has other settings"):
        train_unet(configured("unet", model=other), data, tmp_path / "u", vocoder=tmp_path / "vocoder/model")
    train_unet(configured("unet"), data, tmp_path / "unet", steps=2)
    with pytest.raises(ConfigError, match="is not trained"):
        train_unet(configured("unet"), data, tmp_path / "u", vocoder=tmp_path / "unet/model")


def test_a_vocoder_on_scaled_mels_brings_its_scalers(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    scaled = {**MODEL, "vocoder": {"d_model": 16, "d_hidden_factor": 1, "features": "scaled"}}
    changes = {"model": scaled, "scaling": "running"}
    # A preview between two steps must not move the statistics.
    train_vocoder(configured("vocoder", **changes), data, tmp_path / "looked", preview_every=1)
    train_vocoder(configured("vocoder", **changes), data, tmp_path / "vocoder")
    assert losses(tmp_path / "looked") == losses(tmp_path / "vocoder")
    train_unet(configured("unet", **changes), data, tmp_path / "unet", vocoder=tmp_path / "vocoder/model")
    ours, theirs = (load_model(tmp_path / name / "model").transforms for name in ("unet", "vocoder"))
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name


def test_the_wrong_task_names_the_right_command(
    data: Path, tmp_path: Path, configured: Callable[..., Path]
) -> None:
    with pytest.raises(ConfigError, match="is for `msanii train vocoder`"):
        train_unet(configured("vocoder"), data, tmp_path / "run")


def test_no_data_is_a_clear_error(tmp_path: Path, configured: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="msanii data"):
        train_unet(configured("unet"), tmp_path / "nowhere", tmp_path / "run")


@pytest.mark.parametrize(
    "name", ["paper_unet", "paper_vocoder", "default_unet", "default_vocoder", "performer_unet"]
)
def test_shipped_configurations_load(name: str) -> None:
    path = Path(__file__).parents[3] / "msanii/configs" / f"{name}.yaml"
    config = load_training_config(path)
    assert name.endswith(config.task)
    if name.startswith("paper"):
        assert config.learning_rate_factor(0) == pytest.approx(1 / 3)
        assert config.learning_rate_factor(500) == config.learning_rate_factor(config.steps - 1) == 1.0
        assert config.frames == {"unet": 8192, "vocoder": 512}[config.task]


def test_a_length_that_is_no_multiple_of_the_networks_frames_is_refused(
    configured: Callable[..., Path],
) -> None:
    with pytest.raises(ConfigError, match="needs a multiple of 2 frames"):
        load_training_config(configured("unet", samples=HOP * 8))
