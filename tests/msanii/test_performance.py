"""POP909's files as a performance: times, pedal, key and tempo."""

from __future__ import annotations

import io

import mido
import numpy as np
import pytest

from msanii.config import DEFAULT_CONTROLS
from msanii.controls import events_to_controls
from msanii.errors import DataError
from msanii.performance import TAIL_SECONDS, Performance, read_performance
from tests.msanii.songs import BEATS, beats_text, chords_text, midi_bytes


def performance(midi: bytes = b"", beats: str = "", chords: str = "") -> Performance:
    """The test song; what is given replaces its part."""
    return read_performance(midi or midi_bytes(), beats or beats_text(), chords or chords_text())


def test_notes_beats_and_chords_are_in_seconds() -> None:
    events = performance().events()
    assert events.notes is not None
    assert events.beats is not None
    assert events.chords is not None
    piano = events.notes[events.notes[:, 2] == 60]
    np.testing.assert_allclose(sorted(piano[:, 0]), np.arange(BEATS) * 0.5)
    np.testing.assert_allclose(piano[:, 1] - piano[:, 0], 0.25)
    np.testing.assert_allclose(events.beats[:5, 1], [1, 0, 0, 0, 1])
    np.testing.assert_allclose(events.chords[:, :3], [[0, 2, 0], [2, 4, 9], [4, 6, -1]])
    assert np.flatnonzero(events.chords[1, 3:]).tolist() == [0, 4, 9]
    assert not events.chords[2, 3:].any()


def test_a_change_of_tempo_moves_what_follows_it() -> None:
    notes = performance(midi_bytes(tempos=((0, 500_000), (960, 250_000)))).events().notes
    assert notes is not None
    piano = sorted(notes[notes[:, 2] == 60, 0])
    np.testing.assert_allclose(piano[:5], [0.0, 0.5, 1.0, 1.25, 1.5])


def test_the_pedal_holds_a_note_until_the_same_key_is_struck_again() -> None:
    notes = performance(midi_bytes(pedal=True)).events().notes
    assert notes is not None
    piano = notes[notes[:, 2] == 60]
    np.testing.assert_allclose(piano[:-1, 1] - piano[:-1, 0], 0.5)
    melody = notes[notes[:, 2] == 64]
    np.testing.assert_allclose(melody[:, 1] - melody[:, 0], 0.5, err_msg="another track's pedal held it")


def test_shifting_moves_notes_beats_and_chords_together() -> None:
    original, shifted = performance(), performance().shifted(3, 1.25)
    assert shifted.bpm == pytest.approx(original.bpm * 1.25) == pytest.approx(150.0)
    before, after = original.events(), shifted.events()
    assert before.notes is not None
    assert after.notes is not None
    assert after.beats is not None
    assert after.chords is not None
    np.testing.assert_allclose(after.notes[:, :2], before.notes[:, :2] / 1.25)
    np.testing.assert_allclose(after.notes[:, 2], before.notes[:, 2] + 3)
    np.testing.assert_allclose(after.beats[:, 0], np.arange(BEATS) * 0.4)
    assert after.chords[:, 2].tolist() == [3, 0, -1]
    assert np.flatnonzero(after.chords[1, 3:]).tolist() == [0, 3, 7]


def test_the_written_midi_plays_the_same_notes_and_then_rings() -> None:
    shifted = performance().shifted(-2, 0.8)
    file = mido.MidiFile(file=io.BytesIO(shifted.to_midi()))
    now, onsets = 0.0, []
    for message in file:
        now += message.time
        if message.type == "note_on" and message.velocity > 0:
            onsets.append((now, message.note))
    notes = shifted.events().notes
    assert notes is not None
    np.testing.assert_allclose(sorted(onsets), sorted(map(tuple, notes[:, [0, 2]])), atol=1e-3)
    assert now == pytest.approx(notes[:, 1].max() + TAIL_SECONDS, abs=2e-3)


def test_the_events_fill_every_control_group() -> None:
    controls = events_to_controls(performance().events(), DEFAULT_CONTROLS, 256)
    assert controls.shape == (207, 256)
    assert controls[[24, 29, 206]].min() == 1.0
    assert controls[0, :80].mean() > 0.9, "the root of the first chord"


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
