"""Rendering POP909: archive in, shards out; resumption and failures."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from msanii.data import synthesizer
from msanii.data.pop909 import read_archive, render_pop909, shard_path
from msanii.data.shards import read_song, read_songs
from msanii.data.synthesizer import DataSummary
from msanii.data.take_plan import BPM_RANGE
from msanii.errors import DataError
from msanii.music.sounds import PARTS
from tests.msanii.songs import needs_synthesizer, song_members, write_archive

NUMBERS = (1, 2, 3, 880)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def archive_of(folder: Path, numbers: tuple[int, ...] = NUMBERS) -> Path:
    members: dict[str, bytes] = {}
    for number in numbers:
        members |= song_members(number)
    return write_archive(folder / "pop909.tar.xz", members)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, DataSummary]:
    """(archive, data folder, summary) of a small archive with one broken song, by two processes."""
    needs_synthesizer()
    folder = tmp_path_factory.mktemp("pop909")
    members = {**song_members(1), **song_members(2), **song_members(880), **song_members(4)}
    members["pop909/004/004.mid"] = b"not MIDI"
    archive = write_archive(folder / "pop909.tar.xz", members)
    seen: list[tuple[int, int]] = []

    def on_song(_: str, done: int, total: int) -> None:
        seen.append((done, total))

    # One of the two takes with audio is of the broken song.
    summary = render_pop909(archive, folder / "dätä", jobs=2, turns=2, audio_takes=2, on_song=on_song)
    assert seen == [(done, 8) for done in range(1, 9)]
    return archive, folder / "dätä", summary


def test_each_song_becomes_a_shard_in_its_split(rendered: tuple[Path, Path, DataSummary]) -> None:
    _, out, summary = rendered
    assert summary.rendered == 6
    assert len(summary.failed) == 2
    assert all("song 004" in failure for failure in summary.failed)
    train, test = read_songs(out / "train"), read_songs(out / "test")
    assert [song.path.stem for song in train] == ["001_1", "001_2", "002_1", "002_2"]
    assert [song.path.stem for song in test] == ["880_1", "880_2"]
    assert len({song.info["part"] for song in test}) == 2
    for song in (*train, *test):
        assert song.events.part == song.info["part"]
        assert ", ".join(song.events.sounds or ()) == song.info["sounds"]
        assert song.events.feel.swing == pytest.approx(float(song.info["off_beat"]), abs=1e-4)
    assert not list(out.rglob("*.part"))


def test_a_shard_has_onsets_at_its_events(rendered: tuple[Path, Path, DataSummary]) -> None:
    _, out, _ = rendered
    song = read_song(shard_path(out, 880, 0))
    notes, beats = song.events.notes, song.events.beats
    assert notes is not None
    assert beats is not None
    mel = song.log_mel().astype(np.float32)
    assert mel.shape == (2, 128, song.frames)
    assert np.isfinite(mel).all()
    rise = np.maximum(np.diff(mel, axis=-1), 0.0).mean(axis=(0, 1))
    onsets = np.unique(notes[:, 0])[1:]
    at = np.round(onsets * 44_100 / 1024).astype(int)
    near = np.array([rise[max(0, frame - 2) : frame + 2].max() for frame in at])
    assert (near > 2 * np.median(rise)).mean() > 0.9
    assert BPM_RANGE[0] <= float(song.info["bpm"]) <= BPM_RANGE[1]
    quarter = 60.0 / np.diff(beats[:, 0]) * beats[:-1, 2]
    assert quarter == pytest.approx(float(song.info["bpm"]), abs=1e-2)


def test_audio_is_kept_for_the_chosen_takes_only(rendered: tuple[Path, Path, DataSummary]) -> None:
    _, out, _ = rendered
    assert len(list((out / "train").glob("*.flac"))) == 1
    kept = list((out / "test").glob("*.flac"))
    assert len(kept) == 2
    assert soundfile.info(kept[0]).frames // 1024 + 1 == read_song(kept[0].with_suffix(".safetensors")).frames


def test_a_second_run_keeps_what_is_there(rendered: tuple[Path, Path, DataSummary]) -> None:
    archive, out, _ = rendered
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.safetensors")}
    summary = render_pop909(archive, out, jobs=1, turns=2, audio_takes=2)
    assert (summary.rendered, summary.skipped) == (0, 6)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.safetensors")} == before


def test_a_second_run_that_keeps_more_audio_writes_it(
    rendered: tuple[Path, Path, DataSummary], tmp_path: Path
) -> None:
    archive, out, _ = rendered
    again = shutil.copytree(out, tmp_path / "again")
    summary = render_pop909(archive, again, jobs=1, turns=2, audio_takes=3)
    assert (summary.rendered, summary.skipped) == (1, 5)
    assert len(list((again / "train").glob("*.flac"))) == 2


def test_the_same_seed_makes_the_same_shard(rendered: tuple[Path, Path, DataSummary], tmp_path: Path) -> None:
    archive, out, _ = rendered
    render_pop909(archive, tmp_path, limit=1, jobs=1, turns=1, audio_takes=0)
    (again,) = (tmp_path / "test").glob("*.safetensors")
    first = read_song(shard_path(out, 880, 0))
    assert read_song(again).info == first.info
    np.testing.assert_allclose(
        read_song(again).log_mel().astype(np.float32), first.log_mel().astype(np.float32), atol=0.02
    )


def test_data_json_records_the_settings(rendered: tuple[Path, Path, DataSummary]) -> None:
    archive, out, _ = rendered
    text = (out / "data.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["archive_sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert record["seed"] == 0
    assert record["versions"]["fluidsynth"][0].isdigit()
    assert str(out.parent) not in text


def test_a_folder_made_with_other_settings_is_refused(rendered: tuple[Path, Path, DataSummary]) -> None:
    archive, out, _ = rendered
    with pytest.raises(DataError, match="seed 0 instead of 1; choose another folder"):
        render_pop909(archive, out, seed=1)


def test_without_fluidsynth_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="apt install fluidsynth"):
        render_pop909(archive_of(tmp_path), tmp_path / "out")


def test_a_missing_soundfont_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"none\.sf2 does not exist"):
        synthesizer.find_soundfont(tmp_path / "none.sf2")
    monkeypatch.setattr(synthesizer, "_SOUNDFONT_FOLDERS", (str(tmp_path),))
    with pytest.raises(DataError, match="fluid-soundfont-gm"):
        synthesizer.find_soundfont()


def test_a_file_that_is_no_soundfont_fails_its_songs(tmp_path: Path) -> None:
    needs_synthesizer()
    font = tmp_path / "font.sf2"
    font.write_bytes(b"RIFF nonsense")
    with pytest.raises(DataError, match=r"font\.sf2 is not an SF2"):
        synthesizer.find_soundfont(font)
    # It looks like one, but FluidSynth cannot load it and would play another one instead.
    font.write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    archive = archive_of(tmp_path, (1,))
    # Of the whole palette, takes on synthesizers alone would need no font.
    summary = render_pop909(archive, tmp_path / "out", soundfont=font, turns=1, jobs=1, palette="model")
    assert summary.rendered == 0
    assert "fluidsynth" in summary.failed[0]
    assert not list((tmp_path / "out").rglob("*.safetensors"))


def test_only_complete_songs_of_the_archive_are_read(tmp_path: Path) -> None:
    members = {**song_members(7), "pop909/LICENSE": b"MIT", "pop909/008/008.mid": b"alone"}
    assert list(read_archive(write_archive(tmp_path / "a.tar.xz", members))) == [7]


def test_links_in_the_archive_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name, data in song_members(7).items():
            info = tarfile.TarInfo(name)
            if name.endswith(".mid"):
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/hostname"
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    with pytest.raises(DataError, match="holds no POP909 song"):
        read_archive(path)


def test_a_huge_archive_is_refused_before_it_is_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("pop909/001/001.mid")
    info.size = 2**40
    path = tmp_path / "a.tar"
    path.write_bytes(info.tobuf())
    with pytest.raises(DataError, match="larger than any POP909 archive"):
        read_archive(path)


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"\xfd7zXZ\x00broken"])
def test_an_unreadable_archive_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "pop.tar.xz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"pop\.tar\.xz"):
        read_archive(path)


def test_a_cut_archive_is_named(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="not a tar archive that can be read"):
        read_archive(path)


@pytest.mark.parametrize("turns", [0, 7])
def test_no_song_has_more_turns_than_there_are_parts(tmp_path: Path, turns: int) -> None:
    with pytest.raises(DataError, match=f"turns: got {turns}, expected 1 to {len(PARTS)}"):
        render_pop909(archive_of(tmp_path), tmp_path / "out", turns=turns)
