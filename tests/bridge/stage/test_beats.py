"""Beats are told when they are heard, once each, as a drummer counts them."""

from __future__ import annotations

from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.messages import BeatHeard
from bridge.stage.beats import MOST_PER_SECOND, BeatCounter

Told = list[tuple[float, BeatHeard]]


def played(
    now: Snapshot | None, begin: float, end: float, beats_per_bar: int = 4, counter: BeatCounter | None = None
) -> Told:
    """Follow the counter's own waits from one time to another."""
    counter, at = counter or BeatCounter(), begin
    told: Told = []
    while at < end:
        beat, wait = counter.look(now, beats_per_bar, at)
        if beat is not None:
            told.append((at, beat))
        at += wait
    return told


def test_beats_count_from_one_and_come_on_time() -> None:
    # Beat 0 is mixed ahead: it is heard 0.1 s after the first look.
    told = played(Snapshot(100.1, 0.0, 120.0, True, 4.0), 100.0, 102.55)
    assert [(beat.bar, beat.beat) for _, beat in told] == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]
    for number, (at, _) in enumerate(told):
        assert -1e-6 < at - (100.1 + number / 2) < 0.002


def test_a_beat_is_that_of_the_meter() -> None:
    told = played(Snapshot(0.0, 0.0, 60.0, True, 3.5), 0.0, 4.1, beats_per_bar=7)
    counted = [(beat.bar, beat.beat) for _, beat in told]
    assert counted == [*((1, beat) for beat in range(1, 8)), (2, 1), (2, 2)]


def test_bars_count_from_where_the_meter_changed() -> None:
    told = played(Snapshot(0.0, 12.0, 60.0, True, 3.0, bar_origin_beat=8.0), 0.0, 3.1, beats_per_bar=3)
    assert [(beat.bar, beat.beat) for _, beat in told] == [(2, 2), (2, 3), (3, 1), (3, 2)]


def test_nothing_is_told_while_nothing_plays() -> None:
    assert played(None, 0.0, 2.0) == []
    assert played(Snapshot(0.0, 4.0, 120.0, False, 4.0), 0.0, 2.0) == []


def test_a_jump_into_a_beat_is_told_at_the_next_one() -> None:
    counter = BeatCounter()
    played(Snapshot(0.0, 0.0, 120.0, True, 4.0), 0.0, 0.9, counter=counter)
    told = played(Snapshot(0.9, 16.5, 120.0, True, 4.0), 0.9, 1.2, counter=counter)
    assert [beat for _, beat in told] == [BeatHeard(5, 2)]


def test_even_the_fastest_beats_are_few_packets() -> None:
    told = played(Snapshot(0.0, 0.0, 999.0, True, 0.125 * 32), 0.0, 2.0, beats_per_bar=32)
    assert 20 <= len(told) <= 2 * MOST_PER_SECOND + 1
