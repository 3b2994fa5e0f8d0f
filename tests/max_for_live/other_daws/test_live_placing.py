"""Clips are right however Live warps them, and in the right slot; a scene's notes are what it plays."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.max_for_live.other_daws import live_stub as live
from tests.max_for_live.other_daws.live_rig import put_midi_clip


@pytest.fixture
def two_bars(tmp_path: Path) -> Path:
    path = tmp_path / "two_bars.wav"
    soundfile.write(path, np.zeros((round(44_100 * 8 * 60 / 97.3), 2)), 44_100)
    return path


def _placed(song: live.Song, take: Any, warp: bool = True) -> tuple[Any, str]:
    placing = importlib.import_module("Msanii.placing")
    track = song.tracks[0]
    said = [words for words in placing.place(song, track, take, warp, True) if words]
    (clip,) = [slot.clip for slot in track.clip_slots if slot.has_clip]
    return clip, said[-1]


@pytest.fixture
def song() -> live.Song:
    made = live.Song()
    made.tempo = 97.3
    made.add_track("Audio")
    return made


def _take(path: Path) -> Any:
    return importlib.import_module("Msanii.take").read_take(str(path), 8 * 60 / 97.3, 97.3)


@pytest.mark.parametrize("guess", ["right", "off", "double", "transient"])
def test_a_take_is_warped_straight_however_live_guesses(
    script: Any, song: live.Song, two_bars: Path, guess: str
) -> None:
    song.guess = guess
    clip, said = _placed(song, _take(two_bars))
    assert said == "Placed in scene 1 of Audio."
    assert (clip.warping, clip.looping, clip.warp_mode) == (True, True, 4)
    assert (clip.start_marker, clip.end_marker) == (0, 8)
    for marker in clip.warp_markers:
        assert marker.sample_time * 97.3 / 60 == pytest.approx(marker.beat_time, abs=1e-6)


def test_a_clip_that_live_will_not_straighten_plays_unwarped(
    script: Any, song: live.Song, two_bars: Path
) -> None:
    song.guess = "stubborn"
    clip, said = _placed(song, _take(two_bars))
    assert "Warp is off" in said
    assert not clip.warping
    assert clip.loop_end == pytest.approx(8 * 60 / 97.3)


def test_warp_can_be_switched_off(script: Any, song: live.Song, two_bars: Path) -> None:
    clip, _ = _placed(song, _take(two_bars), warp=False)
    assert not clip.warping
    assert clip.end_marker == pytest.approx(8 * 60 / 97.3)


def test_a_take_of_unknown_tempo_is_not_warped(script: Any, song: live.Song, two_bars: Path) -> None:
    take = importlib.import_module("Msanii.take").read_take(str(two_bars), 4.9, 0.0)
    clip, _ = _placed(song, take)
    assert not clip.warping


def test_an_older_live_says_where_the_take_is(script: Any, two_bars: Path) -> None:
    song = live.Song(slot_type=live.ClipSlot)
    track = song.add_track("Audio")
    placing = importlib.import_module("Msanii.placing")
    (said,) = placing.place(song, track, _take(two_bars), True, True)
    assert "12.0.5" in said
    assert str(two_bars) in said


def test_a_take_that_is_gone_is_named(script: Any, song: live.Song, tmp_path: Path) -> None:
    placing = importlib.import_module("Msanii.placing")
    track = song.tracks[0]
    (said,) = placing.place(song, track, _take(tmp_path / "gone.wav"), True, True)
    assert "Live made no clip of gone" in said


def test_a_full_track_gets_a_new_scene(script: Any, song: live.Song, two_bars: Path) -> None:
    track = song.tracks[0]
    song.view.selected_scene = song.scenes[3]
    track.clip_slots[3].create_audio_clip(str(two_bars))
    placing = importlib.import_module("Msanii.placing")
    said = [words for words in placing.place(song, track, _take(two_bars), True, True) if words]
    assert said == ["Placed in scene 5 of Audio."]
    assert len(song.scenes) == 5


@pytest.mark.parametrize(
    ("kind", "words"), [("group", "group track"), ("midi", "MIDI track"), ("frozen", "frozen")]
)
def test_tracks_that_hold_no_audio_are_passed_over(script: Any, kind: str, words: str) -> None:
    placing = importlib.import_module("Msanii.placing")
    song = live.Song()
    audio, other = song.add_track("Audio"), song.add_track("Other", kind)
    assert words in placing.why_no_audio(other, song)
    assert placing.audio_track(song) is audio


# --- notes of a scene -----------------------------------------------------------------------------------


def test_shorter_loops_repeat_and_muted_tracks_are_left_out(script: Any) -> None:
    notes_of = importlib.import_module("Msanii.scene_notes").scene_notes
    song = live.Song()
    put_midi_clip(song.add_track("Keys", "midi"), [[60], [62]])
    put_midi_clip(song.add_track("Bass", "midi"), [[36]])
    muted = song.add_track("Lead", "midi")
    put_midi_clip(muted, [[90], [90], [90]])
    muted.mute = True
    notes, beats = notes_of(song.tracks, 0)
    assert beats == 8
    assert [(note["part"], note["pitch"], note["start_beats"]) for note in notes] == [
        ("keys", 60, 0), ("keys", 62, 4), ("bass", 36, 0), ("bass", 36, 4),
    ]  # fmt: skip
    assert notes_of(song.tracks, 1) == ([], 0)
