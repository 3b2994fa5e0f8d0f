"""`msanii complete`: a part written to what plays in MIDI files."""

from __future__ import annotations

from pathlib import Path

import pytest

from msanii.music.chords import Meter, parse_chords
from msanii.music.midi_writing import MidiHead, to_midi
from msanii.music.note_files import read_notes
from tests.msanii.command import QUICK, read, run


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A MIDI file of four bars of keys on Am F C G at 240 bpm."""
    notes = [
        (span.start_beats + beat, span.start_beats + beat + 1.0, 60 + tone, 80)
        for span in parse_chords("Am F C G")
        for tone in span.chord.tones
        for beat in range(4)
    ]
    path = tmp_path / "keys.mid"
    path.write_bytes(to_midi({"keys": sorted(notes)}, MidiHead(beats=16.0, bpm=240.0, meter=Meter())))
    return path


def test_a_bass_is_written_to_the_chords_that_are_heard(
    tiny_model: Path, tmp_path: Path, keys: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bass.wav"
    asked = ["complete", keys, "--part", "bass", "--model", tiny_model, *QUICK, "--seed", 3, "-o", out]
    assert run(*asked) == 0
    assert "chords: Am F C G" in capfd.readouterr().err
    audio, rate = read(out)
    assert len(audio) == 4 * rate
    clip = read_notes(out.with_suffix(".mid"))
    assert (list(clip.parts), clip.bpm) == (["bass"], 240.0)
    firsts = [next(note[2] for note in clip.notes if note[0] >= bar * 4 - 0.1) % 12 for bar in range(4)]
    assert firsts == [9, 5, 0, 7]
    # A second file is heard as well: it has the bass now.
    assert run("complete", keys, out.with_suffix(".mid"), "--part", "bass", "-o", out) == 1
    assert "plays bass already; ask for another part" in capfd.readouterr().err


def test_chords_that_are_said_are_not_recognised(
    tiny_model: Path, tmp_path: Path, keys: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bass.wav"
    said = ["--chords", "Dm Em", "--part", "bass", "--model", tiny_model, *QUICK]
    assert run("complete", keys, *said, "-o", out) == 0
    assert "chords:" not in capfd.readouterr().err
    first = read_notes(out.with_suffix(".mid")).notes[0]
    assert first[2] % 12 == 2


MISTAKES: dict[str, tuple[list[str], str]] = {
    "no part": ([], "part: say which part to write to these, as in --part bass"),
    "a mix": (["--part", "mix"], "part: got mix, expected a single part"),
    "no such part": (["--part", "kazoo"], "kazoo"),
    "notes too": (["--part", "bass", "--notes", "x.mid"], "notes: give the MIDI files without --notes"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_sentences(
    tmp_path: Path, keys: Path, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, words = MISTAKES[case]
    assert run("complete", keys, *arguments, "-o", tmp_path / "out.wav") == 1
    assert words in capfd.readouterr().err


def test_a_file_without_notes_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.mid"
    empty.write_bytes(to_midi({}, MidiHead(beats=4.0, bpm=120.0, meter=Meter())))
    assert run("complete", empty, "--part", "bass", "-o", tmp_path / "out.wav") == 1
    assert "empty.mid`: holds no notes; choose a clip that has some" in capfd.readouterr().err
