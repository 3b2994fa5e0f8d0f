"""Register, dynamics and melody on tones of known pitch and level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from msanii.metrics.melody_match import corpus, intervals, longest_match, melody_line
from msanii.metrics.tone import measured_dynamics, measured_register, melody, rank_correlation

RATE = 44_100
TUNE = (60, 64, 67, 72, 69, 65, 62, 67, 64, 60)


def tone(pitch: int, seconds: float = 0.3, level: float = 0.3) -> NDArray[np.float32]:
    """A tone with six falling harmonics, (L,)."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 7))
    envelope = np.minimum(1, time / 0.005) * np.exp(-3 * time)
    return np.asarray(level * wave * envelope, dtype=np.float32)


def tune(pitches: tuple[int, ...]) -> NDArray[np.float32]:
    return np.concatenate([tone(pitch) for pitch in pitches])[None]


def test_the_melody_is_detected_note_for_note() -> None:
    assert melody(tune(TUNE), RATE) == list(TUNE)
    assert melody(np.zeros((1, RATE), np.float32), RATE) == []


def test_the_register_follows_the_pitch() -> None:
    pitches = range(45, 90, 5)
    found = [measured_register(tune((pitch,) * 4), RATE) for pitch in pitches]
    assert found == sorted(found)
    assert all(abs(heard - pitch) < 4 for heard, pitch in zip(found, pitches, strict=True))


def test_silence_has_no_register() -> None:
    assert math.isnan(measured_register(np.zeros((1, RATE), np.float32), RATE))


def test_dynamics_ignore_silence() -> None:
    loud, soft = tune(TUNE), tune(TUNE) * np.float32(0.5)
    assert measured_dynamics(loud) - measured_dynamics(soft) == pytest.approx(6.02, abs=0.05)
    rests = np.concatenate([loud, np.zeros((1, 3 * RATE), np.float32)], axis=1)
    assert measured_dynamics(rests) == pytest.approx(measured_dynamics(loud), abs=0.3)


def test_rank_correlation_is_spearmans() -> None:
    asked = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(asked, asked**3) == pytest.approx(1.0)
    assert rank_correlation(asked, -asked) == pytest.approx(-1.0)
    assert rank_correlation(asked, np.array([1.0, 3.0, 2.0, 4.0])) == pytest.approx(0.8)
    assert rank_correlation(np.array([1.0, 2.0, np.nan, 3.0]), asked) == pytest.approx(1.0)
    assert math.isnan(rank_correlation(np.ones(4), asked))


def test_a_melody_matches_in_any_key_octave_and_rhythm() -> None:
    known = corpus([intervals(TUNE), intervals((60, 61, 60, 61, 63))])
    assert longest_match(intervals([pitch + 5 for pitch in TUNE]), known) == len(TUNE)
    assert longest_match(intervals([TUNE[0], TUNE[0], *TUNE[1:]]), known) == len(TUNE)
    raised = [TUNE[0], *(pitch + 12 for pitch in TUNE[1:])]
    assert longest_match(intervals(raised), known) == len(TUNE)
    assert longest_match(intervals(TUNE[2:6]), known) == 4
    assert longest_match(intervals((60, 66, 60, 66)), known) == 1
    assert longest_match(intervals((60,)), known) == 0


def test_no_match_runs_from_one_song_into_the_next() -> None:
    known = corpus([intervals((60, 62, 64)), intervals((64, 65, 67))])
    assert longest_match(intervals((60, 62, 64, 65, 67)), known) == 3


def test_the_highest_of_simultaneous_notes_is_the_melody() -> None:
    assert melody_line([(0.0, 60), (0.01, 72), (0.5, 65), (1.0, 62), (1.02, 50)]) == [72, 65, 62]
