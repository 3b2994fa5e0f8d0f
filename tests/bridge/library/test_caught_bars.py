"""What is known of caught bars, and what it lends of what was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bridge.library.caught_bars import CAUGHT_CHUNK, CaughtBars, read_caught
from bridge.library.loop_marks import LoopMarks
from bridge.library.riff_chunks import with_chunk
from bridge.messages import HeardAudio
from bridge.outputs.drop import encode

RATE = 44_100
WALTZ = CaughtBars(bars=2, bpm=97.3333, numerator=3, denominator=4)


def write(path: Path, caught: CaughtBars, seconds: float | None = None, payload: bytes = b"") -> Path:
    frames = round((caught.seconds if seconds is None else seconds) * RATE)
    audio = np.full((1, frames), 0.1, np.float32)
    data = encode(audio, RATE, format="wav", marks=LoopMarks(bpm=caught.bpm, is_loop=True))
    path.write_bytes(with_chunk(data, CAUGHT_CHUNK, payload or caught.model_dump_json().encode()))
    return path


def test_a_file_tells_its_bars_to_the_last_digit(tmp_path: Path) -> None:
    assert read_caught(write(tmp_path / "a.wav", WALTZ)) == WALTZ


def test_one_that_was_cut_or_damaged_tells_nothing(tmp_path: Path) -> None:
    assert read_caught(write(tmp_path / "cut.wav", WALTZ, seconds=2.0)) is None
    assert read_caught(write(tmp_path / "bad.wav", WALTZ, payload=b'{"bars": "many"}')) is None
    assert read_caught(write(tmp_path / "nan.wav", WALTZ, payload=b'{"bars": 1, "bpm": NaN}')) is None
    other = tmp_path / "other.wav"
    other.write_bytes(encode(np.zeros((1, 10), np.float32), RATE, format="wav", marks=LoopMarks()))
    assert read_caught(other) is None


def heard(bpm: float = 97.0, first: float = 0.02, numerator: int = 3) -> HeardAudio:
    beats = tuple(first + number * 60 / bpm for number in range(6))
    return HeardAudio(bpm, numerator, 4, round(first * RATE), "A minor", "Am | F", 0.8, beats, 1.0)


def test_tempo_and_beats_are_known_whatever_was_heard() -> None:
    for what in (None, heard(), heard(bpm=194.0), heard(numerator=4)):
        known = WALTZ.heard(what)
        assert (known.bpm, known.numerator, known.denominator, known.first_beat) == (97.3333, 3, 4, 0)
        assert known.beats == pytest.approx([number * 60 / 97.3333 for number in range(6)])
        assert (known.confidence, known.steadiness) == (1.0, 1.0)


def test_chords_are_those_that_were_heard_on_the_same_bars() -> None:
    assert WALTZ.heard(heard()).chords == "Am | F"
    for other in (heard(bpm=194.0), heard(numerator=4), heard(first=60 / 97.0)):
        assert (WALTZ.heard(other).chords, WALTZ.heard(other).key) == ("", "A minor")
    assert WALTZ.heard().chords == ""


def test_beats_of_compound_meters_are_dotted() -> None:
    caught = CaughtBars(bars=1, bpm=120.0, numerator=6, denominator=8)
    assert caught.seconds == 1.5
    assert caught.heard().beats == (0.0, 0.75)
