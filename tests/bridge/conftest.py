"""Fixtures of the bridge's tests that touch the disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1M,mode=0777", "tmpfs", str(folder)]
    if not hasattr(os, "geteuid") or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        missing("a small file system cannot be mounted without being root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
