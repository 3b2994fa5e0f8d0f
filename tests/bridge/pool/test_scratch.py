"""Temporary folders of renderers: a killed one's are removed by the next that starts, others' stay."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bridge.pool.scratch import remove_abandoned, scratch_folder

_DIES = (
    "import os; from bridge.pool.scratch import scratch_folder; "
    "f = scratch_folder(); open(f.name + '/take.wav', 'w').close(); print(f.name, flush=True); os._exit(9)"
)


def test_a_killed_renderers_folders_go_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", _DIES],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    left = Path(killed.stdout.strip())
    assert (left / "take.wav").exists()
    other = tmp_path / "msanii-pool-of-somebody"
    other.mkdir()
    (tmp_path / f"{left.name}-link").symlink_to(other)
    with scratch_folder() as ours:
        remove_abandoned()
        assert Path(ours).exists()
        assert not left.exists()
        assert other.exists()
    assert not Path(ours).exists()
