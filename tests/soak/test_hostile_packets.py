"""The soak's datagrams: repeatable, and none that the reader of packets does not expect."""

from __future__ import annotations

import random

from bridge.inputs.osc_packets import UnreadableError, read_packet
from tests.soak.hostile_packets import MOST_BYTES, HostilePackets


def _packets(seed: int, count: int) -> list[bytes]:
    source = HostilePackets(random.Random(seed), now_seconds=1_700_000_000.0)  # noqa: S311  (not for secrets)
    return [source.next() for _ in range(count)]


def test_the_same_seed_sends_the_same_packets() -> None:
    assert _packets(3, 300) == _packets(3, 300)
    assert _packets(3, 300) != _packets(4, 300)


def test_each_fits_into_a_datagram() -> None:
    lengths = [len(packet) for packet in _packets(6, 20_000)]
    assert 60_000 < max(lengths) <= MOST_BYTES


def test_each_is_read_or_refused_in_words() -> None:
    outcomes = {"read": 0, "refused": 0}
    for packet in _packets(5, 2_000):
        try:
            items = read_packet(packet)
        except UnreadableError as error:
            items = [error]
        for item in items:
            outcomes["refused" if isinstance(item, UnreadableError) else "read"] += 1
    assert min(outcomes.values()) > 300
