"""Freed memory stays in the process on systems with glibc."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from msanii.malloc import is_adjustable, retain_freed_pages

COUNT_FAULTS = """
import resource
import sys
import torch
from msanii.malloc import freed_pages_returned, retain_freed_pages

SIZE = int(sys.argv[1])

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for turn in range(10):
        [torch.ones(SIZE << 18) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

assert retain_freed_pages()
faults()
with freed_pages_returned():
    faults()
faults()
print(faults())
"""


@pytest.mark.skipif(not is_adjustable(), reason="another system's malloc")
@pytest.mark.parametrize("mib", [16, 40])
def test_freed_memory_is_reused(mib: int) -> None:
    command = [sys.executable, "-c", COUNT_FAULTS, str(mib)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # By default, glibc has nearly all of these pages cleared again.
    pages = 10 * 8 * (mib << 20) // 4096
    assert int(done.stdout) < 0.1 * pages


def test_other_systems_are_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not retain_freed_pages()
