"""Files that only look like a published checkpoint: each is a clear error, and runs no code."""

from __future__ import annotations

import copy
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from msanii.checkpoint.published import WINDOW_COPIES, import_published
from msanii.config import UNetConfig
from msanii.diffusion.unet import UNet
from msanii.errors import CheckpointError
from tests.msanii.published_file import make_published, write


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return make_published()


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


def _repacked(source: Path, target: Path, compression: int) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return target


def test_a_compressed_archive_is_refused_before_it_is_unpacked(
    published: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(tmp_path / "whole.pt", published)
    import_published(_repacked(whole, tmp_path / "stored.pt", zipfile.ZIP_STORED), tmp_path / "stored")
    source = _repacked(whole, tmp_path / "in.pt", zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(torch, "load", lambda *_args, **_named: pytest.fail("it was read"))
    with pytest.raises(CheckpointError, match="compressed"):
        import_published(source, tmp_path / "model")


def test_an_old_pickle_with_an_archive_behind_it_is_refused_unread(
    published: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write(tmp_path / "whole.pt", published).read_bytes()
    torch.save(published, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "in.pt").write_bytes((tmp_path / "old.pt").read_bytes() + archive)
    assert zipfile.is_zipfile(tmp_path / "in.pt")
    monkeypatch.setattr(torch, "load", lambda *_args, **_named: pytest.fail("it was read"))
    with pytest.raises(CheckpointError, match="no archive from its first byte on"):
        import_published(tmp_path / "in.pt", tmp_path / "model")


@pytest.mark.parametrize("kind", ["endless", "pipe", "folder"])
def test_what_is_no_regular_file_is_refused_unread(kind: str, tmp_path: Path) -> None:
    source = Path("/dev/zero") if kind == "endless" else tmp_path / "in.pt"
    if kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no pipes among its files")
        os.mkfifo(source)
    elif kind == "folder":
        source.mkdir()
    with pytest.raises(CheckpointError, match="no regular file"):
        import_published(source, tmp_path / "model")


def test_an_archive_that_unpacks_to_more_than_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
        # A directory entry may claim any size: nothing has to be unpacked to see it.
        archive.infolist()[0].file_size = 2**31
        archive.infolist().append(copy.copy(archive.infolist()[0]))
        archive.infolist().append(copy.copy(archive.infolist()[0]))
    with pytest.raises(CheckpointError, match="unpacks to"):
        import_published(tmp_path / "in.pt", tmp_path / "model")


def test_small_files_that_claim_gigabytes_are_refused_before_allocation(
    published: dict[str, Any], tmp_path: Path
) -> None:
    config = published["unet_config"] | {"d_base": 4096, "n_block_layers": [20, 20]}
    with torch.device("meta"):
        shapes = {
            key: tensor.shape for key, tensor in UNet(UNetConfig.from_dict(config)).state_dict().items()
        }
    views = {key: torch.zeros(1).expand(shape) for key, shape in shapes.items()}
    source = write(tmp_path / "in.pt", published | {"unet_config": config, "unet_state_dict": views})
    assert source.stat().st_size < 2**22
    with pytest.raises(CheckpointError, match=r"its tensors would take \d+ bytes"):
        import_published(source, tmp_path / "model")


# Nothing on the stack; a number where a list, a mapping or a class is expected; a memory that is empty.
@pytest.mark.parametrize(
    "opcodes",
    [b".", b"a.", b"K\x01K\x02K\x03s.", b"K\x01K\x02R.", b"K\x01Q.", b"K\x01K\x02b.", b"h\x05.", b""],
)
def test_broken_opcodes_are_a_clear_error(published: dict[str, Any], tmp_path: Path, opcodes: bytes) -> None:
    whole = write(tmp_path / "whole.pt", published)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "in.pt", "w") as new:
        for entry in old.infolist():
            is_pickle = entry.filename.endswith("data.pkl")
            new.writestr(entry.filename, b"\x80\x02" + opcodes if is_pickle else old.read(entry))
    with pytest.raises(CheckpointError, match=r"in\.pt"):
        import_published(tmp_path / "in.pt", tmp_path / "model")


def set_in(values: dict[str, Any], part: str, key: object, value: object) -> dict[str, Any]:
    return values | {part: {**values[part], key: value}}


DAMAGES: dict[str, tuple[str, object, object, str]] = {
    "another width": ("unet_config", "d_base", 32, "has shape"),
    "an unknown setting": ("unet_config", "colour", 1, "unknown colour"),
    "a mapping for a number": ("vocoder_config", "d_model", {}, "d_model is dict, expected a number"),
    "a tensor for a window": ("transforms_config", "win_length", torch.ones(2), "win_length is Tensor"),
    "a tensor for a momentum": ("transforms_config", "griffin_lim_momentum", torch.ones(2), "is Tensor"),
    "a tensor for a schedule": ("scheduler_config", "beta_end", torch.ones(2), "beta_end is Tensor"),
    "tensors in a list": ("unet_config", "d_multipliers", [torch.ones(2)], "d_multipliers is list"),
    "a number without end": ("transforms_config", "win_length", 10**30, "win_length is int"),
    "a name that is none": ("unet_state_dict", 7, torch.zeros(1), "a name of type int"),
    "a view of one number": (
        "unet_state_dict",
        "input_fn.1.bias",
        torch.zeros(1).expand(16),
        "more than the file holds",
    ),
    "another type": (
        "unet_state_dict",
        "input_fn.1.bias",
        torch.zeros(16, dtype=torch.float8_e4m3fn),
        "not a plain tensor",
    ),
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
    with pytest.raises(CheckpointError, match="not a Msanii checkpoint"):
        import_published(write(tmp_path / "in.pt", content), tmp_path / "model")
