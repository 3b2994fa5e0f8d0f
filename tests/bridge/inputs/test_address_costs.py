"""Limits count work: what an address costs the daemon is measured, and charged by the table's `cost`."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest

from bridge.addresses.row import Address
from bridge.addresses.table import ADDRESSES, BY_PATH, parse
from bridge.inputs.rate_limit import TOKEN_MILLISECONDS
from bridge.inputs.reach import Reached
from bridge.messages import Peer
from tests.bridge.every_address import message_to
from tests.conftest import DaemonUnderTest
from tests.patient_client import PatientClient

# What else runs here only adds to a cost, by the caches that it empties: the least of the rounds counts. Each
# round asks every address, so that what lasts a second or two falls on an address in one round at most.
_ROUNDS, _PACKETS = 3, 10
# Machines differ.
_SLACK = 2.0


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: row.path)
def test_every_address_has_an_example_that_it_takes(row: Address) -> None:
    path, arguments = message_to(row)
    assert parse(path, arguments, Peer("127.0.0.1", 9_000)) is not None


def test_what_is_charged_is_what_the_rows_cost() -> None:
    for row in BY_PATH.values():
        assert Reached((row.path,), ()).cost == row.cost >= 1
    assert Reached(("/msanii/help",), ()).cost == len(ADDRESSES)
    assert Reached(("/msanii/status", "/msanii/midi/reload"), ()).cost == (
        BY_PATH["/msanii/status"].cost + BY_PATH["/msanii/midi/reload"].cost
    )
    assert Reached(("/msanii/no/such/thing",), ()).cost == 1


@pytest.mark.calm
def test_no_address_costs_more_than_is_charged(make_daemon: Callable[..., DaemonUnderTest]) -> None:
    running = make_daemon(flags=["--stream"]).start()
    assert running.process is not None
    itself = psutil.Process(running.process.pid)
    rounds = [{row.path: _milliseconds(running, itself, row) for row in ADDRESSES} for _ in range(_ROUNDS)]
    least = {row.path: min(a_round[row.path] for a_round in rounds) for row in ADDRESSES}
    sync_alone = least["/msanii/sync"] / 2
    measured = {path: milliseconds - sync_alone for path, milliseconds in least.items()}
    for row in sorted(ADDRESSES, key=lambda row: -measured[row.path]):
        print(f"{measured[row.path]:8.2f} ms {row.cost:5} {row.path}")
    dear = {
        row.path: measured[row.path]
        for row in ADDRESSES
        if measured[row.path] > _SLACK * TOKEN_MILLISECONDS * row.cost
    }
    assert not dear, f"milliseconds a message: {dear}; raise their `cost` in the table, or their speed"


def _milliseconds(running: DaemonUnderTest, itself: psutil.Process, row: Address) -> float:
    """Measure the daemon's CPU time for a message, in a client of its own with a full purse."""
    packets = min(_PACKETS, max(1, 1_500 // row.cost))
    address, arguments = message_to(row)
    with PatientClient(running.port) as client:
        client.hello()
        before = _cpu_seconds(itself)
        for _ in range(packets):
            client.send(address, *arguments)
            client.send("/msanii/sync", "done")
            client.wait_for("/msanii/synced")
        return 1e3 * (_cpu_seconds(itself) - before) / packets


def _cpu_seconds(process: psutil.Process) -> float:
    """The CPU time of a process so far, ended threads included."""
    try:
        # The clock that clock_getcpuclockid(3) gives on Linux: nanoseconds, where psutil has ticks of 10 ms.
        return time.clock_gettime((~process.pid << 3) | 2)
    except (AttributeError, OSError):
        times = process.cpu_times()
        return float(times.user + times.system)
