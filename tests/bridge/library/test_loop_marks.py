"""What other programs read in a take: ExifTool in a WAV, and AIFF's chunks by their specification."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.audio_child.protocol import TakeFile
from bridge.library.loop_marks import LoopMarks
from bridge.library.riff_chunks import read_chunk, with_chunk
from bridge.messages import FileFormat
from bridge.outputs.drop import encode
from bridge.stage.decks import take_file
from bridge.worker.take_files import loop_marks
from tests.bridge.render_requests import make_request
from tests.conftest import missing

RATE = 44_100
SECONDS = 8 * 60 / 97.3  # two bars
MARKS = LoopMarks(bpm=97.3, root=69, is_loop=True, chords=((0, "Am"), (4, "F#m7/E"), (8, "late")))
CHORD_SAMPLE = round(4 * 60 / 97.3 * RATE)


def written(path: Path, marks: LoopMarks, format: FileFormat = "wav", seconds: float = SECONDS) -> Path:
    audio = np.full((2, round(seconds * RATE)), 0.25, np.float32)
    path.write_bytes(encode(audio, RATE, format=format, marks=marks, recipe="{}"))
    return path


def seen_by_exiftool(path: Path) -> dict[str, Any]:
    if shutil.which("exiftool") is None:
        missing("exiftool is not installed")
    done = subprocess.run(["exiftool", "-json", "-a", "-G", path], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def test_exiftool_reads_tempo_root_loop_and_chords(tmp_path: Path) -> None:
    found = seen_by_exiftool(written(tmp_path / "take.wav", MARKS))
    told = {name.partition(":")[2]: value for name, value in found.items()}
    assert told["Tempo"] == pytest.approx(97.3, abs=1e-3)
    assert (told["RootNote"], told["Beats"], told["Meter"]) == ("High A", 8, "4/4")
    assert not {"Error", "Warning"} & set(told)


def test_the_samples_are_those_of_a_file_without_marks(tmp_path: Path) -> None:
    formats: tuple[tuple[FileFormat, str], ...] = (
        ("wav", ".wav"), ("float", ".wav"), ("aiff", ".aif"), ("flac", ".flac"),
    )  # fmt: skip
    for format, suffix in formats:
        plain, rate = soundfile.read(written(tmp_path / f"plain{suffix}", LoopMarks(), format))
        marked, _ = soundfile.read(written(tmp_path / f"marked{suffix}", MARKS, format))
        assert rate == RATE
        assert (plain == marked).all()


def test_a_sampler_finds_the_whole_file_as_its_loop(tmp_path: Path) -> None:
    path = written(tmp_path / "take.wav", MARKS)
    sampler = read_chunk(path, b"smpl")
    assert sampler is not None
    numbers = struct.unpack("<15I", sampler)
    assert (numbers[2], numbers[3], numbers[7]) == (round(1e9 / RATE), 69, 1)
    assert numbers[9:] == (0, 0, 0, soundfile.info(path).frames - 1, 0, 0)
    once = read_chunk(written(tmp_path / "once.wav", LoopMarks(root=60)), b"smpl")
    assert once is not None
    assert struct.unpack("<9I", once)[7] == 0
    assert read_chunk(written(tmp_path / "none.wav", LoopMarks(bpm=97.3)), b"smpl") is None


def test_chords_are_markers_where_they_begin_and_none_after_the_end(tmp_path: Path) -> None:
    path = written(tmp_path / "take.wav", MARKS)
    cues, labels = read_chunk(path, b"cue "), read_chunk(path, b"LIST")
    assert cues is not None
    assert struct.unpack("<I", cues[:4]) == (2,)
    places = [struct.unpack("<II4sIII", cues[4 + 24 * n : 28 + 24 * n]) for n in range(2)]
    assert [(place[0], place[5]) for place in places] == [(1, 0), (2, CHORD_SAMPLE)]
    # soundfile's own list may come first.
    assert labels is None or b"Am" in path.read_bytes()
    assert b"labl\x0b\0\0\0\x02\0\0\0F#m7/E\0" in path.read_bytes()


def test_aiff_has_markers_and_an_instrument_with_its_loop(tmp_path: Path) -> None:
    path = written(tmp_path / "take.aif", MARKS, "aiff")
    markers, instrument = read_chunk(path, b"MARK"), read_chunk(path, b"INST")
    assert markers is not None
    assert instrument is not None
    assert struct.unpack(">6bh", instrument[:8]) == (69, 0, 0, 127, 1, 127, 0)
    assert struct.unpack(">6h", instrument[8:]) == (1, 1, 2, 0, 0, 0)
    found, at = [], 2
    for _ in range(struct.unpack(">H", markers[:2])[0]):
        number, sample, length = struct.unpack(">hIB", markers[at : at + 7])
        found.append((number, sample, markers[at + 7 : at + 7 + length].decode()))
        at += 6 + (1 + length) + (1 + length) % 2
    end = soundfile.info(path).frames
    assert found == [(1, 0, "loop start"), (2, end, "loop end"), (3, 0, "Am"), (4, CHORD_SAMPLE, "F#m7/E")]
    assert at == len(markers)


def test_a_take_s_marks_come_from_its_request() -> None:
    request = make_request(verb="generate", bpm=120.0, key="F# minor", chords="F#m D", bars=4.0, loop=True)
    marks = loop_marks(request, 0, 8.0)
    assert (marks.bpm, marks.root, marks.is_loop) == (120.0, 66, True)
    assert list(marks.chords) == [(0, "F#m"), (4, "D"), (8, "F#m"), (12, "D")]
    steady = loop_marks(make_request(verb="generate", bpm=120.0, chords="C C C", bars=3.0), 0, 6.0)
    assert (steady.root, list(steady.chords)) == (None, [(0, "C")])
    assert loop_marks(make_request(verb="generate", part="drums", key="C major"), 0, 8.0).root is None
    unknown = loop_marks(make_request(verb="vary", chords="Am", knows_tempo=False), 0, 8.0)
    assert (unknown.bpm, unknown.chords) == (None, ())


def test_a_key_with_a_musical_sign_and_one_that_cannot_be_read_cost_no_take() -> None:
    assert loop_marks(make_request(verb="generate", key="F♯ minor"), 0, 8.0).root == 66
    unread = loop_marks(make_request(verb="generate", key="nothing", chords="Xyz"), 0, 8.0)
    assert (unread.root, unread.chords) == (None, ())


def test_markers_are_spelled_in_ascii(tmp_path: Path) -> None:
    marks = LoopMarks(bpm=120.0, chords=((0, "CΔ7"), (1, "Bø7"), (2, "F♯°"), (3, "Gø"), (4, "DΔ9")))
    for path in (written(tmp_path / "take.wav", marks), written(tmp_path / "take.aif", marks, "aiff")):
        assert all(name in path.read_bytes() for name in (b"Cmaj7", b"Bm7b5", b"F#dim", b"Gm7b5", b"Dmaj9"))


# --- loops from elsewhere ---


def test_a_loop_from_elsewhere_brings_its_tempo(tmp_path: Path) -> None:
    path = written(tmp_path / "loop.wav", LoopMarks(bpm=97.3))
    assert take_file(path) == TakeFile(path, 97.3, 8.0)
    assert take_file(path, 90.0) == TakeFile(path, 90.0)


def test_the_length_of_a_loop_counts_for_more_than_what_it_says_of_its_beats(tmp_path: Path) -> None:
    path = written(tmp_path / "loop.wav", LoopMarks())
    acid = struct.pack("<IHHfIHHf", 0, 60, 0, 0.0, 16, 4, 4, 97.3)
    path.write_bytes(with_chunk(path.read_bytes(), b"acid", acid))
    assert take_file(path) == TakeFile(path, 97.3)


@pytest.mark.parametrize(
    "acid",
    [
        struct.pack("<IHHfIHHf", 1, 60, 0, 0.0, 8, 4, 4, 97.3),  # a one-shot
        struct.pack("<IHHfIHHf", 0, 60, 0, 0.0, 0, 4, 4, 97.3),
        struct.pack("<IHHfIHHf", 0, 60, 0, 0.0, 8, 4, 4, float("nan")),
        struct.pack("<IHHfIHHf", 0, 60, 0, 0.0, 8, 4, 4, -3.0),
        b"short",
    ],
)
def test_a_tempo_that_cannot_be_is_no_tempo(tmp_path: Path, acid: bytes) -> None:
    path = written(tmp_path / "loop.wav", LoopMarks())
    path.write_bytes(with_chunk(path.read_bytes(), b"acid", acid))
    assert take_file(path) == TakeFile(path)
    assert take_file(tmp_path / "gone.wav") == TakeFile(tmp_path / "gone.wav")
