"""subsonic: what goes, what stays, and what ends and seams make of it."""

from __future__ import annotations

import numpy as np
import pytest

from msanii.metrics.faults import dc_share, subsonic_share
from msanii.metrics.harmony import Audio
from msanii.signal.subsonic import without_subsonic

RATE = 44_100


def tone(hertz: float, seconds: float = 2.0, degrees: float = 0.0, rate: int = RATE) -> Audio:
    time = np.arange(round(seconds * rate)) / rate
    line = np.sin(2 * np.pi * hertz * time + np.radians(degrees))
    return np.stack((line, 0.5 * line)).astype(np.float32)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_an_offset_goes_and_music_stays(rate: int) -> None:
    music = tone(220, rate=rate) * np.float32(0.1)
    heard = without_subsonic(music + np.array([[0.3], [-0.2]], np.float32), rate)
    assert heard.dtype == np.float32
    assert dc_share(heard, rate) < 1e-4
    assert np.abs(heard - music).max() < 0.003


def test_an_offset_that_wanders_goes_up_to_both_ends() -> None:
    time = np.arange(4 * RATE) / RATE
    drift = (0.2 + 0.1 * np.sin(2 * np.pi * 0.3 * time)).astype(np.float32)
    music = tone(220, 4) * np.float32(0.1)
    assert np.abs(without_subsonic(music + drift, RATE) - music).max() < 0.01


@pytest.mark.parametrize("hertz", [31.0, 41.2, 55.0, 110.0])
@pytest.mark.parametrize("degrees", [0, 45, 90, 135])
def test_the_lowest_notes_keep_level_and_phase_from_the_first_sample_to_the_last(
    hertz: float, degrees: float
) -> None:
    note = tone(hertz, degrees=degrees) + np.float32(0.3) * tone(2 * hertz)
    heard = without_subsonic(note, RATE)
    # Zeros before a note would make 0.24 of an end, a mirrored note 0.5.
    assert np.abs(heard - note).max() < (0.1 if hertz < 40 else 0.03)
    inside = slice(RATE // 2, -RATE // 2)
    assert np.abs(heard - note)[:, inside].max() < 0.002


def test_rumble_goes() -> None:
    heard = without_subsonic(tone(10) + tone(100), RATE)
    assert np.abs(heard - tone(100)).max() < 0.05
    assert subsonic_share(heard, RATE) < 1e-4


def test_an_attack_is_not_heard_before_it() -> None:
    time = np.arange(RATE) / RATE
    kick = np.exp(-12 * time) * np.sin(2 * np.pi * 50 * time)
    line = np.concatenate((np.zeros(RATE), kick))[None].astype(np.float32)
    before = without_subsonic(line, RATE)[0, :RATE]
    # A slow curve alone: a kick that begins at once has some of itself below 20 Hz, and that is gone.
    assert np.abs(before).max() < 0.2
    assert np.abs(np.diff(before)).max() < 1e-3
    assert np.abs(before[: -RATE // 5]).max() < 0.01


@pytest.mark.parametrize("samples", [44_100, 79_999, 88_237])
def test_a_loop_stays_one(samples: int) -> None:
    turns = np.arange(samples) / samples
    music = sum(np.sin(2 * np.pi * round(hertz * samples / RATE) * turns) for hertz in (41, 220, 500))
    loop = (0.2 + 0.1 * np.sin(2 * np.pi * turns) + 0.1 * np.asarray(music))[None].astype(np.float32)
    heard = without_subsonic(loop, RATE, circular=True)
    assert np.abs(heard - 0.1 * np.asarray(music)).max() < 1e-5
    turned = without_subsonic(np.roll(loop, 1000, axis=1), RATE, circular=True)
    assert np.abs(np.roll(heard, 1000, axis=1) - turned).max() < 1e-5


def test_silence_and_what_is_not_finite_come_back() -> None:
    assert not without_subsonic(np.zeros((2, 20_000), np.float32), RATE).any()
    broken = tone(100)
    broken[0, 7] = np.inf
    assert without_subsonic(broken, RATE) is broken
