"""Finding the notes of a file in a recording."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.errors import AudioError
from msanii.teaching.alignment import align
from msanii.teaching.calibration import kit_calibration
from tests.msanii.teaching.instrument import RATE, played, short_calibration

NOTES = short_calibration(120).notes
ONSETS = np.array([note[0] for note in NOTES]) / 2


@pytest.mark.parametrize(
    ("latency_seconds", "drift_ppm"), [(0.0, 0.0), (0.0123, 0.0), (2.5, 300.0), (7.0, -300.0)]
)
def test_latency_is_found_to_three_milliseconds_and_drift_to_forty_ppm(
    latency_seconds: float, drift_ppm: float
) -> None:
    audio = played(NOTES, latency_seconds=latency_seconds, drift_ppm=drift_ppm)
    found = align(audio, RATE, ONSETS)
    assert found.latency_seconds == pytest.approx(latency_seconds, abs=0.003)
    # A minute and a half of 300 ppm is 27 ms.
    assert found.drift_ppm == pytest.approx(drift_ppm, abs=40)
    assert found.seconds(np.array([10.0]))[0] == pytest.approx(
        latency_seconds + 10 * (1 + drift_ppm * 1e-6), abs=0.003
    )


def test_a_recording_that_began_late_is_aligned_by_the_rest() -> None:
    found = align(played(NOTES)[round(4.0 * RATE) :], RATE, ONSETS)
    assert found.latency_seconds == pytest.approx(0.3 - 4.0, abs=0.003)


def test_noise_does_not_disturb() -> None:
    audio = played(NOTES)
    noise = np.random.default_rng(0).normal(size=len(audio)) * 0.01
    assert align((audio + noise).astype(np.float32), RATE, ONSETS).latency_seconds == pytest.approx(
        0.3, abs=0.003
    )


def test_a_pad_that_swells_for_a_tenth_of_a_second_is_found() -> None:
    found = align(played(NOTES, attack_seconds=0.1), RATE, ONSETS)
    assert found.latency_seconds == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("other", ["kit", "tempo", "noise"])
def test_a_recording_of_something_else_is_refused(other: str) -> None:
    audio = played(NOTES)
    if other == "kit":
        audio = played(kit_calibration().notes[:120])
    elif other == "tempo":
        audio = played(NOTES, bpm=110)
    else:
        audio = np.random.default_rng(1).normal(size=len(audio)).astype(np.float32) * 0.1
    with pytest.raises(AudioError, match=r"recording: its notes are not those of the calibration"):
        align(audio, RATE, ONSETS)
