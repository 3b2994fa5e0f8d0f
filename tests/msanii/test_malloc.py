"""Freed memory stays in the process on systems with glibc."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from msanii.malloc import is_adjustable, retain_freed_pages

COUNT_FAULTS = """
import resource
import torch
from msanii.malloc import freed_pages_returned, retain_freed_pages

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for turn in range(10):
        [torch.ones(4 << 20) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

assert retain_freed_pages()
faults()
with freed_pages_returned():
    faults()
faults()
print(faults())
"""
PAGES = 10 * 8 * (16 << 20) // 4096


@pytest.mark.skipif(not is_adjustable(), reason="another system's malloc")
def test_freed_memory_is_reused() -> None:
    command = [sys.executable, "-c", COUNT_FAULTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # By default, glibc has nearly all of these pages cleared again.
    assert int(done.stdout) < 0.1 * PAGES


def test_other_systems_are_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not retain_freed_pages()
