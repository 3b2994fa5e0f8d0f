"""Model folders: they are saved bit for bit, and bad files are clear errors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from msanii.checkpoint.folder import (
    DEFAULT_FOLDER,
    DERIVED,
    find_model,
    load_model,
    read_config,
    save_model,
    state_of,
)
from msanii.errors import CheckpointError
from msanii.fingerprints import CONFIG_NAME, WEIGHTS_NAME, fingerprint


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """A model folder of one's own, to be damaged."""
    return Path(shutil.copytree(tiny_model, tmp_path / "modèle 音"))


def edit_config(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / CONFIG_NAME
    values = json.loads(path.read_text(encoding="utf-8"))
    edit(values)
    path.write_text(json.dumps(values), encoding="utf-8")


def edit_weights(folder: Path, edit: Callable[[dict[str, Tensor]], object]) -> None:
    path = folder / WEIGHTS_NAME
    tensors = load_file(path)
    edit(tensors)
    save_file(tensors, path)


def test_derived_tensors_are_not_stored_but_older_files_may_have_them(folder: Path) -> None:
    model = load_model(folder)
    every = state_of(model.unet, model.vocoder, model.transforms)
    assert set(load_file(folder / WEIGHTS_NAME)) == set(every) - DERIVED
    edit_weights(folder, lambda tensors: tensors.update({key: 2 * every[key] for key in DERIVED}))
    older = load_model(folder)
    old = state_of(older.unet, older.vocoder, older.transforms)
    for key, tensor in every.items():
        assert torch.equal(old[key], 2 * tensor if key in DERIVED else tensor)


def test_a_saved_model_comes_back_bit_for_bit(folder: Path, tmp_path: Path) -> None:
    first = load_model(folder)
    save_model(tmp_path / "again", first.config, first.unet, first.vocoder, first.transforms)
    second = load_model(tmp_path / "again")
    assert second.config == first.config
    for part in ("unet", "vocoder", "transforms"):
        before, after = getattr(first, part).state_dict(), getattr(second, part).state_dict()
        assert before.keys() == after.keys()
        assert all(
            torch.equal(before[key], after[key]) and before[key].dtype == after[key].dtype for key in before
        )
    assert (tmp_path / "again" / WEIGHTS_NAME).read_bytes() == (folder / WEIGHTS_NAME).read_bytes()


def test_a_loaded_model_is_ready_to_use(folder: Path) -> None:
    model = load_model(folder)
    modules = (model.unet, model.vocoder, model.transforms)
    assert not any(module.training for part in modules for module in part.modules())
    assert {tensor.device.type for part in modules for tensor in part.state_dict().values()} == {"cpu"}
    mel = torch.zeros(1, 2, 128, 8)
    assert torch.isfinite(model.unet(mel, torch.tensor([999]))).all()
    assert torch.isfinite(model.vocoder(model.transforms.unscale(mel))).all()


def test_loading_leaves_the_global_generator_alone(folder: Path) -> None:
    before = torch.get_rng_state()
    load_model(folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_half_precision_on_disk_is_float32_in_memory(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    save_model(tmp_path / "half", model.config, model.unet, model.vocoder, model.transforms, half=True)
    stored, loaded = load_file(tmp_path / "half" / WEIGHTS_NAME), load_model(tmp_path / "half")
    assert stored["unet.input_fn.1.weight"].dtype == torch.float16
    assert stored["transforms.standard_scaler.running_mean"].dtype == torch.float32
    weight = loaded.unet.state_dict()["input_fn.1.weight"]
    assert weight.dtype == torch.float32
    torch.testing.assert_close(weight, model.unet.state_dict()["input_fn.1.weight"], atol=1e-4, rtol=1e-3)


def test_a_weight_too_large_for_half_precision_is_refused(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    with torch.no_grad():
        model.unet.state_dict()["input_fn.1.weight"].fill_(1e6)
    with pytest.raises(CheckpointError, match="float16"):
        save_model(tmp_path / "half", model.config, model.unet, model.vocoder, model.transforms, half=True)
    assert not (tmp_path / "half").exists()


def test_saving_leaves_no_part_files(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    save_model(tmp_path / "new", model.config, model.unet, model.vocoder, model.transforms)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [CONFIG_NAME, WEIGHTS_NAME]


def test_saving_over_a_file_says_so(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder)
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_model(tmp_path / "taken", model.config, model.unet, model.vocoder, model.transforms)


def test_the_fingerprint_follows_weights_and_settings_but_not_place_or_layout(
    folder: Path, tmp_path: Path
) -> None:
    first = fingerprint(folder)
    assert len(first) == 16
    assert load_model(folder).fingerprint == first
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    edit_config(moved, lambda values: values)  # the same values, written without indents
    assert fingerprint(moved) == first
    edit_config(moved, lambda values: values["sampling"].update(steps=5))
    assert fingerprint(moved) != first
    edit_weights(folder, lambda tensors: tensors["unet.input_fn.1.bias"].add_(1e-3))
    assert fingerprint(folder) != first


def test_an_older_model_may_lack_settings(folder: Path) -> None:
    edit_config(folder, lambda values: values.pop("sampling"))
    assert load_model(folder).config.sampling.steps == 200


def test_models_are_found_by_folder_or_by_name(folder: Path) -> None:
    assert find_model(folder) == folder
    assert find_model(str(folder)) == folder
    assert find_model() == DEFAULT_FOLDER
    with pytest.raises(CheckpointError, match=r"`no such model`.*the name of a shipped model"):
        find_model("no such model")


CONFIG_DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a newer format": (lambda values: values.update(format_version=99), "format_version: got 99"),
    "an unknown setting": (lambda values: values["unet"].update(colour="red"), "unknown colour"),
    "a text for a number": (
        lambda values: values["unet"].update(d_base="256"),
        "d_base: got '256', expected int",
    ),
    "a number for a list": (lambda values: values["unet"].update(dilations=1), "expected a list"),
    "a mapping for a part": (lambda values: values.update(unet=[]), "expected a mapping"),
    "a width for a bigger machine": (lambda values: values["unet"].update(d_base=2**40), "expected at most"),
    "endless blocks": (
        lambda values: values["unet"].update(n_block_layers=[10**9, 1, 1]),
        "expected at most",
    ),
    "a huge transform": (
        lambda values: (values["transforms"].update(n_fft=2**30), values["vocoder"].update(n_fft=2**30)),
        "expected at most",
    ),
    "another width": (lambda values: values["unet"].update(d_base=32), "has shape"),
    "other controls": (lambda values: values["unet"].update(controls=[]), "has unknown unet.control_fn"),
    "one level more": (
        lambda values: values["unet"].update(
            d_multipliers=[1] * 4,
            dilations=[1] * 4,
            n_block_layers=[1] * 4,
            has_attention=[False] * 4,
            has_resampling=[False] * 4,
        ),
        "does not fit its configuration",
    ),
}


@pytest.mark.parametrize("damage", CONFIG_DAMAGES)
def test_a_wrong_configuration_is_named(folder: Path, damage: str) -> None:
    edit, message = CONFIG_DAMAGES[damage]
    edit_config(folder, edit)
    with pytest.raises(CheckpointError, match=message):
        load_model(folder)


CONFIG_TEXTS = {
    "empty": b"",
    "cut short": b'{"format_version": 1, "unet": {',
    "not text": b"\xff\xfe\x00\x01",
    "a list": b"[1, 2]",
    "not a number": b'{"transforms": {"eps": NaN}}',
    "nested without end": b"[" * 60_000,
    "too long": b'{"name": "' + b"x" * 70_000 + b'"}',
}


@pytest.mark.parametrize("text", CONFIG_TEXTS)
def test_a_damaged_configuration_is_a_clear_error(folder: Path, text: str) -> None:
    (folder / CONFIG_NAME).write_bytes(CONFIG_TEXTS[text])
    with pytest.raises(CheckpointError, match="config"):
        read_config(folder)


WEIGHT_DAMAGES: dict[str, tuple[Callable[[dict[str, Tensor]], object], str]] = {
    "NaN": (lambda tensors: tensors["unet.input_fn.1.bias"].fill_(float("nan")), "NaN or infinity"),
    "infinity": (lambda tensors: tensors["vocoder.fn.2.0.bias"].fill_(float("inf")), "NaN or infinity"),
    "a missing key": (lambda tensors: tensors.pop("unet.input_fn.1.bias"), "misses unet.input_fn.1.bias"),
    "a foreign key": (lambda tensors: tensors.update({"unet.extra": torch.zeros(1)}), "unknown unet.extra"),
    "a wrong shape": (
        lambda tensors: tensors.update({"unet.input_fn.1.bias": torch.zeros(3)}),
        r"shape \(3,\)",
    ),
    "whole numbers": (
        lambda tensors: tensors.update({"unet.input_fn.1.bias": torch.zeros(16, dtype=torch.int64)}),
        "torch.int64",
    ),
}


@pytest.mark.parametrize("damage", WEIGHT_DAMAGES)
def test_wrong_weights_are_named(folder: Path, damage: str) -> None:
    edit, message = WEIGHT_DAMAGES[damage]
    edit_weights(folder, edit)
    with pytest.raises(CheckpointError, match=message):
        load_model(folder)


@pytest.mark.parametrize("kept_bytes", [0, 4, 100, 20_000])
def test_truncated_weights_are_a_clear_error(folder: Path, kept_bytes: int) -> None:
    path = folder / WEIGHTS_NAME
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_model(folder)


def test_foreign_weights_are_a_clear_error(folder: Path) -> None:
    (folder / WEIGHTS_NAME).write_bytes(b"RIFF" + bytes(5_000))
    with pytest.raises(CheckpointError, match="not a model file"):
        load_model(folder)


@pytest.mark.parametrize("name", [CONFIG_NAME, WEIGHTS_NAME])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=f"has no {name}"):
        load_model(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        load_model(tmp_path / "nowhere")
