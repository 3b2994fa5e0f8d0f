"""Rate limit for OSC: a token bucket for each source, with a reserve for control messages.

Tokens count work, not packets: each stands for `TOKEN_MILLISECONDS` of the daemon's time, and an address
costs as many as the table says (`bridge.addresses.row`). So a client keeps the daemon busy half of the time
at most.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bridge.messages import Peer

TOKEN_MILLISECONDS = 1.0
TOKENS_PER_SECOND = 500.0
BURST = 2_000.0
RESERVE_PER_SECOND = 100.0
RESERVE = 100.0
MAX_SOURCES = 1_024
SECONDS_BETWEEN_COMPLAINTS = 1.0


def account(peer: Peer) -> tuple[str, int]:
    """Return a peer's source: the program on this machine; other machines as a whole, whatever the port."""
    return (peer.host, peer.port if peer.is_on_this_machine else 0)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    reserve: float
    at: float
    dropped: int = 0
    told_at: float = float("-inf")


class RateLimit:
    """Limits what each source may send. `now` is in seconds of a monotonic clock."""

    def __init__(self, per_second: float = TOKENS_PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[tuple[str, int], _Bucket] = OrderedDict()

    def admits(self, source: tuple[str, int], now: float, *, cost: float = 1.0, steers: bool = False) -> bool:
        """Charge a packet, and return whether to accept it. One that `steers` may use the reserve."""
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
        """Take tokens for the contents of an accepted packet; the balance may go negative."""
        bucket = self._buckets.get(source)
        if bucket is not None:
            bucket.tokens -= cost

    def goes_on(self, source: tuple[str, int], now: float, *, left: int) -> bool:
        """Take a token for the next message of an accepted packet, and return whether there was one.

        If there was none, the `left` remaining messages count as dropped.
        """
        bucket = self._filled(source, now)
        if bucket.tokens >= 1.0:
            bucket.tokens -= 1.0
            return True
        bucket.dropped += left
        return False

    def to_complain(self, source: tuple[str, int], now: float) -> int:
        """Return how many packets or messages were dropped since the last report; 0 if one is not due yet."""
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
