"""Beats, tempo and meter from what a network says."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.listening.config import METERS, HeardMeter
from msanii.listening.decoding.beats import decode_beats
from tests.msanii.listening.played import RATE, beat_logits, even_beats

ALL_ALIKE = np.full(len(METERS), np.log(1 / len(METERS)), np.float32)


@pytest.mark.parametrize("meter", METERS, ids=lambda meter: f"{meter.numerator}/{meter.denominator}")
@pytest.mark.parametrize("bpm", [61.0, 97.3, 174.0])
def test_every_meter_is_found_at_every_tempo(meter: HeardMeter, bpm: float) -> None:
    seconds, places = even_beats(bpm, meter.beats, meter.quarters, 24.0, place=meter.beats - 1)
    grid = decode_beats(*beat_logits(seconds, places, 24.0), ALL_ALIKE, RATE)
    assert grid is not None
    assert (grid.meter.numerator, grid.meter.denominator) == (meter.numerator, meter.denominator)
    assert grid.bpm == pytest.approx(bpm, rel=0.002)
    assert grid.seconds == pytest.approx(seconds, abs=0.012)
    assert grid.places.tolist() == places
    assert grid.steadiness == 1.0
    assert grid.certainty > 0.85


def test_a_tempo_that_drifts_is_followed() -> None:
    steps = 60 / (110 * np.exp(0.1 * np.sin(np.arange(60) / 9)))
    seconds = (0.3 + np.cumsum(steps) - steps[0]).tolist()
    places = [number % 4 for number in range(60)]
    grid = decode_beats(*beat_logits(seconds, places, seconds[-1] + 1), ALL_ALIKE, RATE)
    assert grid is not None
    assert grid.seconds == pytest.approx(seconds, abs=0.02)
    assert grid.places.tolist() == places


def test_of_two_tempos_both_are_followed_and_none_is_sure() -> None:
    slow, _ = even_beats(90, 4, 1.0, 16 * 60 / 90 + 0.25)
    fast = [slow[-1] + 60 / 90 + number * 60 / 126 for number in range(20)]
    seconds = slow[:16] + [at for at in fast if at > slow[15] + 0.3]
    places = [number % 4 for number in range(len(seconds))]
    grid = decode_beats(*beat_logits(seconds, places, seconds[-1] + 0.4), ALL_ALIKE, RATE)
    assert grid is not None
    assert grid.seconds == pytest.approx(seconds, abs=0.02)
    assert grid.steadiness < 0.7


@pytest.mark.parametrize("hears", [-6.0, -4.0, -2.5])
def test_where_no_beat_is_heard_there_is_no_tempo(hears: float) -> None:
    flat = np.full(900, hears, np.float32)
    assert decode_beats(flat, np.zeros(900, np.float32), ALL_ALIKE, RATE) is None


def test_of_uncertain_beats_little_is_certain() -> None:
    random = np.random.default_rng(3)
    guesses = random.normal(-2.0, 1.2, 900).astype(np.float32)
    grid = decode_beats(guesses, random.normal(0, 1, 900).astype(np.float32), ALL_ALIKE, RATE)
    assert grid is None or grid.certainty < 0.5


def test_a_beat_that_is_missing_is_filled_and_silence_around_is_not() -> None:
    seconds, places = even_beats(120, 4, 1.0, 20.0, first=5.0)
    seconds, places = seconds[:24], places[:24]
    beat, downbeat = beat_logits(seconds[:9] + seconds[10:], places[:9] + places[10:], 30.0)
    grid = decode_beats(beat, downbeat, ALL_ALIKE, RATE)
    assert grid is not None
    assert grid.seconds == pytest.approx(seconds, abs=0.02)


@pytest.mark.parametrize("frames", [0, 1, 5, 13])
def test_too_short_for_a_beat_is_no_grid(frames: int) -> None:
    assert decode_beats(np.ones(frames, np.float32), np.ones(frames, np.float32), ALL_ALIKE, RATE) is None


def test_a_meter_that_the_network_excludes_is_not_found() -> None:
    seconds, places = even_beats(100, 2, 1.5, 24.0)
    never = np.log(np.array([0.996, 0.001, 0.001, 0.001, 0.001])).astype(np.float32)
    grid = decode_beats(*beat_logits(seconds, places, 24.0), never, RATE)
    assert grid is None or grid.meter.numerator == 4
