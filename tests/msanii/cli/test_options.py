"""The notes of a MIDI file on the command line: which of them are played, and from where."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from msanii.cli.options import SharedOptions
from msanii.errors import ScoreError
from msanii.music.score import Score


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two bars at 60 bpm, then at 90: keys in each, bass in the second, drums in the first."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    for name, channel, onsets in (("Piano", 0, {0: 60, 4: 64}), ("Bass", 1, {4: 36}), ("Kit", 9, {0: 42})):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        beats = 0
        for onset, pitch in onsets.items():
            on = mido.Message("note_on", note=pitch, velocity=90, channel=channel, time=(onset - beats) * 480)
            track += [on, mido.Message("note_off", note=pitch, channel=channel, time=480)]
            beats = onset + 1
        file.tracks.append(track)
    for time, bpm in ((0, 60), (4 * 480, 90)):
        file.tracks[0].insert(
            0 if time == 0 else -1, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))
        )
    file.save(tmp_path / "song.mid")
    return tmp_path / "song.mid"


def score(song: Path, part: str = "", notes_from: float | None = None) -> Score:
    options = SharedOptions(output=Path("a.wav"), notes=song, part=part, notes_from_beats=notes_from)
    return options.score(bars=None, seconds=None)


def test_a_part_plays_its_track(song: Path) -> None:
    assert [note.pitch for note in score(song).notes] == [60, 36, 64]
    assert [note.pitch for note in score(song, "bass").notes] == [36]
    assert [note.pitch for note in score(song, "drums").notes] == [42]
    with pytest.raises(ScoreError, match="no track plays lead, expected one of keys, bass, drums"):
        score(song, "lead")


def test_bar_1_is_where_notes_from_says(song: Path) -> None:
    whole, later = score(song), score(song, notes_from=4)
    assert (whole.bars, later.bars) == (2, 1)
    assert [(note.onset_seconds, note.pitch) for note in later.notes] == [(0.0, 36), (0.0, 64)]


def test_a_change_of_tempo_is_told(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(song).bpm == 60
    assert capsys.readouterr().err == "notes: the tempo of `song.mid` changes; the first is taken for all\n"
