"""The rate limit keeps sources apart, lets those that steer through, and says what it dropped."""

from __future__ import annotations

from bridge.inputs.rate_limit import RateLimit


def test_a_source_runs_dry_and_recovers_alone() -> None:
    limit = RateLimit(per_second=10, burst=5)
    one, other = ("127.0.0.1", 1), ("127.0.0.1", 2)
    assert sum(limit.admits(one, 0.0) for _ in range(20)) == 5
    assert limit.admits(other, 0.0)
    assert limit.admits(one, 0.0, steers=True)
    assert limit.to_complain(one, 0.0) == 15
    limit.admits(one, 0.01)
    assert limit.to_complain(one, 0.5) == 0
    assert limit.to_complain(one, 1.5) == 1
    assert sum(limit.admits(one, 0.31) for _ in range(20)) == 3


def test_many_sources_do_not_fill_the_memory() -> None:
    limit = RateLimit()
    for port in range(5_000):
        limit.admits(("127.0.0.1", port), 0.0)
    assert len(limit._buckets) <= 1_024
