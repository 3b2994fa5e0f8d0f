"""MIDI files of takes: what our own reader and mido find in them."""

from __future__ import annotations

import io

import mido
import pytest

from msanii.music.chords import Meter
from msanii.music.midi_notes import BeatNote
from msanii.music.midi_writing import MidiHead, head_of, on_ticks, to_midi
from msanii.music.note_files import parse_notes
from msanii.music.score import make_score

KEYS: tuple[BeatNote, ...] = ((0.0, 1.5, 60, 90), (0.0, 1.5, 64, 90), (on_ticks(2 / 3), 3.25, 67, 1))
DRUMS: tuple[BeatNote, ...] = ((0.0, 0.25, 36, 127), (3.0, 3.25, 38, 40))
BASS: tuple[BeatNote, ...] = ((0.0, 4.0, 33, 80),)


def read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data))


def head(**values: object) -> MidiHead:
    return MidiHead(**{"beats": 4.0, "bpm": 97.3, "meter": Meter()} | values)  # type: ignore[arg-type]


def test_our_reader_finds_the_same_notes_tempo_meter_and_length() -> None:
    parts = {"keys": KEYS, "drums": DRUMS, "bass": BASS}
    clip = parse_notes(to_midi(parts, head(meter=Meter(numerator=7, denominator=8), beats=3.5)), "a.mid")
    assert clip.parts["keys"] == KEYS
    assert clip.parts["drums"] == ((0.0, 0.25, 36, 127), (3.0, 3.25, 38, 40))
    assert clip.parts["bass"] == ((0.0, 3.5, 33, 80),)  # it rings over the end
    assert (clip.bpm, clip.numerator, clip.denominator, clip.length_beats) == (97.3, 7, 8, 3.5)


@pytest.mark.parametrize("part", ["keys", "lead", "pad", "bass", "drums"])
@pytest.mark.parametrize("number", ["", "_2"])
def test_every_part_is_read_as_itself_whatever_it_plays(part: str, number: str) -> None:
    clip = parse_notes(to_midi({part + number: KEYS}, head(), {part + number: "strings"}), "a.mid")
    assert list(clip.parts) == [part]


def test_mido_finds_a_file_of_format_1_with_names_programs_and_channels() -> None:
    parts = {"keys": KEYS, "keys_2": BASS, "drums": DRUMS}
    file = read(to_midi(parts, head(), {"keys": "electric piano", "drums": "electronic kit"}))
    assert (file.type, file.ticks_per_beat) == (1, 960)
    assert file.length == pytest.approx(4 * 60 / 97.3, abs=1e-4)
    assert [track.name for track in file.tracks[1:]] == ["keys", "keys 2", "drums"]
    programs = [message for track in file.tracks for message in track if message.type == "program_change"]
    assert [(change.channel, change.program) for change in programs] == [(0, 4), (1, 0), (9, 24)]
    assert {message.channel for message in file.tracks[3] if message.type == "note_on"} == {9}
    for track in file.tracks:
        assert sum(message.time for message in track) == 4 * 960
        assert track[-1].type == "end_of_track"


def test_chords_are_markers_where_they_change_and_repeat_with_the_progression() -> None:
    score = make_score(bars=4, bpm=120, chords="Am F F C", key="A minor")
    markers: list[tuple[int, str]] = []
    tick = 0
    for message in read(to_midi({"keys": KEYS}, head_of(score))).tracks[0]:
        tick += message.time
        if message.type == "marker":
            markers.append((tick, message.text))
    assert markers == [(0, "Am"), (4 * 960, "F"), (12 * 960, "C")]


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        ("A minor", "Am"), ("Eb major", "Eb"), ("F# moll", "F#m"), ("D dorian", "C"), ("A# minor", "Bbm"),
        ("G# harmonic minor", "G#m"), ("C# major", "Db"), ("", None),
    ],
)  # fmt: skip
def test_keys_are_written_as_midi_spells_them(key: str, signature: str | None) -> None:
    first = read(to_midi({"keys": KEYS}, head(key=key))).tracks[0]
    found = [message.key for message in first if message.type == "key_signature"]
    assert found == [signature] * (signature is not None)


def test_a_chord_with_signs_that_midi_does_not_know_and_notes_after_the_end_are_no_trouble() -> None:
    data = to_midi({"keys": (*KEYS, (4.0, 5.0, 60, 90))}, head(chords=[(0.0, "C△7"), (4.0, "G")]))
    assert parse_notes(data, "a.mid").notes == KEYS
    assert [message.text for message in read(data).tracks[0] if message.type == "marker"] == ["C?7"]
