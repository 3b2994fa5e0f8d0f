"""Fault metrics on known sines, offsets, clicks, phases and noise."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.metrics.faults import (
    bandwidth_hz,
    dc_share,
    edge_step_db,
    mono_loss_db,
    subsonic_share,
)
from msanii.metrics.harmony import Audio

RATES = pytest.mark.parametrize("rate", [44_100, 96_000])
MEASURES = (bandwidth_hz, dc_share, edge_step_db, mono_loss_db, subsonic_share)


def sine(hertz: float, rate: int = 44_100, seconds: float = 2.0, channels: int = 2) -> Audio:
    time = np.arange(round(seconds * rate)) / rate
    return np.tile(np.sin(2 * np.pi * hertz * time), (channels, 1)).astype(np.float32)


def noise_below(hertz: float, rate: int) -> Audio:
    """(2, L): white up to a frequency, nothing above."""
    samples = 2 * rate
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal((2, samples)))
    spectrum[:, round(hertz * 2) :] = 0
    return np.fft.irfft(spectrum, samples).astype(np.float32)


@RATES
def test_subsonic_is_what_lies_below_25_hz(rate: int) -> None:
    assert subsonic_share(sine(10, rate), rate) > 0.99
    # The lowest note of a bass with five strings, and the lowest of a piano beside a tone of the same power.
    assert subsonic_share(sine(31, rate), rate) < 0.001
    assert subsonic_share(sine(50, rate), rate) < 1e-5
    assert subsonic_share(sine(10, rate) + sine(100, rate), rate) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 8.0])
def test_an_offset_is_subsonic_and_counts_once(seconds: float) -> None:
    offset = np.sqrt(0.5)  # the power of a sine of 1
    audio = sine(200, seconds=seconds) + np.float32(offset)
    assert subsonic_share(audio, 44_100) == pytest.approx(0.5, abs=0.02)
    assert dc_share(audio, 44_100) == pytest.approx(np.sqrt(0.5), abs=0.001)


def test_offsets_of_either_sign_are_told_from_tones() -> None:
    assert dc_share(sine(50), 44_100) < 1e-4
    assert dc_share(sine(50) + np.float32(0.1), 44_100) == pytest.approx(0.14, abs=0.005)
    apart = sine(50)
    apart[0] += 0.1
    apart[1] -= 0.1
    assert dc_share(apart, 44_100) == pytest.approx(0.14, abs=0.005)


def test_a_step_is_found_at_either_end() -> None:
    audio = sine(100, seconds=1)[:, :-1]
    assert edge_step_db(audio, 44_100) == pytest.approx(-30.9, abs=0.1)  # it ends two samples before nothing
    assert edge_step_db(audio[:, 110:], 44_100) == pytest.approx(0, abs=0.01)  # it begins at its crest
    assert edge_step_db(audio[:1, :111] * np.float32(0.5), 44_100) == pytest.approx(-6, abs=0.1)
    assert edge_step_db(audio[:, :1], 44_100) == -120


def test_mono_loss_of_known_correlations() -> None:
    both = sine(300)
    assert mono_loss_db(both, 44_100) == 0
    assert mono_loss_db(both[:1], 44_100) == 0
    assert mono_loss_db(np.stack((both[0], -both[0])), 44_100) == 60
    assert mono_loss_db(np.stack((both[0], 0 * both[0])), 44_100) == pytest.approx(3.01, abs=0.01)
    apart = np.random.default_rng(1).standard_normal((2, 100_000)).astype(np.float32)
    assert mono_loss_db(apart, 44_100) == pytest.approx(3, abs=0.1)


@RATES
@pytest.mark.parametrize("hertz", [440.0, 8_000.0, 16_000.0])
def test_a_band_limit_is_found(hertz: float, rate: int) -> None:
    assert bandwidth_hz(noise_below(hertz, rate), rate) == pytest.approx(hertz, abs=110)
    assert bandwidth_hz(sine(hertz, rate), rate) == pytest.approx(hertz, abs=110)


def test_noise_of_every_frequency_has_all_of_the_band() -> None:
    white = np.random.default_rng(2).standard_normal((1, 44_100)).astype(np.float32)
    assert bandwidth_hz(white, 44_100) == 22_050


@pytest.mark.parametrize("samples", [0, 1, 2, 3, 1000])
def test_silence_and_tiny_clips_give_finite_values(samples: int) -> None:
    for audio in (np.zeros((2, samples), np.float32), np.ones((2, samples), np.float32)):
        assert all(np.isfinite(measure(audio, 44_100)) for measure in MEASURES)
