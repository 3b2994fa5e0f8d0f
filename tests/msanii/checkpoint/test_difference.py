"""A model as its difference to another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from msanii.checkpoint.difference import apply_difference, write_difference
from msanii.checkpoint.folder import load_model, save_model
from msanii.errors import CheckpointError
from tests.conftest import save_tiny_model


@pytest.fixture
def trained(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model after a little training, as it were."""
    model = load_model(tiny_model)
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.unet.parameters():
            weight.add_(0.01 * torch.randn(weight.shape, generator=random))
    save_model(tmp_path / "trained", model.config, model.unet, model.vocoder, model.transforms)
    return tmp_path / "trained"


def test_a_difference_brings_the_model_back_but_for_a_tenth_of_it(
    tiny_model: Path, trained: Path, tmp_path: Path
) -> None:
    path = tmp_path / "trained.difference"
    write_difference(trained, tiny_model, path)
    apply_difference(path, tiny_model, tmp_path / "again")
    base, wanted, again = (load_model(folder) for folder in (tiny_model, trained, tmp_path / "again"))
    lost = moved = 0.0
    for name, weight in wanted.unet.state_dict().items():
        moved += float((weight - base.unet.state_dict()[name]).square().sum())
        lost += float((weight - again.unet.state_dict()[name]).square().sum())
    assert 0 < lost / moved < 0.12**2
    for name, weight in wanted.vocoder.state_dict().items():
        assert torch.equal(weight, again.vocoder.state_dict()[name])
    assert path.stat().st_size < (trained / "model.safetensors").stat().st_size / 4


def test_another_base_or_a_broken_file_is_told(tiny_model: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "trained.difference"
    write_difference(trained, tiny_model, path)
    other = save_tiny_model(tmp_path / "other", seed=5)
    with pytest.raises(CheckpointError, match="belongs to a model with the fingerprint"):
        apply_difference(path, other, tmp_path / "out")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="cannot be read"):
        apply_difference(path, tiny_model, tmp_path / "out")
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_difference(trained, tiny_model, tmp_path / "nowhere" / "file")
