"""Chord-tone energy and onsets on known signals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from msanii.metrics.harmony import (
    BASS,
    MIDDLE,
    TRITONE,
    chord_tone_energy,
    onset_seconds,
    power_spectrogram,
)

RATE = 44_100
AudioArray = NDArray[np.float32]


def sines(*pitches: int, seconds: float = 2.0) -> AudioArray:
    """(1, L): MIDI pitches as sines."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time) for pitch in pitches)
    return np.asarray(wave, dtype=np.float32)[None] * np.float32(0.1)


def clicks(onsets: list[float], seconds: float = 4.0) -> AudioArray:
    """(2, L): short decaying notes that begin at the given seconds."""
    audio = np.zeros((2, round(seconds * RATE)), dtype=np.float32)
    note = sines(60, 64, seconds=0.2)[0] * np.exp(-np.arange(round(0.2 * RATE)) / 2000).astype(np.float32)
    for onset in onsets:
        start = round(onset * RATE)
        audio[:, start : start + len(note)] += note[: audio.shape[1] - start]
    return audio


def chord(start: float, end: float, root: int, *tones: int) -> list[float]:
    return [start, end, root, *(float(tone in tones) for tone in range(12))]


C_MAJOR = np.array([chord(0, 9, 0, 0, 4, 7)])


def test_all_energy_of_a_chord_is_on_its_tones() -> None:
    triad = sines(60, 64, 67)
    assert chord_tone_energy(triad, RATE, C_MAJOR) > 0.98
    assert chord_tone_energy(triad, RATE, C_MAJOR, transpose=TRITONE) < 0.02
    assert chord_tone_energy(sines(60, 61), RATE, C_MAJOR) == pytest.approx(0.5, abs=0.02)


def test_every_pitch_class_is_folded_to_its_tone() -> None:
    for tone in range(12):
        only = np.array([chord(0, 9, tone, tone)])
        assert chord_tone_energy(sines(60 + tone), RATE, only) > 0.94
        assert chord_tone_energy(sines(36 + tone), RATE, only, BASS) > 0.9


def test_only_the_band_counts() -> None:
    low_wrong = sines(30) * 10 + sines(72)  # F# at 46 Hz, C at 523 Hz
    assert chord_tone_energy(low_wrong, RATE, C_MAJOR, MIDDLE) > 0.98
    assert chord_tone_energy(low_wrong, RATE, C_MAJOR, BASS) < 0.05


def test_the_current_chord_counts() -> None:
    audio = np.concatenate([sines(60, 64, 67), sines(66, 70, 73)], axis=1)
    in_turn = np.array([chord(0, 2, 0, 0, 4, 7), chord(2, 4, 6, 6, 10, 1)])
    assert chord_tone_energy(audio, RATE, in_turn) > 0.95
    assert chord_tone_energy(audio, RATE, in_turn[::-1] * [1, 1, *[1] * 13]) > 0.95
    swapped = in_turn.copy()
    swapped[:, :2] = swapped[::-1, :2]
    assert chord_tone_energy(audio, RATE, swapped) < 0.05


def test_moments_without_a_chord_do_not_count() -> None:
    audio = np.concatenate([sines(60), sines(61)], axis=1)
    silent_then = np.array([chord(0, 1.9, 0, 0), chord(2, 4, -1)])
    assert chord_tone_energy(audio, RATE, silent_then) > 0.95
    assert np.isnan(chord_tone_energy(audio, RATE, np.array([chord(0, 4, -1)])))
    assert np.isnan(chord_tone_energy(np.zeros((2, RATE), np.float32), RATE, C_MAJOR))


def test_onsets_are_found_where_notes_begin() -> None:
    expected = [0.5, 1.0, 1.25, 2.0, 3.1]
    found = onset_seconds(clicks(expected), RATE)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, atol=0.012)


def test_a_steady_tone_has_no_onsets_inside() -> None:
    found = onset_seconds(sines(60, seconds=4), RATE)
    assert not ((found > 0.1) & (found < 3.9)).any()


def test_power_does_not_depend_on_the_window() -> None:
    tone = sines(69)
    powers = [power_spectrogram(tone, size, size // 4)[:, 20].max() for size in (4096, 16_384)]
    # 440 Hz falls between bins: up to 1.4 dB are lost to the Hann window's shape.
    np.testing.assert_allclose(powers, 0.1**2 / 4, rtol=0.3)
