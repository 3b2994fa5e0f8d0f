"""The MIDI child with real ports and no daemon: what it tells of a clock is what launches are timed by."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bridge.midi_child.line import fitted
from bridge.midi_child.wire import Alive, ClockHeard, Played, Ports
from tests.bridge.jack_server import RATE, JackServer
from tests.bridge.midi_stage import PERIOD_FRAMES, Player, midi_child, midi_server

pytestmark = pytest.mark.calm

PERIOD_SECONDS = PERIOD_FRAMES / RATE
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
BPM = 150


@pytest.fixture(scope="module")
def server() -> Iterator[JackServer]:
    with midi_server(f"midi-child-{WORKER}") as running:
        yield running


@pytest.mark.parametrize("bpm", [60, 120, 174])
def test_a_jittery_clock_is_right_to_a_tenth_after_two_bars_and_its_bar_line_to_a_period(
    server: JackServer, bpm: int
) -> None:
    beats = 12
    with midi_child(server) as child:
        player = Player(server, f"Clock {bpm}")
        try:
            child.until(lambda event: isinstance(event, Ports) and player.output in event.inputs)
            sent = player.clock(bpm=bpm, beats=beats, jitter_ms=2.0)
            told = child.clock_until(lambda one: one.state == "tempo" and one.beat >= beats - 1)
        finally:
            player.close()
    assert told[0].state == "start"
    after_two_bars = [one for one in told if one.state == "tempo" and one.beat >= 8]
    assert after_two_bars
    for one in after_two_bars:
        # Of the ticks as they were sent: on a busy machine another program is not on time either.
        truth = fitted([(at, tick) for tick, at in enumerate(sent[: round(24 * one.beat) + 1])])
        assert abs(one.bpm - 60 / (24 * truth.slope)) < 0.1
        # The jitter's mean, one period until JACK hands a message on, and one to be right to.
        late = one.at_monotonic_seconds - truth.at(round(24 * one.beat))
        assert -PERIOD_SECONDS < late - 0.001 < 2 * PERIOD_SECONDS


def test_what_else_comes_by_the_cable_takes_no_time_from_the_clock(server: JackServer) -> None:
    """Active sensing, sysex, time code and half messages between the ticks."""
    others = [[0xFE], [0xF0, 0x7E, 0x7F, 0x06, 0x01, 0xF7], [0xF1, 0x23], [0xF6]]
    with midi_child(server) as child:
        player = Player(server, "Busy clock")
        try:
            child.until(lambda event: isinstance(event, Ports) and player.output in event.inputs)
            sent = player.clock(bpm=BPM, beats=10, between=others, after=[[0x9F, 60, 90]])
            heard = child.until(lambda event: isinstance(event, Played))
        finally:
            player.close()
    told = [event for event in heard if isinstance(event, ClockHeard) and event.state == "tempo"]
    truth = fitted([(at, tick) for tick, at in enumerate(sent)])
    assert told
    assert told[-1].bpm == pytest.approx(60 / (24 * truth.slope), abs=0.1)
    assert abs(told[-1].at_monotonic_seconds - truth.at(round(24 * told[-1].beat))) < 2 * PERIOD_SECONDS


def test_two_bridges_live_side_by_side_and_one_may_go(server: JackServer) -> None:
    with midi_child(server) as stays:
        stays.until(_is_ports)
        with midi_child(server) as goes:
            seen = [event for event in goes.until(_is_ports) if isinstance(event, Ports)]
            assert not any("msanii" in name for name in (*seen[0].inputs, *seen[0].outputs))
        # Longer than it takes to find one's own pulse gone.
        for _ in range(18):
            stays.until(lambda event: isinstance(event, Alive), seconds=5.0)


def test_another_program_that_crashes_ends_no_midi_though_jack_stands_still(server: JackServer) -> None:
    with midi_child(server) as child:
        stays, crashes = Player(server, "Stays"), Player(server, "Crashes")
        try:
            child.until(lambda event: isinstance(event, Ports) and crashes.output in event.inputs)
            crashes.crash()
            child.until(lambda event: isinstance(event, Ports) and crashes.output not in event.inputs)
            stays.send([0x90, 60, 90])
            child.until(lambda event: isinstance(event, Played))
        finally:
            stays.close()


def _is_ports(event: object) -> bool:
    return isinstance(event, Ports)
