"""How many jobs an hour a pool of many nodes would render, simulated from what one machine measured."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence

_JOBS_PER_NODE = 50


def jobs_per_hour(
    nodes: int, render_seconds: Sequence[float], overhead_seconds: float, dispatch_seconds: float
) -> float:
    """Simulate `nodes` renderers that are never idle for want of jobs; return how many jobs an hour they end.

    A job takes one of `render_seconds` in turn and `overhead_seconds`. For `dispatch_seconds` of those it
    needs the daemon and its pool process, which serve one job at a time.
    """
    free_at = [0.0] * nodes
    times = itertools.cycle(render_seconds)
    dispatcher_free, last = 0.0, 0.0
    jobs = nodes * _JOBS_PER_NODE
    for _ in range(jobs):
        begins = max(heapq.heappop(free_at), dispatcher_free)
        dispatcher_free = begins + dispatch_seconds
        ends = begins + max(overhead_seconds, dispatch_seconds) + next(times)
        heapq.heappush(free_at, ends)
        last = max(last, ends)
    return jobs / last * 3600
