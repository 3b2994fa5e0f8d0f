"""Fixtures of the bridge's tests that touch the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.small_disk import mounted_disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1 MiB."""
    with mounted_disk(tmp_path / "disk", size_mib=1) as folder:
        yield folder
