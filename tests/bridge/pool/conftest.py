"""One Ray cluster with two nodes on this machine, for all tests of the pool that need one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bridge.pool.cluster_process import free_tcp_port
from tests.conftest import ROOT, missing


@dataclass
class RayCluster:
    """A cluster on loopback, whose head renders as every other node does. `address` is for `RAY_ADDRESS`."""

    process: subprocess.Popen[str]
    client_port: int
    log: Path
    address: str = ""

    def do(self, command: str) -> str:
        """Carry out a command of `cluster_process`; returns its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer, self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        return answer


@pytest.fixture(scope="session")
def pool_flags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder by which renderers and tests wait for each other."""
    return tmp_path_factory.mktemp("pool_flags")


@pytest.fixture(scope="session")
def ray_cluster(pool_flags: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    """Two nodes, of one core each."""
    if importlib.util.find_spec("ray") is None:
        missing("ray is not installed")
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback
    patch.setenv("POOL_TEST_FLAGS", str(pool_flags))
    # What nodes import: renderers of tests, too.
    patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])))
    log = tmp_path_factory.mktemp("ray") / "log"
    port = free_tcp_port()
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bridge.pool.cluster_process", str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    running = RayCluster(process, port, log)
    try:
        running.address = running.do("start")
        running.do("add")
        patch.setenv("RAY_ADDRESS", running.address)
        yield running
    finally:
        patch.undo()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
