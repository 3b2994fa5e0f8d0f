"""Tempo and place from jittery ticks: right, steady, and quick where the tempo really changes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.midi_child.clock_in import ClockTracker, Told

BEGAN = 5_000.0
JACK_PERIOD_SECONDS = 128 / 48_000


def ticks(
    bpm: float, beats: float, *, jitter: float = 0.0, seed: int = 0, began: float = BEGAN
) -> list[float]:
    late = random.Random(seed)  # noqa: S311
    at = [began + n * 60 / (24 * bpm) + late.uniform(0, jitter) for n in range(round(beats * 24))]
    # As JACK does: a tick is seen at the end of the period in which it falls.
    return [(moment // JACK_PERIOD_SECONDS + 1) * JACK_PERIOD_SECONDS for moment in at]


def followed(tracker: ClockTracker, moments: list[float]) -> list[Told]:
    return [told for at in moments for told in tracker.feed(0xF8, at)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bpm", [60.0, 120.0, 174.0])
def test_after_two_bars_the_tempo_is_right_to_a_tenth_and_the_beat_to_a_period(bpm: float, seed: int) -> None:
    jitter = 0.003
    tracker = ClockTracker()
    assert tracker.feed(0xFA, BEGAN) == []
    moments = ticks(bpm, 32, jitter=jitter, seed=seed)
    told = followed(tracker, moments[: 8 * 24])
    assert told[0].state == "start"
    assert abs(tracker.bpm - bpm) < 0.1
    later = followed(tracker, moments[8 * 24 :])
    # What every tick is late by on average is the cable's, and no tracker can know it.
    always_late = jitter / 2 + JACK_PERIOD_SECONDS / 2
    for one in later:
        assert abs(one.bpm - bpm) < 0.1
        assert abs(one.at_seconds - always_late - (BEGAN + one.beat * 60 / bpm)) < JACK_PERIOD_SECONDS
    assert len({one.bpm for one in later}) <= 8, "jitter was told as changes of tempo"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bpm", [60.0, 120.0, 174.0])
def test_bursts_of_late_ticks_move_neither_tempo_nor_beat(bpm: float, seed: int) -> None:
    """A machine that stands still once a second, for 5 to 150 ms, and then hands on all that waited."""
    stalls = random.Random(seed)  # noqa: S311
    moments, stands = ticks(bpm, 32, jitter=0.002, seed=seed), []
    begins = BEGAN
    while begins < moments[-1]:
        begins += stalls.expovariate(1.0)
        stands.append((begins, begins + stalls.uniform(0.005, 0.15)))
    for begins, ends in stands:
        moments = [ends if begins <= at < ends else at for at in moments]
    tracker = ClockTracker()
    tracker.feed(0xFA, BEGAN)
    late = [one for one in followed(tracker, sorted(moments)) if one.beat >= 8]
    assert len(late) >= 24
    for one in late:
        assert abs(one.bpm - bpm) < 0.1
        assert abs(one.at_seconds - (BEGAN + one.beat * 60 / bpm)) < 2 * JACK_PERIOD_SECONDS


def test_an_accelerando_is_followed() -> None:
    moments, at = [], BEGAN
    for tick in range(32 * 24):
        moments.append(at)
        at += 60 / (24 * (120 + 20 * tick / (32 * 24)))
    tracker = ClockTracker()
    tracker.feed(0xFA, BEGAN)
    told = followed(tracker, moments)
    assert tracker.bpm == pytest.approx(140, abs=2)
    for one in told:
        true = moments[round(24 * one.beat)]
        assert abs(one.at_seconds - true) < 0.02


@pytest.mark.parametrize(("before", "after"), [(120.0, 121.0), (120.0, 140.0), (90.0, 60.0), (60.0, 174.0)])
def test_a_real_change_of_tempo_is_followed_within_two_bars(before: float, after: float) -> None:
    tracker = ClockTracker()
    first = ticks(before, 16, jitter=0.001)
    second = ticks(after, 16, jitter=0.001, began=BEGAN + 16 * 60 / before)
    followed(tracker, first)
    followed(tracker, second[: 8 * 24])
    assert abs(tracker.bpm - after) < 0.15
    followed(tracker, second[8 * 24 :])
    assert abs(tracker.bpm - after) < 0.1


def test_stop_continue_and_song_position() -> None:
    tracker = ClockTracker()
    tracker.feed(0xFA, BEGAN)
    moments = ticks(120, 16)
    followed(tracker, moments[:96])
    (stopped,) = tracker.feed(0xFC, moments[95] + 0.001)
    assert (stopped.state, stopped.beat) == ("stop", 4.0)
    tracker.feed(0xFB, moments[100])
    (gone_on,) = [told for told in tracker.feed(0xF8, moments[101]) if told.state != "tempo"]
    assert (gone_on.state, gone_on.beat) == ("continue", 4.0)
    tracker.feed(0xFC, moments[110])
    (there,) = tracker.feed(0xF2, moments[111], 32)
    assert (there.state, there.beat) == ("locate", 8.0)
    tracker.feed(0xFB, moments[111])
    (again,) = [told for told in tracker.feed(0xF8, moments[112]) if told.state == "continue"]
    assert again.beat == 8.0


def test_a_clock_that_ends_is_lost_once_and_may_come_back() -> None:
    tracker = ClockTracker()
    tracker.feed(0xFA, BEGAN)
    moments = ticks(120, 4)
    followed(tracker, moments)
    assert tracker.silence(moments[-1] + 0.3) == []
    (lost,) = tracker.silence(moments[-1] + 1.0)
    assert (lost.state, lost.beat) == ("lost", 4.0)
    assert tracker.silence(moments[-1] + 2.0) == []
    back = followed(tracker, ticks(120, 2, began=BEGAN + 60))
    assert back[0].state == "continue"
    assert back[-1].bpm == pytest.approx(120, abs=0.2)


def test_a_stop_counts_after_the_clock_has_ceased_and_once_alone() -> None:
    tracker = ClockTracker()
    tracker.feed(0xFA, BEGAN)
    moments = ticks(120, 4)
    followed(tracker, moments)
    tracker.silence(moments[-1] + 1.0)
    (stopped,) = tracker.feed(0xFC, moments[-1] + 1.5)
    assert (stopped.state, stopped.beat) == ("stop", 4.0)
    assert tracker.feed(0xFC, moments[-1] + 2.0) == []
    back = followed(tracker, ticks(120, 2, began=BEGAN + 60))
    assert {told.state for told in back} == {"tempo"}, "it was stopped, and must not go on by itself"


def test_a_stop_counts_on_a_clock_whose_start_was_missed_but_not_without_a_clock() -> None:
    tracker = ClockTracker()
    assert tracker.feed(0xFC, BEGAN) == []
    moments = ticks(120, 4)
    followed(tracker, moments)
    assert [told.state for told in tracker.feed(0xFC, moments[-1])] == ["stop"]


@pytest.mark.parametrize("bpm", [0.5, 5.0, 2_000.0, 50_000.0])
def test_a_tempo_out_of_range_is_not_told(bpm: float) -> None:
    tracker = ClockTracker()
    assert followed(tracker, [BEGAN + n * 60 / (24 * bpm) for n in range(200)]) == []
    assert tracker.bpm == 0


@pytest.mark.parametrize("bpm", [20.0, 999.0])
def test_the_ends_of_the_range_are_told(bpm: float) -> None:
    tracker = ClockTracker()
    followed(tracker, [BEGAN + n * 60 / (24 * bpm) for n in range(200)])
    assert tracker.bpm == pytest.approx(bpm, rel=1e-6)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0xF2, 0xF8, 0xF8, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE]),
            st.floats(-1, 10), st.integers(0, 16_383),
        ),
        max_size=120,
    )
)  # fmt: skip
def test_nothing_that_comes_makes_it_raise(messages: list[tuple[int, float, int]]) -> None:
    tracker, now = ClockTracker(), BEGAN
    for status, step, position in messages:
        now += step
        for told in [*tracker.feed(status, now, position), *tracker.silence(now)]:
            assert told.bpm == 0 or 20 <= told.bpm <= 999
