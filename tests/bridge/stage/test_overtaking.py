"""A stop that overtakes what waits calls off what would start the music again, and nothing else."""

from __future__ import annotations

from bridge.messages import stage as s
from bridge.stage.overtaking import calls_off

STARTS = [s.LaunchDeck(1), s.LaunchDeck(2), s.PlayTransport(), s.Undo()]
OTHERS = [
    s.LoadDeck(1, "a.wav", None),
    s.SetDeck(1, "gain_db", -3.0),
    s.StopDeck(1),
    s.Panic(),
    s.Locate(4.0),
]


def test_a_stop_calls_off_every_start() -> None:
    assert [one for one in (*STARTS, *OTHERS) if calls_off(s.StopTransport(), one)] == STARTS


def test_a_decks_stop_calls_off_its_own_launch() -> None:
    assert [waiting for waiting in (*STARTS, *OTHERS) if calls_off(s.StopDeck(2), waiting)] == STARTS[1:2]
