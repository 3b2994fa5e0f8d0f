"""Whoever is killed leaves nobody behind: no daemon, no child of a daemon, no helper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from bridge.system.disk import lock_folder
from tests.conftest import ROOT, DaemonUnderTest

WAIT_SECONDS = 60.0

# Like `render`, `demo` and `doctor`: holds a daemon of its own, here until it is killed.
_HOLDER = """
import sys, time
from bridge.cli.own_daemon import launched, wait_for_model
with launched(*sys.argv[1:]) as daemon:
    wait_for_model(daemon.client)
    print(daemon.process.pid, flush=True)
    time.sleep(600)
"""


def _family(pid: int) -> list[psutil.Process]:
    itself = psutil.Process(pid)
    return [itself, *itself.children(recursive=True)]


def test_the_daemon_of_a_killed_render_ends_with_its_children_and_frees_the_library(
    tiny_model: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    flags = ["--library", str(library), "--models-folder", str(tiny_model.parent), "--model", "tiny"]
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, *flags, "--device", "cpu"], cwd=ROOT, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        family = _family(int(holder.stdout.readline()))
        holder.kill()
    assert len(family) >= 2  # the daemon and its render process
    _, left = psutil.wait_procs(family, WAIT_SECONDS)
    assert not left
    lock_folder(library / ".msanii" / "lock", library).release()


def test_a_killed_daemon_leaves_no_child(make_daemon: Callable[..., DaemonUnderTest]) -> None:
    running = make_daemon(flags=["--stream"]).start()
    running.status()
    assert running.process is not None
    children = _family(running.process.pid)[1:]
    assert len(children) >= 2  # the render process and the audio process
    running.kill()
    _, left = psutil.wait_procs(children, WAIT_SECONDS)
    assert not left


_STUCK = """
import time
def main(connection):
    connection.send("up")
    time.sleep(600)  # reads its pipe no more
"""

_PARENT = """
import asyncio, stuck
from bridge.system.child_process import ChildProcess
async def story():
    up = asyncio.Event()
    child = ChildProcess(stuck.main, (), name="stuck", on_message=lambda _: up.set())
    await up.wait()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
if __name__ == "__main__":
    asyncio.run(story())
"""


def test_a_child_that_no_longer_reads_its_pipe_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(_STUCK, encoding="utf-8")
    (tmp_path / "parent.py").write_text(_PARENT, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, left = psutil.wait_procs([child], WAIT_SECONDS)
    assert not left
