"""Ableton Link: two real peers over loopback; and a daemon that has not the extra, or loses the child."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from bridge.endless.ableton_link import LinkSession
from bridge.messages import BridgeError
from bridge.messages.endless import LinkChanged
from tests.bridge.link_peer import LinkPeer, link_peer, link_to_ourselves
from tests.bridge.waiting import until

pytestmark = pytest.mark.calm


@dataclass
class Transport:
    """Whoever follows."""

    proposals: list[tuple[str, float, float | None, float]] = field(default_factory=list)
    unfollowed: int = 0

    def follow(self, source: str, bpm: float, beat: float | None, at_monotonic_seconds: float) -> None:
        self.proposals.append((source, bpm, beat, at_monotonic_seconds))

    def unfollow(self) -> None:
        self.unfollowed += 1


def test_a_peer_s_tempo_and_bar_lines_are_proposed_and_its_tempo_is_left_alone() -> None:
    async def story() -> None:
        transport, events, bar = Transport(), list[LinkChanged](), [4.0]
        session = LinkSession(transport, events.append, lambda: bar[0])

        def late(peer: LinkPeer) -> float:
            """How many beats the last proposal is behind the peer's clock, on the way round a bar."""
            at, beat, _ = peer.where()
            _, bpm, ours, ours_at = transport.proposals[-1]
            assert ours is not None
            beats = (ours + (at - ours_at) * bpm / 60 - beat) % bar[0]
            return min(beats, bar[0] - beats)

        with link_peer(137.0) as peer:
            session.use(True, 100.0)
            await until(lambda: any(event.peers > 0 for event in events))
            before = len(transport.proposals)
            await until(lambda: len(transport.proposals) > before + 5)
            source, bpm, _, _ = transport.proposals[-1]
            assert source == "link"
            assert peer.where()[2] == pytest.approx(137.0)
            assert bpm == pytest.approx(137.0)
            assert late(peer) < 0.05  # 20 ms
            # A meter that changes is Link's quantum too.
            bar[0] = 3.5
            peer.count_bars_of(3.5)
            before = len(transport.proposals)
            await until(lambda: len(transport.proposals) > before + 5)
            assert late(peer) < 0.05
        await until(lambda: transport.unfollowed == 1)
        session.close()
        assert session.pid == 0

    asyncio.run(story())


def test_alone_nothing_is_proposed_and_leaving_ends_the_child() -> None:
    async def story() -> None:
        transport, events = Transport(), list[LinkChanged]()
        session = LinkSession(transport, events.append, lambda: 4.0)
        session.use(True, 100.0)
        pid = session.pid
        session.use(True, 100.0)
        assert session.pid == pid
        await until(lambda: len(events) > 0)
        session.use(False, 100.0)
        assert events[-1] == LinkChanged(-1, 0.0, "")
        assert not [one for one in transport.proposals if one[0] != "link"]

    with link_to_ourselves():
        asyncio.run(story())


def test_without_the_extra_the_answer_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BridgeError, match=r"msanii-bridge\[link\]"):
        LinkSession(Transport(), lambda _event: None, lambda: 4.0).use(True, 120.0)


def test_a_lost_child_is_told() -> None:
    async def story() -> None:
        import psutil

        events = list[LinkChanged]()
        session = LinkSession(Transport(), events.append, lambda: 4.0)
        session.use(True, 100.0)
        psutil.Process(session.pid).kill()
        await until(lambda: any("was lost" in event.problem for event in events))
        assert session.pid == 0

    with link_to_ourselves():
        asyncio.run(story())


def test_the_daemon_never_imports_it() -> None:
    code = "import sys, bridge.daemon, bridge.endless.ableton_link_child; sys.exit('aalink' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
