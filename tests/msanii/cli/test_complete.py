"""`msanii complete`: a part written to what plays in MIDI files, or is heard in audio."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from msanii.listening.heard import Heard
from msanii.listening.listener import Listener
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


HEARD = Heard(
    rate=44_100, samples=176_400, bpm=120.0, confidence=0.9, steadiness=1.0, numerator=3, denominator=4,
    first_downbeat_samples=8_820, beats=tuple((0.2 + 0.5 * n, n % 3) for n in range(7)), key="Am",
    chords=("Am", "F"), chord_spans=(), notes=(), part="mix", family=None, sound=None,
)  # fmt: skip


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    path = tmp_path / "loop.wav"
    soundfile.write(path, np.random.default_rng(2).normal(0, 0.1, 4 * 44_100), 44_100)
    return path


def told(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    """Have the listener hear something: what it hears of real audio is tested elsewhere."""
    monkeypatch.setattr(Listener, "listen", lambda _self, _clip: heard)


def test_a_bass_is_written_to_audio_that_is_heard(
    tiny_model: Path,
    tmp_path: Path,
    loop: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, HEARD)
    out = tmp_path / "bass.wav"
    assert run("complete", loop, loop, "--part", "bass", "--model", tiny_model, *QUICK, "-o", out) == 0
    assert "tempo: 120.00 bpm in 3/4" in capfd.readouterr().err
    audio, rate = read(out)
    assert len(audio) == 4 * rate
    clip = read_notes(out.with_suffix(".mid"))
    assert (clip.bpm, clip.numerator) == (120.0, 3)
    # From the first bar line at 0.2 s on there are 7.6 quarter notes.
    assert clip.length_beats == pytest.approx(7.6, abs=1e-3)
    assert [next(note[2] for note in clip.notes if note[0] >= bar * 3 - 0.1) % 12 for bar in range(2)] == [
        9,
        5,
    ]


def test_where_no_beat_is_heard_the_tempo_is_asked_for(
    tiny_model: Path,
    tmp_path: Path,
    loop: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, replace(HEARD, bpm=None, numerator=None, denominator=None, beats=(), chords=None))
    asked = ["complete", loop, "--part", "bass", "--model", tiny_model, *QUICK, "-o", tmp_path / "bass.wav"]
    assert run(*asked) == 1
    assert (
        "bpm: no beat was heard that is sure, or in that meter; give it with --bpm" in capfd.readouterr().err
    )
    assert run(*asked, "--bpm", 90, "--chords", "Am") == 0


def test_midi_and_audio_do_not_mix(
    tmp_path: Path, keys: Path, loop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("complete", keys, loop, "--part", "bass", "-o", tmp_path / "bass.wav") == 1
    words = "files: got MIDI and audio, expected files of one kind; leave the others out"
    assert words in capfd.readouterr().err
