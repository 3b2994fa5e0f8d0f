"""schedulers: what importing them loads, in a process of its own."""

import subprocess
import sys

PROGRAM = """
import sys
import torch
before = set(sys.modules)
import msanii.pipelines
print([name for name in ("torch._dynamo", "scipy.stats", "sympy") if name in set(sys.modules) - before])

from diffusers.utils import is_scipy_available
assert is_scipy_available()
print(torch.compile(lambda value: value + 1, backend="eager")(torch.ones(1)).item())
"""


def test_a_pipeline_loads_no_compiler_and_no_statistics_but_both_still_work() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.stdout.splitlines(), done.stderr) == (["[]", "2.0"], "")
