"""POP909's files as a song: times, tracks and pedal."""

from __future__ import annotations

import io

import mido
import numpy as np
import pytest

from msanii.data.pop909_song import Pop909Song, read_pop909_song
from msanii.errors import DataError
from tests.msanii.songs import BEATS, beats_text, chords_text, midi_bytes


def performance(midi: bytes = b"", beats: str = "", chords: str = "") -> Pop909Song:
    """The test song; what is given replaces its part."""
    return read_pop909_song(midi or midi_bytes(), beats or beats_text(), chords or chords_text())


def test_notes_beats_and_chords_are_in_seconds() -> None:
    read = performance()
    piano = np.array(read.notes_by_track()["PIANO"])
    np.testing.assert_allclose(piano[:, 0], np.arange(BEATS) * 0.5)
    np.testing.assert_allclose(piano[:, 1] - piano[:, 0], 0.25)
    assert [starts_bar for _, starts_bar in read.beats[:5]] == [True, False, False, False, True]
    chords = [(start, end, chord.root) for start, end, chord in read.chords]
    assert chords == [(0, 2, 0), (2, 4, 9), (4, 12, None)]
    assert read.chords[1][2].tones == {0, 4, 9}
    assert read.bpm == pytest.approx(120.0)


def test_a_change_of_tempo_moves_what_follows_it() -> None:
    notes = performance(midi_bytes(tempos=((0, 500_000), (960, 250_000)))).notes_by_track()["PIANO"]
    np.testing.assert_allclose([note[0] for note in notes[:5]], [0.0, 0.5, 1.0, 1.25, 1.5])


def test_the_pedal_holds_a_note_until_the_same_key_is_struck_again() -> None:
    tracks = performance(midi_bytes(pedal=True)).notes_by_track()
    piano = np.array(tracks["PIANO"])
    np.testing.assert_allclose(piano[:-1, 1] - piano[:-1, 0], 0.5)
    melody = np.array(tracks["MELODY"])
    np.testing.assert_allclose(melody[:, 1] - melody[:, 0], 0.5, err_msg="another track's pedal held it")


@pytest.mark.parametrize(
    ("midi", "beats", "chords", "message"),
    [
        (b"MThd nothing", "", "", "MIDI file: cannot be read"),
        (b"", "0.0 1.0\n", "", "beat_midi.txt line 1"),
        (b"", "0.0 1.0 1.0\n", "", "got 1 beats"),
        (b"", "0.0 1.0 1.0\nnan 0.0 0.0\n", "", "line 2: got 'nan'"),
        (b"", "1.0 1.0 1.0\n0.5 0.0 0.0\n", "", "rising"),
        (b"", "", "0.0 2.0 H:maj\n", "chord_midi.txt line 1"),
        (b"", "", "0.0 2.0\n", "expected start, end, chord"),
    ],
)
def test_unusable_files_are_named(midi: bytes, beats: str, chords: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        performance(midi, beats, chords)


def test_a_midi_file_without_the_piano_tracks_is_refused() -> None:
    buffer = io.BytesIO()
    mido.MidiFile(tracks=[mido.MidiTrack([mido.MetaMessage("track_name", name="DRUMS")])]).save(file=buffer)
    with pytest.raises(DataError, match="DRUMS"):
        performance(buffer.getvalue())
