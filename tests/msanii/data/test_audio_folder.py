"""A folder of audio becomes shards without controls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from msanii.data import audio_folder
from msanii.data.audio_folder import render_folder
from msanii.data.shards import read_song, read_songs
from msanii.errors import DataError


def write_tone(path: Path, *, rate: int, channels: int, seconds: float = 2.0) -> None:
    time = np.arange(int(seconds * rate)) / rate
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([0.3 * np.sin(2 * np.pi * 1_000.0 * time)] * channels, axis=1), rate)


def loudest_band(path: Path) -> int:
    return int(read_song(path).log_mel().astype(np.float32).mean(axis=(0, 2)).argmax())


def test_any_rate_and_channel_count_becomes_the_same_mel(tmp_path: Path) -> None:
    music, out = tmp_path / "Müsik", tmp_path / "out"
    write_tone(music / "a.wav", rate=44_100, channels=2)
    write_tone(music / "deep" / "b.flac", rate=48_000, channels=1)
    write_tone(music / "c.aiff", rate=22_050, channels=4)
    summary = render_folder(music, out, jobs=1, audio_songs=1)
    assert (summary.rendered, summary.failed) == (3, ())
    songs = read_songs(out / "train")
    assert {song.info["source"] for song in songs} == {"a.wav", "deep/b.flac", "c.aiff"}
    assert len({loudest_band(song.path) for song in songs}) == 1
    assert all(abs(song.frames - 87) <= 1 for song in songs)
    assert all(song.events.known() == frozenset() for song in songs)
    assert sum(song.audio_path is not None for song in songs) == 1
    assert render_folder(music, out, jobs=1, audio_songs=1).skipped == 3
    more = render_folder(music, out, jobs=1, audio_songs=3)
    assert (more.rendered, more.skipped) == (2, 1)
    assert all(song.audio_path is not None for song in read_songs(out / "train"))


def test_a_long_file_becomes_several_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_folder, "PIECE_SECONDS", 3)
    write_tone(tmp_path / "in" / "long.wav", rate=44_100, channels=2, seconds=6.5)
    render_folder(tmp_path / "in", tmp_path / "out", jobs=1)
    songs = read_songs(tmp_path / "out" / "train")
    assert [song.info["start_seconds"] for song in songs] == ["0", "3"]


def test_files_that_cannot_be_used_are_named_and_the_rest_go_on(tmp_path: Path) -> None:
    music = tmp_path / "in"
    write_tone(music / "good.wav", rate=44_100, channels=2)
    write_tone(music / "short.wav", rate=44_100, channels=2, seconds=0.2)
    (music / "fake.wav").write_bytes(b"not audio")
    soundfile.write(music / "nan.wav", np.full((50_000, 2), np.nan, np.float32), 44_100, subtype="FLOAT")
    summary = render_folder(music, tmp_path / "out", jobs=1)
    assert summary.rendered == 1
    assert sorted(text.split(":")[0] for text in summary.failed) == ["fake.wav", "nan.wav", "short.wav"]
    assert [song.info["source"] for song in read_songs(tmp_path / "out" / "train")] == ["good.wav"]


def test_a_folder_without_audio_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no audio")
    with pytest.raises(DataError, match="holds no audio file"):
        render_folder(tmp_path, tmp_path / "out")
    with pytest.raises(DataError, match="no such folder"):
        render_folder(tmp_path / "gone", tmp_path / "out")
