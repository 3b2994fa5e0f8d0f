"""Takes for the listener: what is drawn, tempos that move, and audio that has the notes where they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from msanii.data import synthesizer
from msanii.data.instruments.playing import RATE
from msanii.data.listening.made_up_song import made_up_song
from msanii.data.listening.stems import read_all_stems, read_stems
from msanii.data.listening.take import draw_listening_take, render_take, song_key
from msanii.data.listening.tempo_curve import drawn_curve
from msanii.data.pop909 import SongFiles
from msanii.errors import DataError
from msanii.listening.config import METERS
from msanii.music.chord_classes import CHORD_CLASSES, KEYS, chord_class
from tests.msanii.command import run
from tests.msanii.songs import (
    beats_text,
    chords_text,
    midi_bytes,
    needs_synthesizer,
    song_members,
    write_archive,
)

FILES = SongFiles(midi=midi_bytes(), beats=beats_text(), chords=chords_text(), key="0.0\t12.0\tC:maj\n")


def test_a_take_follows_from_its_numbers() -> None:
    first, again, other = (
        draw_listening_take(FILES, number=3, turn=turn, seed=1).described() for turn in (0, 0, 1)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("turn", range(12))
def test_all_of_a_take_is_on_one_time(turn: int) -> None:
    take = draw_listening_take(FILES, number=1, turn=turn, seed=0)
    described = take.described()
    beats = np.array(described["beats"])
    meter = METERS[described["meter"]]
    assert (np.diff(beats[:, 0]) > 0).all()
    assert set(beats[:, 1]) <= set(range(meter.beats))
    assert beats[0, 1] == 0
    assert (np.diff(beats[:, 1]) % meter.beats == 1).all()
    assert beats[-1, 0] == pytest.approx(take.seconds)
    chords = np.array(described["chords"])
    assert (chords[:, 2] < CHORD_CLASSES).all()
    assert chords[-1, 1] <= take.seconds + 1e-6
    notes = np.array(described["notes"]).reshape(-1, 5)
    assert (notes[:, 1] > notes[:, 0]).all()
    assert -1 <= described["key"] < len(KEYS)


@pytest.mark.parametrize("kind", ["steady", "drift", "ramp", "change", "rubato"])
def test_a_tempo_curve_moves_as_its_kind_says(kind: str) -> None:
    curve = drawn_curve(64.0, 100.0, 4.0, np.random.default_rng(5), kind)
    times = np.array([curve.seconds(float(quarter)) for quarter in range(65)])
    tempos = 60 / np.diff(times)
    assert (tempos > 0).all()
    assert curve.seconds(0.0) == 0.0
    spread = float(np.log(tempos).std())
    if kind == "steady":
        assert tempos == pytest.approx(100.0)
    elif kind == "change":
        assert len(np.unique(tempos.round(3))) == 2
    else:
        assert 0.002 < spread < 0.4
    assert curve.seconds(66.0) > curve.seconds(64.0)


def test_made_up_songs_have_all_kinds_of_chords_and_meters() -> None:
    random = np.random.default_rng(0)
    songs = [made_up_song(8, random)[0] for _ in range(150)]
    classes = {chord_class(span.chord) for song in songs for span in song.chords}
    assert {(index - 1) // 12 for index in classes} == set(range(11))
    assert {song.meter.text for song in songs} == {"4/4", "3/4", "6/8", "5/4", "7/8"}
    for song in songs:
        assert song.chords[-1].end == pytest.approx(song.quarters)
        assert all(note.onset < song.quarters for notes in song.tracks.values() for note in notes)


def test_keys_are_read_and_transposed() -> None:
    assert KEYS[song_key("0.2\t100.0\tAb:min\n", 0)] == "G# minor"
    assert KEYS[song_key("0.2\t100.0\tC:maj\n", 2)] == "D major"
    assert song_key("0 50 C:maj\n50 100 D:maj\n", 0) == -1
    assert song_key("", 0) == -1
    assert song_key("nonsense\n0 x C:maj", 0) == -1


def test_asked_parts_play() -> None:
    take = draw_listening_take(
        FILES, number=1, turn=0, seed=0, palette="model", made_up_share=0.0, parts=("keys", "bass", "drums")
    )
    assert {voice.part for voice in take.voices} >= {"keys", "bass", "drums"}
    alone = draw_listening_take(FILES, number=1, turn=0, seed=0, made_up_share=0.0, parts=("bass",))
    assert [voice.part for voice in alone.voices] == ["bass"]


def test_the_audio_has_the_notes_where_they_are_said_to_be() -> None:
    needs_synthesizer()
    take = draw_listening_take(
        FILES, number=1, turn=1, seed=0, palette="model", made_up_share=0.0, tempo="drift", parts=("keys",)
    )
    audio = render_take(take, synthesizer.find_soundfont())[0]
    onsets = sorted({note[0] for note in take.notes()})
    loudness = np.sqrt(np.convolve(audio**2, np.ones(441) / 441, "same"))
    for onset in onsets:
        before, after = (loudness[max(round((onset + at) * RATE), 0)] for at in (-0.03, 0.06))
        assert after > 1.02 * before
    assert len(audio) == round((take.seconds + 1.5) * RATE)


def test_the_command_renders_once_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs_synthesizer()
    archive = write_archive(tmp_path / "pop909.tar.xz", song_members(1) | song_members(880))
    out = tmp_path / "data"
    assert run("data", "listening", archive, out, "--turns", "1", "--jobs", "1") == 0
    assert "2 new, 0 already there" in capsys.readouterr().out
    (take,) = read_all_stems(out / "train")
    audio = take.read(0, take.samples)
    assert audio.shape == (len(take.voices), take.samples)
    assert np.abs(audio).max() > 0.01
    assert take.read(take.samples + 5, 100).tolist() == np.zeros((len(take.voices), 100)).tolist()
    assert run("data", "listening", archive, out, "--turns", "2", "--jobs", "1") == 0
    assert "2 new, 2 already there" in capsys.readouterr().out
    assert not list(out.rglob("*.part"))


def test_damaged_takes_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="msanii data listening"):
        read_all_stems(tmp_path)
    for text in ("", "[]", '{"format": "other"}', '{"format": "msanii-stems-1", "beats": [1]}'):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(DataError, match=r"a\.json"):
            read_stems(tmp_path / "a.wav")
