"""Shards and the training clips cut from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msanii.config import DEFAULT_CONTROLS
from msanii.controls.dropout import ControlDropout
from msanii.controls.features import Events
from msanii.controls.tensor import events_to_controls
from msanii.data.dataset import (
    SILENCE,
    AudioDataset,
    ClipPositions,
    MelDataset,
    feel_of,
    heard_share,
    window,
)
from msanii.data.shards import audio_path_of, read_song, write_song
from msanii.data.synthesizer import write_flac
from msanii.errors import DataError
from msanii.music.score import Feel
from tests.msanii.songs import song_events

FRAMES = 64
SECONDS_PER_FRAME = 1024 / 44_100


def ramp(frames: int, offset: float = 0.0) -> NDArray[np.float16]:
    """(2, 4, frames) whose value is the frame's number, so that a crop shows where it was."""
    return np.broadcast_to(np.arange(frames) + offset, (2, 4, frames)).astype(np.float16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two songs of 300 and 100 frames under train; the second holds 1000 more."""
    train = tmp_path / "train"
    train.mkdir()
    write_song(train / "001.safetensors", ramp(300), song_events(), {"song": "001"})
    write_song(train / "002.safetensors", ramp(100, 1000.0), song_events(), {"song": "002"})
    return tmp_path


def clip_start(mel: torch.Tensor) -> int:
    return int(mel[0, 0, 0])


def test_a_shard_gives_back_what_was_written(tmp_path: Path) -> None:
    path, events = tmp_path / "söng.safetensors", song_events()
    write_song(path, ramp(90), events, {"song": "naïve"})
    song = read_song(path)
    assert (song.frames, song.info, song.audio_path) == (90, {"song": "naïve"}, None)
    np.testing.assert_array_equal(song.log_mel(), ramp(90))
    np.testing.assert_array_equal(song.log_mel(10, 20), ramp(90)[..., 10:20])
    for name in ("chords", "beats", "notes", "sounds", "part", "feel"):
        np.testing.assert_array_equal(getattr(song.events, name), getattr(events, name))
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_unknown_events_stay_unknown(tmp_path: Path) -> None:
    write_song(tmp_path / "a.safetensors", ramp(90), Events(), {})
    assert read_song(tmp_path / "a.safetensors").events.known() == frozenset()


def test_damaged_and_foreign_shards_are_named(tmp_path: Path, folder: Path) -> None:
    good = (folder / "train" / "001.safetensors").read_bytes()
    bad = tmp_path / "bad.safetensors"
    for content in (good[: len(good) // 2], b"", b"x" * 100):
        bad.write_bytes(content)
        with pytest.raises(DataError, match=r"bad\.safetensors"):
            read_song(bad)
    with pytest.raises(DataError, match=r"gone\.safetensors"):
        read_song(tmp_path / "gone.safetensors")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="no shards"):
        MelDataset(empty, frames=FRAMES)
    with pytest.raises(DataError, match="msanii data pop909"):
        MelDataset(tmp_path / "nothing", frames=FRAMES)


def test_a_clip_is_determined_by_seed_and_index(folder: Path) -> None:
    first = MelDataset(folder, frames=FRAMES, groups=DEFAULT_CONTROLS, seed=3)
    again = MelDataset(folder / "train", frames=FRAMES, groups=DEFAULT_CONTROLS, seed=3)
    other = MelDataset(folder, frames=FRAMES, groups=DEFAULT_CONTROLS, seed=4)
    for index in (5, 100_000):
        for name in ("mel", "controls", "kept"):
            assert torch.equal(first[index][name], again[index][name])
    starts = [clip_start(first[index]["mel"]) for index in range(40)]
    assert len(set(starts)) > 25
    assert starts != [clip_start(other[index]["mel"]) for index in range(40)]


def test_a_clip_has_its_shapes_and_types(folder: Path) -> None:
    clip = MelDataset(folder, frames=FRAMES, groups=DEFAULT_CONTROLS)[0]
    assert clip["mel"].shape == (2, 4, FRAMES)
    assert clip["controls"].shape == (263, FRAMES)
    assert clip["kept"].shape == (FRAMES,)
    assert clip["mel"].dtype == clip["controls"].dtype == torch.float32


def test_a_clip_may_have_its_own_length(folder: Path) -> None:
    data = MelDataset(folder, frames=FRAMES, groups=DEFAULT_CONTROLS, seed=3)
    short = data[5, FRAMES // 2]
    assert short["mel"].shape == (2, 4, FRAMES // 2)
    assert short["controls"].shape == (263, FRAMES // 2)
    assert short["kept"].shape == (FRAMES // 2,)
    alone = MelDataset(folder, frames=FRAMES // 2, groups=DEFAULT_CONTROLS, seed=3)[5]
    assert all(torch.equal(short[name], alone[name]) for name in alone)
    assert all(torch.equal(data[5, FRAMES][name], data[5][name]) for name in alone)


def test_silence_is_drawn_again(tmp_path: Path) -> None:
    mel = np.full((2, 4, 400), SILENCE, dtype=np.float16)
    mel[..., 200:] = 1.0
    write_song(tmp_path / "a.safetensors", mel, Events(), {})
    every, heard = (MelDataset(tmp_path, frames=FRAMES, skip_silence=skip) for skip in (False, True))
    silent = [index for index in range(60) if heard_share(every[index]["mel"]) < 0.25]
    assert len(silent) > 15
    for index in range(60):
        assert heard_share(heard[index]["mel"]) >= 0.25
        if index not in silent:
            assert torch.equal(heard[index]["mel"], every[index]["mel"])
        assert torch.equal(heard[index]["mel"], heard[index]["mel"])


def test_a_song_without_any_sound_still_gives_clips(tmp_path: Path) -> None:
    write_song(tmp_path / "a.safetensors", np.full((2, 4, 90), SILENCE, dtype=np.float16), Events(), {})
    assert MelDataset(tmp_path, frames=FRAMES, skip_silence=True)[0]["mel"].shape == (2, 4, FRAMES)


def test_all_positions_are_equally_likely(folder: Path) -> None:
    data = MelDataset(folder, frames=FRAMES)
    starts = np.array([clip_start(data[index]["mel"]) for index in range(600)])
    # 237 positions in the first song and 37 in the second.
    assert (starts >= 1000).mean() == pytest.approx(37 / 274, abs=0.05)
    assert starts[starts < 1000].max() > 220
    assert starts.min() < 15


def test_controls_are_those_of_the_clip(folder: Path) -> None:
    groups = DEFAULT_CONTROLS[:5]  # the feel is that of the clip alone
    everything = ControlDropout(nothing=0.0, partly=0.0, shown={group.name: 1.0 for group in groups})
    data = MelDataset(folder, frames=FRAMES, groups=groups, dropout=everything)
    whole = events_to_controls(song_events(), groups, 300)
    for index in range(20):
        clip = data[index]
        start = clip_start(clip["mel"]) % 1000
        torch.testing.assert_close(clip["controls"], whole[:, start : start + FRAMES], atol=1e-4, rtol=0.0)


def test_a_clips_feel_is_measured_from_its_own_notes() -> None:
    feel = feel_of(song_events(), 1.0, 3.0)
    assert feel == Feel(swing=0.5, density=1.0, register=60.0, dynamics=80.0)
    drums = replace(song_events(), part="drums")
    assert feel_of(drums, 1.0, 3.0).register is None
    assert feel_of(Events(), 1.0, 3.0) == Feel()


def test_a_model_without_a_group_does_not_see_it(folder: Path) -> None:
    data = MelDataset(folder, frames=FRAMES, groups=DEFAULT_CONTROLS[1:2])
    assert data[0]["controls"].shape == (16, FRAMES)
    assert MelDataset(folder, frames=FRAMES)[0]["controls"].shape == (0, FRAMES)


def test_other_audio_has_no_controls(tmp_path: Path) -> None:
    write_song(tmp_path / "a.safetensors", ramp(90), Events(), {})
    data = MelDataset(tmp_path, frames=FRAMES, groups=DEFAULT_CONTROLS)
    assert not any(data[index]["controls"].any() for index in range(30))


def test_a_short_song_ends_in_silence(tmp_path: Path) -> None:
    write_song(tmp_path / "a.safetensors", ramp(40), song_events(), {})
    clip = MelDataset(tmp_path, frames=FRAMES, groups=DEFAULT_CONTROLS)[0]["mel"]
    assert clip[..., 39].eq(39.0).all()
    torch.testing.assert_close(clip[..., 40:], torch.full((2, 4, FRAMES - 40), SILENCE))


def test_the_window_keeps_events_that_overlap_it() -> None:
    events = window(song_events(), 1.9, 2.1)
    assert events.notes is not None
    assert events.chords is not None
    assert events.notes[:, 0] == pytest.approx([2.0])
    assert events.chords[:, 2].tolist() == [0, 9]


def test_positions_count_every_start_once() -> None:
    places = ClipPositions([10, 3, 7], clip=5)
    # 6 starts in the first piece, one in the piece that is too short, 3 in the last.
    found = [places.at((place + 0.5) / 10) for place in range(10)]
    assert found == [(0, start) for start in range(6)] + [(1, 0)] + [(2, start) for start in range(3)]


def test_audio_clips_follow_from_seed_and_index(folder: Path) -> None:
    samples = np.arange(8_000, dtype=np.int16)
    write_flac(audio_path_of(folder / "train" / "002.safetensors"), np.stack([samples, -samples]))
    data = AudioDataset(folder, samples=1_000, seed=1)
    clips = [data[index] for index in range(20)]
    for clip in clips:
        start = round(clip[0, 0].item() * 32_768)
        assert clip.shape == (2, 1_000)
        np.testing.assert_allclose(clip[0].numpy() * 32_768, np.arange(start, start + 1_000), atol=1e-3)
        torch.testing.assert_close(clip[1], -clip[0])
    assert torch.equal(clips[3], AudioDataset(folder, samples=1_000, seed=1)[3])
    assert len({clip[0, 0].item() for clip in clips}) > 15
    assert AudioDataset(folder, samples=9_000)[0][0, 8_000:].abs().max() == 0.0


def test_missing_audio_is_an_error(folder: Path) -> None:
    with pytest.raises(DataError, match="no audio beside the shards"):
        AudioDataset(folder, samples=1_000)
