"""Renders yield to every other program, and sound goes before them; by sessions, where Linux counts those."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bridge.system.priority import AUTOGROUP
from tests.conftest import ROOT

pytestmark = pytest.mark.calm

_SESSIONS = Path("/proc/sys/kernel/sched_autogroup_enabled")
linux_sessions = pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system has no autogroups")

_SHOW = """
import os, sys
from bridge.system import priority
getattr(priority, sys.argv[1])()
own = os.getsid(0) == os.getpid()
print(int(own), os.getpriority(os.PRIO_PROCESS, 0), priority.AUTOGROUP.read_text().split()[-1])
"""
_SHELL = """
import subprocess, sys
from bridge.system.priority import AUTOGROUP
before = AUTOGROUP.read_text().split()[-1]
python, show = sys.argv[1:]
print(subprocess.check_output([python, "-c", show, "yield_to_others"], text=True, process_group=0))
print(before, AUTOGROUP.read_text().split()[-1])
"""
_SPIN = """
import os, sys, time
from bridge.system import priority

os.sched_setaffinity(0, {int(sys.argv[2])})
if sys.argv[1] == "yields":
    priority.yield_to_others()
print("ready", flush=True)
sys.stdin.readline()
began, end = time.process_time(), time.monotonic() + 2.0
while time.monotonic() < end:
    pass
print(time.process_time() - began, flush=True)
"""


def _python(code: str, *arguments: str, **how: Any) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, **pipes, **how)


@linux_sessions
def test_each_gets_a_session_of_its_own_and_the_niceness_that_the_system_allows() -> None:
    shown = _python(_SHOW, "yield_to_others").communicate(timeout=30)[0].split()
    assert shown == ["1", str(max(10, os.getpriority(os.PRIO_PROCESS, 0))), "5"]
    own, niceness, session = _python(_SHOW, "go_first").communicate(timeout=30)[0].split()
    assert own == "1"
    if os.geteuid() == 0:
        assert (niceness, session) == ("-11", "-11")


@linux_sessions
def test_a_group_that_a_shell_made_does_not_speak_for_its_whole_terminal() -> None:
    # In a session made here: the one that CI itself runs in may have no autogroup to read.
    shown = _python(_SHELL, sys.executable, _SHOW, start_new_session=True).communicate(timeout=30)[0].split()
    own, _, session, before, after = shown
    assert own == "0"
    assert session == before == after


@linux_sessions
@pytest.mark.skipif(not _SESSIONS.exists() or _SESSIONS.read_text().strip() != "1", reason="switched off")
def test_a_render_leaves_a_busy_neighbour_in_another_session_most_of_its_core() -> None:
    core = str(min(os.sched_getaffinity(0)))
    with (
        _python(_SPIN, "yields", core) as render,
        _python(_SPIN, "stays", core, start_new_session=True) as neighbour,
    ):
        used = []
        for process in (render, neighbour):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in (render, neighbour):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in (render, neighbour):
            assert process.stdout is not None
            used.append(float(process.stdout.readline()))
    assert used[1] > 2 * used[0]  # three to one


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are the terminal's on Unix alone")
def test_control_c_in_a_terminal_ends_the_worker_though_it_is_in_a_session_of_its_own(
    make_daemon: Any,
) -> None:
    daemon = make_daemon(wrapper=["setsid"]).start()
    worker = psutil.Process(int(daemon.status()["pid"]))
    assert daemon.process is not None
    if AUTOGROUP.exists():
        assert os.getsid(worker.pid) == worker.pid
        assert worker.nice() >= 10
    os.killpg(daemon.process.pid, signal.SIGINT)
    assert daemon.process.wait(20) == 0
    end = time.monotonic() + 30
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end, "the worker outlived its daemon"
        time.sleep(0.05)
