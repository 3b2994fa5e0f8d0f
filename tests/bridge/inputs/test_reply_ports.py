"""Programs that send from one socket and hear at another: all their answers come where they hear."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bridge.inputs.osc_packets import read_message
from bridge.inputs.reply_ports import MAX_PEERS, SECONDS, ReplyPorts
from bridge.messages import Hello, Notify, Peer
from tests.conftest import DaemonUnderTest

MAX, OTHER = Peer("127.0.0.1", 5_000), Peer("127.0.0.1", 5_001)


def test_a_port_is_remembered_for_a_while_and_taken_back_by_one_that_names_none() -> None:
    ports = ReplyPorts()
    ports.learn(MAX, Hello("n", reply_port=6000, sender=MAX), 0.0)
    assert ports.home(MAX, 1.0) == Peer("127.0.0.1", 6_000)
    assert ports.home(OTHER, 1.0) == OTHER
    assert ports.home(MAX, SECONDS + 1) == MAX
    ports.learn(MAX, Notify(True, reply_port=6001, sender=MAX), 100.0)
    assert ports.home(MAX, 101.0).port == 6_001
    ports.learn(MAX, Hello("n", sender=MAX), 102.0)
    assert ports.home(MAX, 103.0) == MAX


def test_what_is_remembered_is_bounded() -> None:
    ports = ReplyPorts()
    for number in range(MAX_PEERS + 1):
        ports.learn(Peer("10.0.0.1", number), Hello("n", reply_port=6000), 0.0)
    assert ports.home(Peer("10.0.0.1", 0), 1.0).port == 0
    assert ports.home(Peer("10.0.0.1", 1), 1.0).port == 6_000


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    """The socket where a program hears."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(60)
        yield opened


def test_answers_and_failures_come_where_the_program_hears(
    daemon: DaemonUnderTest, ear: socket.socket
) -> None:
    mouth = daemon.client()
    mouth.send("/msanii/hello", "ear-1", ear.getsockname()[1])
    assert read_message(ear.recv(65_536))[1][0] == "ear-1"
    mouth.send("/msanii/vary", "ear-job", "strength", 0.5)
    address, (about, code, _) = read_message(ear.recv(65_536))
    assert (address, about, code) == ("/msanii/fail", "ear-job", "missing")
    mouth.send("/msanii/generate", "ear-job", "bars", "four")
    assert read_message(ear.recv(65_536))[1][:2] == ("ear-job", "type")
    mouth.send("/msanii/sync", 7)
    assert read_message(ear.recv(65_536)) == ("/msanii/synced", (7,))
    assert mouth.receive(0.05) is None


def test_events_come_once_to_a_program_that_also_subscribed(
    daemon: DaemonUnderTest, ear: socket.socket
) -> None:
    daemon.status()
    mouth = daemon.client()
    mouth.send("/msanii/notify", 1, ear.getsockname()[1])
    mouth.send("/msanii/generate", "ear-once", "bars", 1, "steps", 2, "iterations", 2)
    seen = []
    while "/msanii/done" not in seen:
        address, arguments = read_message(ear.recv(65_536))
        if arguments[0] == "ear-once":
            seen.append(address)
    assert seen.count("/msanii/queued") == seen.count("/msanii/take") == 1
