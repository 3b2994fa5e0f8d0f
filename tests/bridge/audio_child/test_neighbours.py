"""A neighbour on the same sound server is not disturbed by what the worker renders."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from tests.bridge.audio_child.jack_desk import jack_server, jack_sink

pytestmark = pytest.mark.calm

WINDOW_SECONDS = 4.0
WINDOWS = 2


@pytest.mark.timeout(180)
def test_a_neighbour_at_128_frames_has_no_more_xruns_while_the_worker_renders(make_daemon: Any) -> None:
    """Idle and rendering by turns, so that whatever else the machine does falls on both alike.

    Two counts of equally frequent events differ by three times the root of their sum less than once in 700
    tries; a worker that took the neighbour's time would add an xrun for every period that it held a core.
    """
    daemon = make_daemon().start()
    daemon.status()
    client = daemon.client()
    idle = rendering = 0
    with jack_server("neighbour", period=128) as server, jack_sink(server, "neighbour") as neighbour:
        for turn in range(WINDOWS):
            before = neighbour.xruns()
            time.sleep(WINDOW_SECONDS)
            idle += neighbour.xruns() - before
            client.send("/msanii/generate", f"n{turn}", "bars", 32, "steps", 200, "iterations", 200)
            client.wait_for("/msanii/progress", about=f"n{turn}", timeout_seconds=30)
            before = neighbour.xruns()
            time.sleep(WINDOW_SECONDS)
            rendering += neighbour.xruns() - before
            client.send("/msanii/cancel", f"n{turn}")
            client.wait_for("/msanii/fail", "/msanii/done", about=f"n{turn}", timeout_seconds=30)
    print(f"xruns at 128 frames in {WINDOWS} x {WINDOW_SECONDS:g} s: idle {idle}, rendering {rendering}")
    assert rendering - idle <= 3 * math.sqrt(rendering + idle + 1)
