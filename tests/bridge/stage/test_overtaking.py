"""A stop that overtakes what waits calls off what would start the music again, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bridge.daemon import Daemon
from bridge.inputs.osc import OscServer
from bridge.messages import Peer
from bridge.messages import stage as s
from bridge.settings import Settings
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


def test_a_panic_is_carried_out_before_what_it_calls_off_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(OscServer, "send", lambda _server, _peer, address, _words: told.append(address))
    client = Peer("127.0.0.1", 9_000)

    async def play() -> None:
        daemon = Daemon(Settings(library=tmp_path, port=0, stream=True, midi=False))
        try:
            for _ in range(3):
                daemon.receive(s.LaunchDeck(1, about="/msanii/deck/1/launch", sender=client))
            daemon.receive(s.Panic(about="/msanii/panic", sender=client))
        finally:
            daemon._stage.close()

    asyncio.run(play())
    assert told == ["/msanii/panic.reply", *["/msanii/fail"] * 3]
