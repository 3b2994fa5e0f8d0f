"""Figures of the sound, on signals whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.outside_ears import sound
from tests.outside_ears.clips import FloatArray

RATE = 44_100


def sine(hertz: float, seconds: float = 4.0) -> FloatArray:
    return np.tile(np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE), (2, 1))


def test_a_tenth_of_the_amplitude_above_8_khz_is_20_db_down() -> None:
    audio = sine(440) + 0.1 * sine(12_000)
    assert sound.share_db(audio, RATE, sound.HIGH_HZ, RATE) == pytest.approx(-20.04, abs=0.1)


def test_rumble_counts_below_25_hz_and_a_low_bass_does_not() -> None:
    bass = sine(41.2)
    assert sound.share_db(bass, RATE, 0.0, sound.LOW_HZ) < -60
    assert sound.share_db(bass + 0.1 * sine(12), RATE, 0.0, sound.LOW_HZ) == pytest.approx(-20.04, abs=0.3)


def test_a_clip_shorter_than_a_window_still_has_its_shares() -> None:
    short = sine(440, seconds=0.05)
    assert sound.share_db(short, RATE, sound.HIGH_HZ, RATE) < -40
    assert math.isfinite(sound.share_db(short, RATE, 0.0, sound.LOW_HZ))


def test_the_crest_of_a_sine_is_3_db() -> None:
    assert sound.crest_db(0.2 * sine(440)) == pytest.approx(3.01, abs=0.01)


def test_a_drone_has_no_jitter_and_strokes_have_much() -> None:
    drone = sine(440)
    strokes = drone * np.exp(-12 * (np.arange(drone.shape[1]) / RATE % 0.5))
    assert sound.jitter_db(drone, RATE) < 0.1
    # The level falls by 52 dB between strokes that are half a second apart: evenly, so 52 / sqrt(12).
    assert sound.jitter_db(strokes, RATE) == pytest.approx(52.1 / math.sqrt(12), abs=1.0)


def test_silence_between_strokes_counts_no_lower_than_60_db_down() -> None:
    audio = sine(440)
    audio *= np.arange(audio.shape[1]) / RATE % 1.0 < 0.5
    assert 10 < sound.jitter_db(audio, RATE) < 25


def test_less_than_half_a_second_has_no_jitter_to_tell() -> None:
    assert math.isnan(sound.jitter_db(sine(440, seconds=0.3), RATE))


@pytest.mark.parametrize(("right", "expected"), [(1.0, 1.0), (-1.0, -1.0)])
def test_sides_that_move_alike_correlate(right: float, expected: float) -> None:
    audio = sine(440) * np.array([[1.0], [right]])
    assert sound.side_correlation(audio) == pytest.approx(expected)


def test_a_quarter_period_apart_is_uncorrelated_and_a_silent_side_has_no_figure() -> None:
    time = np.arange(RATE) / RATE
    apart = np.stack([np.sin(2 * np.pi * 440 * time), np.cos(2 * np.pi * 440 * time)])
    assert sound.side_correlation(apart) == pytest.approx(0, abs=1e-6)
    assert math.isnan(sound.side_correlation(apart * np.array([[1.0], [0.0]])))


def test_only_what_nobody_hears_is_silent() -> None:
    assert sound.is_silent(np.zeros((2, 100)))
    assert not sound.is_silent(1e-4 * sine(440))
