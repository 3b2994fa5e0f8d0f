"""Fixtures of the bridge's tests: a small disk, and this machine on the network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.small_disk import mounted_disk
from tests.conftest import missing


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 1 MiB."""
    with mounted_disk(tmp_path / "disk", size_mib=1) as folder:
        yield folder


@pytest.fixture
def own_address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.200", 9))  # a documentation address: nothing is sent
        except OSError:
            missing("this machine has no network address")
        return str(probe.getsockname()[0])
