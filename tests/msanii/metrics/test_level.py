"""Levels of sines, noise and silence."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.metrics.level import LEVELS, LOWEST_DB, OCTAVES_HZ, level_db, level_metrics, octave_levels

RATE = 44_100


def sine(hertz: float, amplitude: float, seconds: float = 4.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.stack([amplitude * np.sin(2 * np.pi * hertz * time)] * 2).astype(np.float32)


@pytest.mark.parametrize("hertz", OCTAVES_HZ)
def test_a_sine_has_its_level_in_its_octave(hertz: int) -> None:
    levels = octave_levels(sine(hertz, 0.1), RATE)
    place = OCTAVES_HZ.index(hertz)
    assert levels[place] == pytest.approx(-23.0, abs=0.3)
    assert np.delete(levels, place).max() < levels[place] - 25


def test_octaves_sum_to_the_whole() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 4 * RATE)).astype(np.float32) * np.float32(0.1)
    levels = octave_levels(noise, RATE)
    assert 10 * np.log10((10 ** (levels / 10)).sum()) == pytest.approx(level_db(noise), abs=0.1)
    # White noise has equal power per hertz, so each octave has 3 dB more than the last.
    assert np.diff(levels[2:-1]) == pytest.approx(3.0, abs=0.5)


def test_a_gain_changes_levels_but_not_crest_or_treble() -> None:
    sound = sine(440, 0.2) + sine(10_000, 0.02)
    first, louder = level_metrics(sound, RATE), level_metrics(sound * np.float32(2), RATE)
    assert set(first) == set(LEVELS)
    for name in ("loudness", "octave_500", "octave_8000"):
        assert louder[name] - first[name] == pytest.approx(6.02, abs=0.05)
    for name in ("crest", "above_8000"):
        assert louder[name] == pytest.approx(first[name], abs=1e-4)
    assert first["above_8000"] == pytest.approx(-20.0, abs=0.2)
    assert level_metrics(sine(440, 0.2), RATE)["crest"] == pytest.approx(3.01, abs=0.01)


def test_loudness_is_as_in_the_standard() -> None:
    # BS.1770: a sine of 1 kHz at full scale in both channels has 0 LUFS less 0.01.
    assert level_metrics(sine(997, 1.0), RATE)["loudness"] == pytest.approx(0.0, abs=0.1)


def test_silence_has_no_metrics() -> None:
    silence = np.zeros((2, RATE), np.float32)
    assert all(np.isnan(value) for value in level_metrics(silence, RATE).values())
    assert level_db(silence) == LOWEST_DB
    assert (octave_levels(silence, RATE) == LOWEST_DB).all()
