"""The script's own tests, under Node's test runner, with a Live API that is strict where Live is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from max_for_live.join_script import SCRIPT, joined
from tests.max_for_live.node_device import node, node_environment

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.js")))
def test_under_node(file: str) -> None:
    done = subprocess.run(
        [*node(), "--test", "--test-reporter=tap", str(HERE / file)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=node_environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed[1]) > 0


def test_the_shipped_script_is_its_sections_joined() -> None:
    assert SCRIPT.read_text(encoding="utf-8") == joined(), "run `python max_for_live/join_script.py`"
