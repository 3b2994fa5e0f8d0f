"""The transport as MIDI clock: every tick once, at its time, and the right words when it jumps."""

from __future__ import annotations

import pytest

from bridge.audio_child.shared_memory.snapshot import Snapshot
from bridge.midi_child.clock_out import CONTINUE, START, STOP, TICK, ClockPlan

BEGAN = 100.0


def playing(bpm: float = 120.0, beat: float = 0.0, at: float = BEGAN) -> Snapshot:
    return Snapshot(at, beat, bpm, True, 4.0)


def stopped(beat: float = 0.0) -> Snapshot:
    return Snapshot(BEGAN, beat, 120.0, False, 4.0)


def run(plan: ClockPlan, place: Snapshot, until: float, now: float = BEGAN) -> list[tuple[float, bytes]]:
    """All that is sent, each with its time."""
    sent: list[tuple[float, bytes]] = []
    while now < until:
        data, again = plan.due(place, now)
        sent += [(now, data)] if data else []
        assert again is not None
        assert again > now
        now = again
    return sent


@pytest.mark.parametrize("bpm", [20.0, 97.3, 174.0, 999.0])
def test_24_ticks_a_quarter_note_each_on_its_time(bpm: float) -> None:
    sent = run(ClockPlan(), playing(bpm), BEGAN + 8 * 60 / bpm - 1e-4)
    assert sent[0][1] == START + TICK
    times = [at for at, data in sent for _ in range(data.count(TICK))]
    assert len(times) == 8 * 24
    assert times == pytest.approx([BEGAN + n * 60 / (24 * bpm) for n in range(8 * 24)], abs=1e-6)


@pytest.mark.parametrize("nudge", [-0.02, 0.0, 0.035])
def test_a_nudge_moves_every_tick(nudge: float) -> None:
    sent = run(ClockPlan(nudge), playing(beat=8.0), BEGAN + 1.0)
    ticks = [at for at, data in sent if data.endswith(TICK)]
    offset = (ticks[0] - nudge - BEGAN) * 2 * 24
    assert offset == pytest.approx(round(offset), abs=1e-3)


def test_it_begins_in_the_middle_with_a_position_on_a_sixteenth() -> None:
    plan = ClockPlan()
    data, again = plan.due(playing(beat=10.1), BEGAN)
    assert data == bytes((0xF2, 41, 0)) + CONTINUE  # 10.25 beats are 41 sixteenths
    assert again == pytest.approx(BEGAN + 0.15 / 2)
    assert plan.due(playing(beat=10.1), again or 0)[0] == TICK


def test_stop_and_clock_without_a_song() -> None:
    plan = ClockPlan()
    run(plan, playing(), BEGAN + 0.5)
    data, again = plan.due(stopped(1.0), BEGAN + 0.51)
    assert data == STOP + TICK
    assert again == pytest.approx(BEGAN + 0.51 + 60 / (24 * 120))


def test_a_jump_is_a_stop_a_position_and_a_continue() -> None:
    plan = ClockPlan()
    run(plan, playing(), BEGAN + 0.5)
    data, _ = plan.due(playing(beat=17.0), BEGAN)
    assert data.startswith(STOP + bytes((0xF2, 68, 0)) + CONTINUE)


@pytest.mark.parametrize("bpm", [0.0, -5.0, float("nan"), 1e9])
def test_an_impossible_tempo_sends_nothing(bpm: float) -> None:
    assert ClockPlan().due(playing(bpm), BEGAN) == (b"", None)
