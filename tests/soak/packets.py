"""Hostile datagrams from many sockets, in a closed loop with a hello now and then."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack

from bridge.cli.client import Answer, Client
from tests.bridge.after_trouble import no_half_file
from tests.bridge.every_address import QUICK
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient
from tests.soak.bench import Bench, Use, claim_flat, states_of_jobs
from tests.soak.hostile_packets import HostilePackets

SOCKETS = 64
PACKETS_PER_HELLO = 60
_PATIENCE_SECONDS = 30.0
_RESENT_AFTER_SECONDS = 2.0
_WORK_OFF_SECONDS = 120.0


class _Flood:
    """Sends packets, times the hellos between them, and counts the answers."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.queued: set[str] = set()
        self.hello_ms: list[float] = []

    def hello(self, client: Client) -> None:
        """Time a hello behind whatever its socket has sent."""
        nonce = f"soak-{len(self.hello_ms)}"
        began = time.monotonic()
        # A socket's receive buffer may be full of what was sent before; UDP then loses the hello.
        while time.monotonic() < began + _PATIENCE_SECONDS:
            client.send("/msanii/hello", nonce)
            for answer in client.answers(_RESENT_AFTER_SECONDS):
                if answer == Answer("/msanii/welcome", (nonce, *answer.arguments[1:])):
                    self.hello_ms.append(1e3 * (time.monotonic() - began))
                    return
                self._count(answer)
            self.counts["hellos sent again"] += 1
        raise AssertionError(f"no answer to hello within {_PATIENCE_SECONDS:g} s")

    def drain(self, client: Client) -> None:
        """Count what a socket has received."""
        for answer in client.answers(0.05):
            self._count(answer)

    def _count(self, answer: Answer) -> None:
        self.counts["answers"] += 1
        if answer.address == "/msanii/queued":
            self.queued.add(str(answer.arguments[0]))
        elif answer.address == "/msanii/fail":
            self.counts["fail " + str(answer.arguments[1])] += 1


def soak(bench: Bench, packets: int) -> None:
    """Flood a daemon with a stream, and then ask it for music."""
    report, flood = bench.report, _Flood()
    with bench.daemon("--stream") as running:
        assert list(running.client().ask("/msanii/generate", *QUICK))[-1].address == "/msanii/done"
        before = Use.of(running.pid)
        source = HostilePackets(bench.draw(), time.time())
        with ExitStack() as stack:
            clients = [stack.enter_context(PatientClient(running.port)) for _ in range(SOCKETS)]
            sent = 0
            while sent < packets:
                client = clients[sent // PACKETS_PER_HELLO % SOCKETS]
                for _ in range(min(PACKETS_PER_HELLO, packets - sent)):
                    client.send_bytes(source.next())
                    sent += 1
                flood.hello(client)
            for client in clients:
                flood.drain(client)
        report.figures["seconds until the rest is worked off"] = f"{_worked_off(running):.1f}"
        _good_request(bench, running)
        claim_flat(report, before, Use.of(running.pid))
    states = states_of_jobs(running.library, report)
    report.claim("every job answered `queued` is in the journal", flood.queued <= set(states))
    report.claim("no answer is `internal`", not flood.counts["fail internal"], flood.counts["fail internal"])
    no_half_file(running.library)
    _figures(bench, sent, flood)


def _worked_off(running: DaemonUnderTest) -> float:
    """Wait until the daemon has done what the flood left in its queue; return the seconds that took."""
    client, began = running.client(), time.monotonic()
    while time.monotonic() < began + _WORK_OFF_SECONDS:
        client.send("/msanii/sync", "flood")  # refused while the queue is full
        for answer in client.answers(_RESENT_AFTER_SECONDS):
            if answer == Answer("/msanii/synced", ("flood",)):
                return time.monotonic() - began
    raise AssertionError(f"the queue is not worked off within {_WORK_OFF_SECONDS:g} s")


def _good_request(bench: Bench, running: DaemonUnderTest) -> None:
    """Whatever the flood has set is cleared, and then a request renders."""
    client = running.client()
    for address, argument in (("panic", 1), ("cancel", "all"), ("preset/load", "piano_loop")):
        list(client.ask(f"/msanii/{address}", argument))
    last = list(client.ask("/msanii/generate", "after-the-flood", *QUICK, timeout_seconds=120))[-1]
    bench.report.claim("a request renders afterwards", last.address == "/msanii/done", last)


def _figures(bench: Bench, sent: int, flood: _Flood) -> None:
    ranked = sorted(flood.hello_ms)
    p50, p99, longest = (ranked[int(share * (len(ranked) - 1))] for share in (0.5, 0.99, 1.0))
    bench.report.figures |= {
        "packets": sent,
        "sockets": SOCKETS,
        "answers": flood.counts["answers"],
        "of these `busy`": flood.counts["fail busy"],
        "jobs queued": len(flood.queued),
        f"hello after {PACKETS_PER_HELLO} packets, ms": f"p50 {p50:.0f}, p99 {p99:.0f}, max {longest:.0f}",
        "hellos sent again": flood.counts["hellos sent again"],
    }
