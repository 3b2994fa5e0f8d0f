"""Loudness beside pyloudnorm's, whose numbers it has to the last bit."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from pyloudnorm import Meter

from msanii.metrics.loudness import loudness


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [0.41, 1.0, 3.7])
@pytest.mark.parametrize("channels", [1, 2])
def test_it_is_pyloudnorm_s(rate: int, seconds: float, channels: int) -> None:
    random = np.random.default_rng(rate + channels)
    samples = round(seconds * rate)
    audio = random.standard_normal((channels, samples)).astype(np.float32)
    audio[:, samples // 2 :] *= np.float32(1e-3)  # which a gate leaves out
    peak = float(np.abs(audio).max())
    wanted = Meter(rate).integrated_loudness(audio.astype(np.float64).T / peak) + 20 * np.log10(peak)
    assert loudness(audio, rate) == pytest.approx(wanted, abs=1e-9)


def test_a_louder_signal_is_louder_by_its_gain_even_if_it_is_very_quiet() -> None:
    audio = np.random.default_rng(1).standard_normal((2, 44_100)).astype(np.float32)
    loud = loudness(audio, 44_100)
    assert loudness(audio * np.float32(2.0**-20), 44_100) == pytest.approx(
        loud - 20 * 20 * np.log10(2), abs=1e-3
    )


def test_silence_is_minus_infinity_and_short_audio_is_repeated() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loudness(np.zeros((2, 44_100), np.float32), 44_100) == -np.inf
        sine = np.sin(2 * np.pi * 1_000 * np.arange(4_410) / 44_100, dtype=np.float32)[None]
        assert loudness(sine, 44_100) == pytest.approx(-3.0, abs=0.1)
