"""Files on their way to nodes and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.library.loop_marks import LoopMarks
from bridge.messages import BridgeError, TakeReady
from bridge.outputs.drop import write_take
from bridge.pool.actor import TakeSent
from bridge.pool.shipping import NodeCache, SentFile, folder_ref, read_folder, write_files
from bridge.pool.taking import write_sent_take
from bridge.worker.loop import Order
from tests.bridge.render_requests import make_recipe, make_request


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "tiny"
    (folder / "voice").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "voice" / "model.safetensors").write_bytes(b"weights")
    return folder


def test_a_folder_is_kept_under_its_digest(model: Path, tmp_path: Path) -> None:
    cache, ref = NodeCache(str(tmp_path / "node")), folder_ref(model)
    assert not cache.has(ref)
    kept = cache.keep(ref, read_folder(model))
    assert cache.has(ref)
    assert kept.name == "tiny"
    assert (kept / "voice" / "model.safetensors").read_bytes() == b"weights"
    (model / "config.json").write_text('{"other": 1}')
    assert not cache.has(folder_ref(model))


def test_a_damaged_or_incomplete_folder_is_not_kept(model: Path, tmp_path: Path) -> None:
    cache, ref = NodeCache(str(tmp_path / "node")), folder_ref(model)
    first, *others = read_folder(model)
    for files in ((replace(first, data=b"{ }"), *others), others):
        with pytest.raises(BridgeError, match=r"damaged|incomplete"):
            cache.keep(ref, files)
        assert not cache.has(ref)
    assert not list(cache.path(ref).parent.glob("part-*"))


def test_a_full_or_closed_disk_is_said(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BridgeError, match="cannot keep `tiny`"):
        NodeCache(str(tmp_path / "file")).keep(folder_ref(model), read_folder(model))


def test_no_file_leaves_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "data").write_bytes(b"x")
    with pytest.raises(BridgeError, match="outside"):
        write_files(inside, [SentFile.read(tmp_path / "data", "../out")])
    assert not (tmp_path / "out").exists()


def sent_take(folder: Path) -> tuple[Order, TakeSent]:
    there = folder / "node" / "take_1.wav"
    there.parent.mkdir()
    recipe = make_recipe()
    write_take(
        there,
        np.full((2, 4_410), 0.25, np.float32),
        44_100,
        format="wav",
        marks=LoopMarks(bpm=120.0),
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
        midi=b"MThd",
    )
    paths = [there.with_suffix(suffix) for suffix in (".json", ".mid", ".wav")]
    ready = TakeReady("a", 0, there, 0.1, 120.0, None, there.with_suffix(".mid"))
    files = tuple(SentFile.read(path, path.name) for path in paths)
    library = folder / "library"
    library.mkdir()
    return Order("a", make_request(), Path("model"), (), (library / there.name,)), TakeSent(ready, files)


def test_a_take_is_written_with_all_its_files_once(tmp_path: Path) -> None:
    order, sent = sent_take(tmp_path)
    ready = write_sent_take(order, sent)
    assert ready.path == order.paths[0]
    assert ready.midi == order.paths[0].with_suffix(".mid")
    assert {path.suffix for path in order.paths[0].parent.iterdir()} == {".wav", ".json", ".mid"}
    written = ready.path.stat().st_mtime_ns
    assert write_sent_take(order, sent).path == ready.path
    assert ready.path.stat().st_mtime_ns == written


def test_a_damaged_take_is_not_written(tmp_path: Path) -> None:
    order, sent = sent_take(tmp_path)
    *others, audio = sent.files
    damaged = replace(audio, data=audio.data[:-1] + b"\1")
    with pytest.raises(BridgeError, match="damaged on its way"):
        write_sent_take(order, replace(sent, files=(*others, damaged)))
    with pytest.raises(BridgeError, match="other files"):
        write_sent_take(order, replace(sent, files=(replace(audio, name="other.wav"),)))
    assert not list(order.paths[0].parent.iterdir())
