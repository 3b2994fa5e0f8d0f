"""The published checkpoint's format, on a tiny file of the same layout."""

from __future__ import annotations

import copy
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.configuration_utils import FrozenDict
from torch import Tensor

from msanii.checkpoint import load_model
from msanii.config import TransformsConfig, UNetConfig, VocoderConfig
from msanii.errors import CheckpointError
from msanii.published import WINDOW, WINDOW_COPIES, export_published, import_published
from msanii.transforms import Transforms
from msanii.unet import UNet
from msanii.vocoder import Vocoder

UNET = UNetConfig(
    d_base=16,
    d_hidden_factor=1,
    d_multipliers=(1, 1),
    d_timestep=16,
    dilations=(1, 1),
    n_heads=2,
    has_attention=(False, True),
    has_resampling=(True, False),
    n_block_layers=(1, 1),
)
VOCODER = VocoderConfig(d_model=16, d_hidden_factor=1, features="scaled")
# Word for word what the published file holds.
SCHEDULER = {
    "num_train_timesteps": 1000,
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "beta_schedule": "squaredcos_cap_v2",
    "trained_betas": None,
    "clip_sample": True,
    "set_alpha_to_one": True,
    "steps_offset": 0,
    "prediction_type": "epsilon",
    "thresholding": False,
    "dynamic_thresholding_ratio": 0.995,
    "clip_sample_range": 1.0,
    "sample_max_value": 1.0,
    "timestep_spacing": "leading",
    "rescale_betas_zero_snr": False,
    "_use_default_values": ["trained_betas", "beta_end"],
}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """A checkpoint of the published layout; its matrices differ from ours in their last bits."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        unet, vocoder, transforms = UNet(UNET), Vocoder(VOCODER), Transforms(TransformsConfig())
        state = transforms.state_dict()
        state["inverse_mel_scale.fb"] = state["inverse_mel_scale.fb"] * (1 + 1e-6)
        state["standard_scaler.running_mean"] = torch.tensor(-1.27)
        state["standard_scaler.running_var"] = torch.tensor(7.8)
        state["minmax_scaler.running_min"] = torch.tensor(-3.7)
        state["minmax_scaler.running_max"] = torch.tensor(3.1)
    return {
        "transforms_config": {
            "sample_rate": 44100,
            "n_fft": 2048,
            "win_length": None,
            "hop_length": None,
            "n_mels": 128,
            "feature_range": (-1.0, 1.0),
            "momentum": 0.001,
            "momentum_decay": 0.99,
            "eps": 1e-05,
            "clip": True,
            "num_griffin_lim_iters": 100,
            "griffin_lim_momentum": 0.99,
        },
        "vocoder_config": {"n_fft": 2048, "n_mels": 128, "d_model": 16, "d_hidden_factor": 1},
        "unet_config": {key: value for key, value in UNET.to_dict().items() if key != "controls"},
        "scheduler_config": dict(SCHEDULER),
        "transforms_state_dict": OrderedDict(state) | {key: state[WINDOW].clone() for key in WINDOW_COPIES},
        "vocoder_state_dict": vocoder.state_dict(),
        "unet_state_dict": unet.state_dict(),
    }


def write(path: Path, values: object) -> Path:
    torch.save(values, path)
    return path


def read(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = torch.load(path, weights_only=True)
    return values


def test_a_published_file_survives_the_round_trip_bit_for_bit(
    published: dict[str, Any], tmp_path: Path
) -> None:
    import_published(write(tmp_path / "in.pt", published), tmp_path / "model")
    export_published(tmp_path / "model", tmp_path / "out.pt")
    result = read(tmp_path / "out.pt")
    assert result.keys() == published.keys()
    for part in ("transforms", "vocoder", "unet"):
        before, after = published[f"{part}_state_dict"], result[f"{part}_state_dict"]
        assert before.keys() == after.keys()
        assert all(
            torch.equal(before[key], after[key]) and before[key].dtype == after[key].dtype for key in before
        )
    assert result["transforms_config"] | {"feature_range": (-1.0, 1.0)} == published["transforms_config"]
    assert result["vocoder_config"] == published["vocoder_config"]
    assert result["unet_config"] == published["unet_config"]
    assert result["scheduler_config"] | {"_use_default_values": ["trained_betas", "beta_end"]} == SCHEDULER


def test_an_imported_model_gives_the_published_networks_output(
    published: dict[str, Any], tmp_path: Path
) -> None:
    config = import_published(write(tmp_path / "in.pt", published), tmp_path / "model")
    model = load_model(tmp_path / "model")
    assert config.vocoder.features == "scaled"
    assert config.sampling.iterations == 100
    reference = UNet(UNET).eval()
    reference.load_state_dict(published["unet_state_dict"])
    x = torch.linspace(-1, 1, 2 * 128 * 8).reshape(1, 2, 128, 8)
    assert torch.equal(model.unet(x, torch.tensor([600])), reference(x, torch.tensor([600])))
    assert float(model.transforms.standard_scaler.running[0]) == pytest.approx(-1.27)


def test_configurations_of_diffusers_are_read_as_plain_settings(
    published: dict[str, Any], tmp_path: Path
) -> None:
    values = published | {
        key: FrozenDict(published[key])  # type: ignore[no-untyped-call]
        for key in published
        if key.endswith("_config")
    }
    config = import_published(write(tmp_path / "in.pt", values), tmp_path / "model")
    assert config.unet == UNET


def test_a_folder_with_a_model_is_not_overwritten(published: dict[str, Any], tmp_path: Path) -> None:
    source = write(tmp_path / "in.pt", published)
    import_published(source, tmp_path / "model")
    with pytest.raises(CheckpointError, match="already holds a model"):
        import_published(source, tmp_path / "model")


class Hostile:
    """Runs a command when a careless reader opens it."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.trace}'",)


