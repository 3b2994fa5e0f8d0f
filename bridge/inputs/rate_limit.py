"""Who may send how much: a token bucket for every source, with a reserve for the messages that steer."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bridge.messages import Peer

MESSAGES_PER_SECOND = 500.0
BURST = 2_000.0
RESERVE_PER_SECOND = 100.0
RESERVE = 100.0
MAX_SOURCES = 1_024
SECONDS_BETWEEN_COMPLAINTS = 1.0


def account(peer: Peer) -> tuple[str, int]:
    """Who pays: each program of this machine for itself, another machine as one, whatever its port."""
    return (peer.host, peer.port if peer.host.startswith("127.") else 0)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    reserve: float
    at: float
    dropped: int = 0
    told_at: float = float("-inf")


class RateLimit:
    """Counts what each source sends. `now` is always seconds on one clock that never goes back."""

    def __init__(self, per_second: float = MESSAGES_PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[tuple[str, int], _Bucket] = OrderedDict()

    def admits(self, source: tuple[str, int], now: float, *, cost: float = 1.0, steers: bool = False) -> bool:
        """Whether to look at a packet. One that `steers` may use the reserve when the rest is spent."""
        bucket = self._filled(source, now)
        if bucket.tokens >= 1.0:
            bucket.tokens -= cost
            return True
        if steers and bucket.reserve >= 1.0:
            bucket.reserve -= 1.0
            return True
        bucket.dropped += 1
        return False

    def charge(self, source: tuple[str, int], cost: float) -> None:
        """Takes tokens for what a packet turned out to hold; the source may run into debt."""
        bucket = self._buckets.get(source)
        if bucket is not None:
            bucket.tokens -= cost

    def goes_on(self, source: tuple[str, int], now: float, *, left: int) -> bool:
        """Takes one token for the next message of a packet that was admitted.

        When none is there the `left` messages count as dropped.
        """
        bucket = self._filled(source, now)
        if bucket.tokens >= 1.0:
            bucket.tokens -= 1.0
            return True
        bucket.dropped += left
        return False

    def to_complain(self, source: tuple[str, int], now: float) -> int:
        """How many packets, or messages of one, were dropped, if it is time to say so again; else 0."""
        bucket = self._buckets.get(source)
        if bucket is None or not bucket.dropped or now - bucket.told_at < SECONDS_BETWEEN_COMPLAINTS:
            return 0
        dropped, bucket.dropped, bucket.told_at = bucket.dropped, 0, now
        return dropped

    def _filled(self, source: tuple[str, int], now: float) -> _Bucket:
        bucket = self._buckets.get(source)
        if bucket is None:
            bucket = self._buckets[source] = _Bucket(self._burst, RESERVE, now)
            if len(self._buckets) > MAX_SOURCES:
                self._buckets.popitem(last=False)
            return bucket
        passed = now - bucket.at
        bucket.tokens = min(self._burst, bucket.tokens + passed * self._per_second)
        bucket.reserve = min(RESERVE, bucket.reserve + passed * RESERVE_PER_SECOND)
        bucket.at = now
        return bucket
