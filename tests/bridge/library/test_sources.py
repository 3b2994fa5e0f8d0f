"""Source audio: checked, kept by its hash, and for others only from the folders that are shared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.library.takes import Library
from bridge.messages import BridgeError, SourceAudio
from tests.bridge.files import drop_take, write_audio
from tests.bridge.render_requests import make_job


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "Müsik" / "Msanii")
    yield opened
    opened.close()


def test_a_source_is_kept_by_its_hash_and_outlives_its_file(library: Library, tmp_path: Path) -> None:
    path = write_audio(tmp_path / "Gitarre 音.wav")
    data = path.read_bytes()
    source = library.keep_source(str(path), None)
    assert library.keep_source(str(path), None) == source
    path.unlink()
    assert source.name == "Gitarre 音.wav"
    assert library.source_path(source).read_bytes() == data
    assert len(list(library.source_path(source).parent.iterdir())) == 1


def test_a_take_is_a_source_by_its_name(library: Library) -> None:
    path = drop_take(library.allocate_names(make_job("a"))[0])
    assert library.keep_source(path.name, None).name == path.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.wav", "cannot be opened"),
        ("text.wav", "no audio that can be read"),
        ("empty.wav", "without a single sample"),
        ("folder.wav", "not a regular file"),
        ("pipe.wav", "not a regular file"),
        ("loop.wav", "not a file name that can be opened"),
        ("nul\0.wav", "not a file name that can be opened"),
        ("x" * 5_000, "not a file name that can be opened"),
        ("~nobody-of-that-name/a.wav", "not a file name that can be opened"),
    ],
)
def test_what_is_no_audio_file_is_refused(library: Library, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "text.wav").write_text("la la la", encoding="utf-8")
    (tmp_path / "folder.wav").mkdir()
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 1)), 8_000)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    with pytest.raises(BridgeError, match=words) as caught:
        library.keep_source(str(tmp_path / name) if not name.startswith("~") else name, None)
    assert caught.value.code == "source"
    assert not list((library.folder / ".msanii" / "sources").iterdir())


def test_a_source_above_the_cap_is_refused_before_it_is_copied(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_audio(tmp_path / "long.wav")
    monkeypatch.setattr("bridge.library.sources.LARGEST_SOURCE_BYTES", 100)
    with pytest.raises(BridgeError, match="at most 100"):
        library.keep_source(str(path), None)


def test_a_source_longer_than_any_take_is_refused_before_it_is_copied(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_audio(tmp_path / "long.wav", seconds=601)
    monkeypatch.setattr("bridge.library.sources.tempfile.mkstemp", None)
    with pytest.raises(BridgeError, match="lasts 601 seconds, expected at most 600") as caught:
        library.keep_source(str(path), None)
    assert caught.value.code == "source"


def test_a_lan_client_reads_under_the_allowed_folders_alone(library: Library, tmp_path: Path) -> None:
    shared, private = tmp_path / "shared", tmp_path / "private"
    shared.mkdir()
    private.mkdir()
    write_audio(shared / "open.wav")
    write_audio(private / "secret.wav")
    (shared / "link.wav").symlink_to(private / "secret.wav")
    assert library.keep_source("open.wav", [shared]).name == "open.wav"
    assert library.keep_source(str(shared / "open.wav"), [shared]).name == "open.wav"
    answers = set()
    for name in ("link.wav", "../private/secret.wav", str(private / "secret.wav"), str(private / "none.wav")):
        with pytest.raises(BridgeError) as caught:
            library.keep_source(name, [shared])
        assert caught.value.code == "forbidden"
        answers.add(str(caught.value).split(":", 1)[1])
    assert len(answers) == 1


def test_a_source_that_left_the_library_is_named(library: Library) -> None:
    with pytest.raises(BridgeError, match=r"`drums\.wav`: no longer in this library \(hash abababababab\)"):
        library.source_path(SourceAudio(sha256="ab" * 32, name="drums.wav"))


def test_a_source_that_does_not_fit_leaves_no_half(small_disk: Path, tmp_path: Path) -> None:
    library = Library(small_disk)
    path = write_audio(tmp_path / "long.wav", seconds=100)
    with pytest.raises(BridgeError, match="full") as caught:
        library.keep_source(str(path), None)
    assert caught.value.code == "disk"
    assert not list((small_disk / ".msanii" / "sources").iterdir())
    library.close()
