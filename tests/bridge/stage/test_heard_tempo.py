"""What was heard in a file, as a deck takes it: a steady tempo, whole beats, the place of its bar line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.audio_child.protocol import TakeFile
from bridge.messages import BridgeError, HeardAudio
from bridge.stage.heard_tempo import heard_file
from msanii.music.chords import Meter

RATE = 44_100
AT_120 = HeardAudio(120.0, 4, 4, 0, "", "", 0.9, (), 1.0)


def with_beats(heard: HeardAudio, seconds: float) -> HeardAudio:
    """With the beats that belong to its tempo, meter and first downbeat."""
    if heard.first_beat < 0 or not heard.denominator or not heard.bpm > 0:
        return heard
    meter = Meter(numerator=heard.numerator, denominator=heard.denominator)
    step = meter.beat_quarters * 60 / heard.bpm
    first = heard.first_beat / RATE
    beats = [first + number * step for number in range(max(2, int((seconds - first) / step)))]
    return replace(heard, beats=tuple(beats))


def file_of(folder: Path, seconds: float) -> Path:
    soundfile.write(folder / "loop.wav", np.zeros(round(seconds * RATE), np.float32), RATE)
    return folder / "loop.wav"


def heard_in(folder: Path, seconds: float, **heard: float) -> TakeFile:
    told = with_beats(replace(AT_120, **heard), seconds)  # type: ignore[arg-type]
    found = heard_file(file_of(folder, seconds), told)
    assert found is not None
    return found


@pytest.mark.parametrize("unsure", [{"bpm": 0.0}, {"steadiness": 0.89}, {"bpm": 5.0}])
def test_without_a_steady_tempo_nothing_is_taken(tmp_path: Path, unsure: dict[str, float]) -> None:
    told = with_beats(replace(AT_120, **unsure), 8.0)  # type: ignore[arg-type]
    assert heard_file(file_of(tmp_path, 8.0), told) is None


@pytest.mark.parametrize("bpm", [96.97, 97.3, 97.61])
def test_the_length_of_a_loop_makes_its_tempo_exact(tmp_path: Path, bpm: float) -> None:
    found = heard_in(tmp_path, 8 * 60 / 97.3, bpm=bpm)
    assert (found.bpm, found.beats, found.first_beat_seconds) == (97.3, 8.0, 0.0)


def test_a_crooked_tempo_is_that_of_the_length(tmp_path: Path) -> None:
    found = heard_in(tmp_path, 16 * 60 / 128.0137, bpm=128.0)
    assert found.bpm == pytest.approx(128.0137, abs=2e-3)
    assert found.beats == 16.0
    assert found.bpm is not None
    assert abs(16 * 60 / found.bpm * RATE - soundfile.info(found.path).frames) <= 1


def test_what_is_no_whole_number_of_beats_has_its_tempo_alone(tmp_path: Path) -> None:
    assert heard_in(tmp_path, 8.2, bpm=120.03) == TakeFile(tmp_path / "loop.wav", 120.0)
    assert heard_in(tmp_path, 180.25, bpm=120.3) == TakeFile(tmp_path / "loop.wav", 120.3)


@pytest.mark.parametrize(
    ("heard_seconds", "seconds"),
    [
        (0.35, 0.35),
        (0.0, 0.0),
        (0.012, 0.0),  # loops are cut on a beat
        (1.009, 1.0),
        (2.0, 0.0),  # the first bar was not heard as one
        (1.991, 0.0),
        (4.35, 0.35),
        (1.1, 1.1),
    ],
)
def test_a_loop_begins_at_the_first_bar_line_that_fits_in_it(
    tmp_path: Path, heard_seconds: float, seconds: float
) -> None:
    found = heard_in(tmp_path, 8.0, first_beat=round(heard_seconds * RATE))
    assert found.first_beat_seconds == pytest.approx(seconds, abs=1 / RATE)


@pytest.mark.parametrize(
    ("heard_seconds", "seconds"),
    [(0.35, 0.35), (30.35, 0.35), (0.01, 0.0), (1.99, 0.0), (0.48, 0.48), (0.5, 0.5)],
)
def test_a_song_begins_a_whole_number_of_bars_before_its_first_beat(
    tmp_path: Path, heard_seconds: float, seconds: float
) -> None:
    found = heard_in(tmp_path, 60.2, first_beat=round(heard_seconds * RATE))
    assert found.beats is None
    assert found.first_beat_seconds == pytest.approx(seconds, abs=1e-4)


@pytest.mark.parametrize(("numerator", "denominator", "seconds"), [(3, 4, 0.5), (6, 8, 0.5), (7, 8, 0.25)])
def test_bars_are_those_of_the_meter(
    tmp_path: Path, numerator: int, denominator: int, seconds: float
) -> None:
    heard = {"first_beat": 2 * RATE, "numerator": numerator, "denominator": denominator}
    assert heard_in(tmp_path, 42.0, **heard).first_beat_seconds == pytest.approx(seconds)
    assert heard_in(tmp_path, 42.2, **heard).first_beat_seconds == pytest.approx(seconds)


@pytest.mark.parametrize("unknown", [{"first_beat": -1}, {"numerator": 0, "denominator": 0}])
def test_without_bars_nothing_is_taken(tmp_path: Path, unknown: dict[str, float]) -> None:
    told = replace(AT_120, **({"first_beat": 15_000} | unknown))  # type: ignore[arg-type]
    assert heard_file(file_of(tmp_path, 8.0), with_beats(told, 8.0)) is None


def test_a_file_that_is_gone_meanwhile_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match=r"`gone\.wav`"):
        heard_file(tmp_path / "gone.wav", AT_120)
