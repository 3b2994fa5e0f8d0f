"""What to look for after a kill or a full disk: half files, takes, the daemon's status, processes left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
import soundfile

from bridge.cli.client import Answer, Client
from bridge.messages import Argument
from bridge.system.disk import PART_SUFFIX


def takes_of(answers: Iterable[Answer]) -> list[Path]:
    """The takes that were told, in their order."""
    return [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]


def no_half_file(folder: Path) -> None:
    """Check that every take can be read, has its recipe, and that no file is half written."""
    assert not [path for path in folder.rglob("*") if path.name.endswith((".part", PART_SUFFIX))]
    for path in folder.glob("*.wav"):
        assert soundfile.info(str(path)).frames > 0
        assert path.with_suffix(".json").exists()


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a condition; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def status_of(client: Client) -> dict[Argument, Argument]:
    """The daemon's status at once, whatever its worker does."""
    (answer,) = client.ask("/msanii/status")
    return dict(zip(answer.arguments[::2], answer.arguments[1::2], strict=True))


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