def test_a_hostile_file_runs_nothing(published: dict[str, Any], tmp_path: Path) -> None:
    trace = tmp_path / "it ran"
    source = write(tmp_path / "in.pt", published | {"unet_config": Hostile(trace)})
    with pytest.raises(CheckpointError, match="nothing in it was run"):
        import_published(source, tmp_path / "model")
    assert not trace.exists()
    torch.load(source, weights_only=False)  # the file is what this test takes it for
    assert trace.exists()


def test_a_plain_pickle_is_refused_unread(tmp_path: Path) -> None:
    trace = tmp_path / "it ran"
    (tmp_path / "in.pt").write_bytes(pickle.dumps(Hostile(trace)))
    with pytest.raises(CheckpointError, match="cannot be read"):
        import_published(tmp_path / "in.pt", tmp_path / "model")
    assert not trace.exists()


@pytest.mark.parametrize("content", [b"", b"RIFF" + bytes(1000), b"PK\x03\x04" + bytes(1000)])
def test_a_foreign_file_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be read"):
        import_published(tmp_path / "in.pt", tmp_path / "model")


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        import_published(tmp_path / "nowhere.pt", tmp_path / "model")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_a_clear_error(published: dict[str, Any], tmp_path: Path, kept: float) -> None:
    source = write(tmp_path / "in.pt", published)
    content = source.read_bytes()
    source.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(CheckpointError):
        import_published(source, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_an_archive_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
        # A directory entry may claim any size: nothing has to be unpacked to see it.
        archive.infolist()[0].file_size = 2**31
        archive.infolist().append(copy.copy(archive.infolist()[0]))
        archive.infolist().append(copy.copy(archive.infolist()[0]))
    with pytest.raises(CheckpointError, match="unpacks to"):
        import_published(tmp_path / "in.pt", tmp_path / "model")


def set_in(values: dict[str, Any], part: str, key: str, value: object) -> dict[str, Any]:
    return values | {part: {**values[part], key: value}}


DAMAGES: dict[str, tuple[str, str, object, str]] = {
    "another width": ("unet_config", "d_base", 32, "has shape"),
    "an unknown setting": ("unet_config", "colour", 1, "unknown colour"),
    "a mapping for a number": ("vocoder_config", "d_model", {}, "expected int"),
    "another window": ("transforms_config", "win_length", 512, "win_length is 512"),
    "a schedule we do not have": ("scheduler_config", "thresholding", True, "thresholding is True"),
    "a setting of no schedule": ("scheduler_config", "colour", 1, "colour is 1"),
    "NaN": ("unet_state_dict", "input_fn.1.bias", torch.full((16,), float("nan")), "NaN or infinity"),
    "a text for a tensor": ("unet_state_dict", "input_fn.1.bias", "hello", "no tensor"),
    "a wrong shape": ("vocoder_state_dict", "fn.0.1.bias", torch.zeros(2), r"shape \(2,\)"),
    "a different window copy": ("transforms_state_dict", WINDOW_COPIES[0], torch.zeros(2048), "differs from"),
    "a foreign key": ("unet_state_dict", "extra", torch.zeros(1), "unknown unet.extra"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_wrong_content_is_named(published: dict[str, Any], tmp_path: Path, damage: str) -> None:
    part, key, value, message = DAMAGES[damage]
    source = write(tmp_path / "in.pt", set_in(published, part, key, value))
    with pytest.raises(CheckpointError, match=message):
        import_published(source, tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": {}}, {"unet_config": 1}])
def test_another_programs_checkpoint_is_named(tmp_path: Path, content: object) -> None:
    with pytest.raises(CheckpointError, match="no Msanii checkpoint"):
        import_published(write(tmp_path / "in.pt", content), tmp_path / "model")


def test_controls_are_left_out_only_when_asked_to(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="without-controls"):
        export_published(tiny_model, tmp_path / "out.pt")
    assert not (tmp_path / "out.pt").exists()


def random_state(module: torch.nn.Module) -> None:
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)


def test_an_exported_model_gives_its_unasked_output_in_the_published_code(
    tiny_model: Path, tmp_path: Path
) -> None:
    from msanii.checkpoint import save_model

    model = load_model(tiny_model)
    random_state(model.unet)
    model.transforms.standard_scaler.get_buffer("running_mean").fill_(-1.5)
    model.transforms.standard_scaler.get_buffer("running_var").fill_(6.0)
    model.transforms.minmax_scaler.get_buffer("running_min").fill_(-2.0)
    save_model(tmp_path / "model", model.config, model.unet, model.vocoder, model.transforms)
    export_published(tmp_path / "model", tmp_path / "out.pt", without_controls=True)
    values = read(tmp_path / "out.pt")
    unet = UNet(UNetConfig.from_dict(values["unet_config"])).eval()
    unet.load_state_dict(values["unet_state_dict"])
    x = torch.linspace(-1, 1, 2 * 128 * 16).reshape(1, 2, 128, 16)
    nothing = torch.zeros(1, model.config.unet.n_controls, 16)
    torch.testing.assert_close(unet.input_fn(x), unasked_input(model.unet, x, nothing))
    vocoder = Vocoder(VocoderConfig.from_dict(values["vocoder_config"]))
    vocoder.load_state_dict(values["vocoder_state_dict"])
    torch.testing.assert_close(vocoder(x), model.vocoder(model.transforms.unscale(x)), atol=1e-5, rtol=1e-4)


def unasked_input(unet: UNet, x: Tensor, nothing: Tensor) -> Tensor:
    """What the U-Net's first blocks see when no control is present, away from the ends."""
    assert unet.control_fn is not None
    added: Tensor = unet.control_fn(nothing)
    embedded: Tensor = unet.input_fn(x)
    return embedded + added[..., added.shape[-1] // 2].unsqueeze(-1)


def test_an_export_that_cannot_be_written_leaves_nothing(published: dict[str, Any], tmp_path: Path) -> None:
    import_published(write(tmp_path / "in.pt", published), tmp_path / "model")
    with pytest.raises(CheckpointError, match="cannot be written"):
        export_published(tmp_path / "model", tmp_path / "no folder" / "out.pt")
