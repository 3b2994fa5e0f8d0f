"""Freed memory stays with the process, where that can be asked for."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from msanii.memory import keep_freed_memory

COUNT_FAULTS = """
import resource, sys
import torch
from msanii.memory import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
for turn in range(12):
    if turn == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    [torch.ones(4 << 20) for _ in range(8)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    command = [sys.executable, "-c", COUNT_FAULTS, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another system's malloc")
def test_what_is_freed_is_there_for_the_next_tensor() -> None:
    assert faults("kept") < 0.1 * faults("given back")


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not keep_freed_memory()
