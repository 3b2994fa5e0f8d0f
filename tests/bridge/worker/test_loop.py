"""The render process itself: it yields to the DAW, and goes when its daemon goes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

_DAEMON = """
import multiprocessing, sys
from pathlib import Path
from bridge.worker.process import worker_main
from bridge.worker.loop import Order, WorkerSettings
from tests.bridge.render_requests import make_request

if __name__ == "__main__":
    model, folder = Path(sys.argv[1]), Path(sys.argv[2])
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=worker_main, args=(theirs, WorkerSettings(device="cpu"), model))
    process.start()
    theirs.close()
    request = make_request(steps=1000, iterations=1, bars=64.0, seconds=128.0, model="tiny")
    ours.send(Order("a", request, model, (), (folder / "a.wav",)))
    while "Progress" not in type(ours.recv()).__name__:
        pass
    print(process.pid, flush=True)
    sys.stdin.read()
"""


def test_a_killed_daemon_leaves_no_worker_behind_and_the_worker_yields_to_the_daw(
    tiny_model: Path, tmp_path: Path
) -> None:
    script = tmp_path / "daemon.py"
    script.write_text(_DAEMON, encoding="utf-8")
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    daemon = subprocess.Popen(
        [sys.executable, str(script), str(tiny_model), str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=here,
    )  # fmt: skip
    with daemon:
        assert daemon.stdout is not None
        worker = psutil.Process(int(daemon.stdout.readline()))
        niceness = worker.nice()
        daemon.kill()
    if sys.platform != "win32":
        assert niceness >= 10
    deadline = time.monotonic() + 30
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the worker outlived its daemon"
        time.sleep(0.05)
