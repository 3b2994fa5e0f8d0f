"""Source audio: checked, kept by its hash, and for others only from the folders that are shared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.library.sources import open_named, read_opened
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


@pytest.mark.parametrize(
    "path",
    [
        "link.wav",
        "../private/secret.wav",
        "{private}/secret.wav",
        "{private}/none.wav",
        "{private}/secret.wav/none.wav",
        "{private}",
        "/",
        "~",
        "~root/a.wav",
        "~no-such-user/a.wav",
        "/root/" + "x" * 300,
        "/no-such-folder/" + "x" * 300,
        "{private}/loop",
        "{private}/a\0b.wav",
        "/proc/self/mem",
    ],
)
@pytest.mark.parametrize("named_as", ["source", "notes"])
def test_a_network_client_is_told_the_same_of_every_path_outside(
    path: str, named_as: str, tmp_path: Path
) -> None:
    shared, private = tmp_path / "shared", tmp_path / "private"
    shared.mkdir()
    private.mkdir()
    write_audio(private / "secret.wav")
    (shared / "link.wav").symlink_to(private / "secret.wav")
    (private / "loop").symlink_to(private / "loop")
    named = path.replace("{private}", str(private))
    # `~` is a name like any other in a shared folder, so ask for it outside of them.
    outside = f"{private}/{named}" if named.startswith("~") else named
    with pytest.raises(BridgeError) as caught:
        open_named(outside, allowed_folders=[shared], bases=[private], named_as=named_as)
    assert caught.value.code == "forbidden"
    assert caught.value.message.endswith("`: not in a folder that this machine shares with others")


def test_a_network_client_learns_of_no_user(tmp_path: Path) -> None:
    told = set()
    for user in ("root", "no-such-user"):
        with pytest.raises(BridgeError) as caught:
            open_named(f"~{user}/a.wav", allowed_folders=[tmp_path], bases=[])
        told.add((caught.value.code, caught.value.message))
    assert len(told) == 1


def test_a_name_without_folder_says_where_it_was_looked_for(tmp_path: Path) -> None:
    expected = "a MIDI file (.mid) or JSON; give its whole path"
    with pytest.raises(BridgeError) as caught:
        open_named("song.mid", allowed_folders=None, bases=[tmp_path], named_as="notes", expected=expected)
    looked = f"there is no such file in `{tmp_path}`"
    assert caught.value.message == f"notes `song.mid`: {looked}; expected {expected}"
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        BridgeError, match=r"notes `folder`: cannot be opened \(not a regular file\); expected a MIDI file"
    ):
        open_named("folder", allowed_folders=None, bases=[tmp_path], named_as="notes", expected=expected)


def test_a_file_that_opens_but_cannot_be_read_is_refused_in_words() -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs /proc")
    with (
        open_named("/proc/self/mem", allowed_folders=None, bases=[], named_as="notes") as file,
        pytest.raises(BridgeError, match=r"notes `mem`: cannot be opened") as caught,
    ):
        read_opened(file, 1_000, "notes `mem`")
    assert caught.value.code == "source"


def _noise(path: Path) -> Path:
    soundfile.write(path, np.random.default_rng(1).uniform(-0.5, 0.5, 4 * 8_000), 8_000)
    return path


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".flac"])
@pytest.mark.parametrize("share", [0.3, 0.97])
def test_a_file_that_was_cut_short_is_refused_with_both_lengths(
    suffix: str, share: float, library: Library, tmp_path: Path
) -> None:
    whole = _noise(tmp_path / f"whole{suffix}")
    data = whole.read_bytes()
    library.keep_source(str(whole), None)
    (tmp_path / f"cut{suffix}").write_bytes(data[: round(share * len(data))])
    words = rf"`cut{suffix}`: cut short or damaged: its header promises 4\.0\d s, and [0-3]\.\d\d s can"
    with pytest.raises(BridgeError, match=words) as caught:
        library.keep_source(str(tmp_path / f"cut{suffix}"), None)
    assert caught.value.code == "source"
    assert len(list((library.folder / ".msanii" / "sources").iterdir())) == 1


def test_a_flac_file_with_a_damaged_middle_is_refused(library: Library, tmp_path: Path) -> None:
    data = bytearray(_noise(tmp_path / "a.flac").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2_000] = bytes(2_000)
    (tmp_path / "a.flac").write_bytes(data)
    with pytest.raises(BridgeError, match="cut short or damaged"):
        library.keep_source(str(tmp_path / "a.flac"), None)


@pytest.mark.parametrize("claim", [0x7FFFFFFF, 0xFFFFFFFF])
def test_a_recorder_that_never_wrote_its_length_is_no_damage(
    claim: int, library: Library, tmp_path: Path
) -> None:
    data = bytearray(write_audio(tmp_path / "a.wav", seconds=1).read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = claim.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    library.keep_source(str(tmp_path / "a.wav"), None)


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
