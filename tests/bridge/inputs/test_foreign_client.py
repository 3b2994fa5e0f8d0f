"""A client that shares no code with us (liblo's oscsend and oscdump) drives a render; SoX opens the file."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import psutil

from bridge.cli.own_daemon import free_port, stop
from tests.conftest import DaemonUnderTest, need


@contextmanager
def _dumped(port: int, file: Path) -> Iterator[None]:
    """Everything that arrives at the port, as text in the file."""
    with file.open("wb") as out:
        listener = subprocess.Popen([need("oscdump"), "-L", str(port)], stdout=out)
        try:
            while not psutil.Process(listener.pid).net_connections("udp"):
                assert listener.poll() is None, "oscdump ended"
                time.sleep(0.02)
            yield
        finally:
            stop(listener)


def _oscsend(daemon: DaemonUnderTest, *words: str) -> None:
    subprocess.run([need("oscsend"), "127.0.0.1", str(daemon.port), *words], check=True, timeout=60)


def test_oscsend_and_oscdump_drive_a_generate(daemon: DaemonUnderTest, tmp_path: Path) -> None:
    port, heard = free_port(), tmp_path / "heard.txt"
    job_id = f"liblo-{port}"
    asked = ["preset", "sketch", "chords", "Am F C G", "bpm", "97.3", "bars", "4"]
    with _dumped(port, heard):
        _oscsend(daemon, "/msanii/notify", "ii", "1", str(port))
        _oscsend(daemon, "/msanii/generate", "ssssssfsi", job_id, *asked)
        deadline = time.monotonic() + 240
        while f'/msanii/done s "{job_id}"' not in heard.read_text() and time.monotonic() < deadline:
            assert "/msanii/fail" not in heard.read_text(), heard.read_text()
            time.sleep(0.1)
    _oscsend(daemon, "/msanii/notify", "ii", "0", str(port))
    (line,) = [line for line in heard.read_text().splitlines() if "/msanii/take" in line and job_id in line]
    path = Path(line.split('"')[3])
    soxi = subprocess.run(
        [need("sox"), "--info", "-s", str(path)], capture_output=True, text=True, check=True
    )
    assert int(soxi.stdout) == round(Fraction(16 * 60 * 44_100) / Fraction("97.3"))
    decoded = subprocess.run(
        [need("sox"), str(path), "-n", "stat"], capture_output=True, text=True, check=True
    )
    assert "Samples read" in decoded.stderr
