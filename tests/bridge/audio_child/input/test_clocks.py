"""How frames of input and output relate: exactly in one callback, by a line through many in two."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.audio_child.input.clocks import OwnClock, SharedClock
from bridge.audio_child.input.input_ring import KEPT_SECONDS, InputRing

RATE = 48_000


def test_one_callback_keeps_them_together_until_the_output_has_nothing_to_play() -> None:
    clock = SharedClock()
    assert clock.between(0, 10) is None
    for period in range(10):
        clock.note(64 * period, 64 * period)
    for period in range(10, 20):
        clock.note(64 * period, 64 * period - 30)  # 30 frames of silence were played meanwhile
    before, across, after = clock.between(0, 500), clock.between(500, 700), clock.between(700, 900)
    assert before is not None
    assert across is not None
    assert after is not None
    assert (before.input_frame(100), before.is_whole) == (100, True)
    assert (across.input_frame(500), across.is_whole) == (500, False)
    assert (after.input_frame(700), after.is_whole) == (730, True)


def test_it_goes_on_after_more_steps_than_it_keeps() -> None:
    clock = SharedClock()
    for period in range(10_000):
        clock.note(65 * period, 64 * period)
    relation = clock.between(64 * 9_000, 64 * 9_001)
    assert relation is not None
    assert relation.input_frame(64 * 9_000) == 65 * 9_000


@pytest.mark.parametrize("input_rate", [48_000, 44_100])
def test_a_device_of_its_own_drifts_and_jitters_and_is_found_within_a_few_frames(
    monkeypatch: pytest.MonkeyPatch, input_rate: int
) -> None:
    now = [0.0]
    monkeypatch.setattr("bridge.audio_child.input.clocks.time.monotonic", lambda: now[0])
    jitter = np.random.default_rng(3)
    clock, true_rate, offset = OwnClock(RATE), input_rate * (1 + 80e-6), 777
    for period in range(6_000):
        seconds = 0.01 * period
        now[0] = seconds + float(jitter.exponential(0.0005))
        played = seconds - 0.004
        clock.note(round(offset + seconds * true_rate), (round(played * RATE), played))
    relation = clock.between(20 * RATE, 28 * RATE)
    assert relation is not None
    assert relation.is_whole
    assert relation.ratio == pytest.approx(true_rate / RATE, rel=20e-6)
    for seconds in (20, 24, 28):
        # A callback is always late, here by half a millisecond on average.
        assert relation.input_frame(seconds * RATE) == pytest.approx(offset + seconds * true_rate, abs=40)


def test_frames_that_a_device_of_its_own_lost_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("bridge.audio_child.input.clocks.time.monotonic", lambda: now[0])
    clock = OwnClock(RATE)
    for period in range(2_000):
        now[0] = 0.01 * period
        lost = 4_800 if now[0] > 10 else 0
        clock.note(480 * period - lost, (480 * period, now[0]))
    across, before = clock.between(8 * RATE, 12 * RATE), clock.between(2 * RATE, 6 * RATE)
    assert across is not None
    assert before is not None
    assert (before.is_whole, across.is_whole) == (True, False)


def test_the_ring_holds_the_last_minute_of_the_channels_asked_for() -> None:
    rate = 1_000
    ring = InputRing(rate, 1, first_channel=1)
    total, period = 150 * rate, 256
    for begin in range(0, total, period):
        count = min(period, total - begin)
        block = np.zeros((period, 3), np.float32)
        block[:count, 1] = np.arange(begin, begin + count)
        ring.write(block, count)
    assert ring.written == total
    assert ring.oldest == total - KEPT_SECONDS * rate
    kept = ring.read(ring.oldest, total)
    assert kept is not None
    assert np.array_equal(kept[:, 0], np.arange(ring.oldest, total))
    assert ring.read(total - 10, total + 1) is None
    assert ring.read(10, 20) is None


def test_before_its_first_frame_a_ring_is_silent() -> None:
    ring = InputRing(1_000, 2)
    ring.write(np.ones((10, 2), np.float32), 10)
    found = ring.read(-5, 10)
    assert found is not None
    assert found.sum(axis=0).tolist() == [10, 10]
    assert not found[:5].any()
