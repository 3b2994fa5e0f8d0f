"""The simulated pool against what can be worked out by hand."""

from __future__ import annotations

import pytest

from bridge.cli.pool.simulation import jobs_per_hour


def test_one_node_renders_one_job_after_another() -> None:
    assert jobs_per_hour(1, [0.9], 0.1, 0.01) == pytest.approx(3600)


def test_nodes_scale_until_the_dispatcher_is_busy_all_the_time() -> None:
    alone = jobs_per_hour(1, [1.0], 0.05, 0.02)
    assert jobs_per_hour(8, [1.0], 0.05, 0.02) == pytest.approx(8 * alone, rel=0.05)
    # 50 jobs a second is all that 20 ms a job leave room for.
    assert jobs_per_hour(500, [1.0], 0.05, 0.02) == pytest.approx(50 * 3600, rel=0.02)
