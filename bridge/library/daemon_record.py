"""What a running daemon writes into its library, so that a terminal finds it: `.msanii/daemon.json`.

It tells no token and no path: whoever can read the library may read it.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from bridge.library.folders import INNER
from bridge.messages import BridgeError
from bridge.system.disk import discard, write_whole

NAME = "daemon.json"
_MOST_BYTES = 10_000
# The clock of the system may be set while a process runs, and with it the time of its start.
_SAME_START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DaemonRecord:
    """A daemon: its process, version and ports (`http_port` is 0 without a page), and since when it serves.

    `born` tells its process from a later one of the same number. Times are in seconds since 1970.
    """

    version: str
    port: int
    http_port: int = 0
    pid: int = field(default_factory=os.getpid)
    born: float = field(default_factory=lambda: psutil.Process().create_time())
    since: float = field(default_factory=time.time)


def write_record(library: Path, record: DaemonRecord) -> None:
    """Write the record into a library. A full disk is no reason not to serve: then there is none."""
    import json

    with suppress(BridgeError):
        write_whole(_path(library), json.dumps(asdict(record)).encode())


def remove_record(library: Path) -> None:
    """Remove this process's record, at the daemon's end; that of the next daemon stays."""
    with suppress(OSError):
        record = _parsed(_path(library).read_bytes())
        if record is not None and record.pid == os.getpid():
            discard([_path(library)])


def running_daemon(library: Path) -> DaemonRecord | None:
    """Return the record of the daemon that serves a library; None if none runs.

    Raises OSError if the library cannot be read.
    """
    try:
        with _path(library).open("rb") as file:
            record = _parsed(file.read(_MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return record if record is not None and _lives(record) else None


def _path(library: Path) -> Path:
    return library / INNER / NAME


def _parsed(data: bytes) -> DaemonRecord | None:
    import json

    try:
        found = json.loads(data)
        return DaemonRecord(
            version=str(found["version"]),
            port=int(found["port"]),
            http_port=int(found["http_port"]),
            pid=int(found["pid"]),
            born=float(found["born"]),
            since=float(found["since"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def _lives(record: DaemonRecord) -> bool:
    try:
        born = psutil.Process(record.pid).create_time()
    except (psutil.Error, ValueError, OverflowError):
        return False
    return bool(abs(born - record.born) < _SAME_START_SECONDS)
