"""Stretching: lengths to the sample, events where they belong, pitch left alone or moved as asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bridge.time_stretch import stretch

RATE = 44_100


def _tone(hertz: float, samples: int, channels: int = 2) -> NDArray[np.float32]:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)
    return np.repeat(wave[None], channels, 0).astype(np.float32)


def _hertz(audio: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 8 * len(audio)))
    return float(spectrum.argmax() * RATE / (8 * len(audio)))


@settings(max_examples=60)
@given(
    samples=st.integers(0, 20_000),
    ratio=st.floats(0.1, 8.0),
    channels=st.integers(1, 2),
    semitones=st.sampled_from([0.0, -7.0, 12.0]),
)
def test_the_length_is_exact(samples: int, ratio: float, channels: int, semitones: float) -> None:
    made = stretch(_tone(440, samples, channels), RATE, ratio, semitones)
    assert made.shape == (channels, round(samples * ratio))
    assert made.dtype == np.float32
    assert np.isfinite(made).all()


@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.37])
@pytest.mark.parametrize("semitones", [-5.0, 0.0, 3.5])
def test_time_and_pitch_move_apart(ratio: float, semitones: float) -> None:
    made = stretch(_tone(440, 2 * RATE), RATE, ratio, semitones)
    middle = made[0, RATE // 4 : -RATE // 4]
    assert _hertz(middle) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.005)


@pytest.mark.parametrize("ratio", [0.6, 1.6])
def test_events_land_where_the_ratio_puts_them(ratio: float) -> None:
    audio = np.zeros((1, 2 * RATE), np.float32)
    for at in (10_000, 40_000, 70_000):
        audio[0, at : at + 200] = np.hanning(200)
    made = stretch(audio, RATE, ratio)
    for at in (10_000, 40_000, 70_000):
        centre = round((at + 100) * ratio)
        found = centre - 3_000 + int(np.abs(made[0, centre - 3_000 : centre + 3_000]).argmax())
        assert abs(found - centre) < 0.005 * RATE


def test_nothing_asked_is_nothing_done_and_the_same_again() -> None:
    audio = _tone(330, 5_000)
    assert np.array_equal(stretch(audio, RATE, 1.0), audio)
    assert np.array_equal(stretch(audio, RATE, 1.3, 2), stretch(audio, RATE, 1.3, 2))


@pytest.mark.parametrize(
    ("shape", "ratio", "semitones"),
    [((8,), 1, 0), ((0, 8), 2, 0), ((1, 8), 0, 0), ((1, 8), float("nan"), 0), ((1, 8), 1, 99)],
)
def test_what_cannot_be_stretched_is_refused(shape: tuple[int, ...], ratio: float, semitones: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        stretch(np.zeros(shape, np.float32), RATE, ratio, semitones)


def test_samples_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        stretch(np.full((1, 9), np.nan, np.float32), RATE, 2.0)
