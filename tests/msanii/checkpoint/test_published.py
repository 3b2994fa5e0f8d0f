"""The published checkpoint's format, on a tiny file of the same layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.configuration_utils import FrozenDict
from torch import Tensor

from msanii.checkpoint.folder import load_model
from msanii.checkpoint.published import export_published, import_published
from msanii.config import UNetConfig, VocoderConfig
from msanii.diffusion.unet import UNet
from msanii.errors import CheckpointError
from msanii.vocoder.magnitude import Vocoder
from tests.msanii.published_file import SCHEDULER, UNET, make_published, write


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return make_published()


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


def test_controls_are_dropped_only_on_request(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="without-controls"):
        export_published(tiny_model, tmp_path / "out.pt")
    assert not (tmp_path / "out.pt").exists()


def random_state(module: torch.nn.Module) -> None:
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)


def test_an_exported_model_matches_its_unconditional_output(tiny_model: Path, tmp_path: Path) -> None:
    from msanii.checkpoint.folder import save_model

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
