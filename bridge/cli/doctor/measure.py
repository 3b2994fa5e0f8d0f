"""`msanii-bridge doctor --measure`: times the daemon on this machine and compares it with targets."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bridge.cli.client import Client
from bridge.cli.own_daemon import Launched, launched, wait_for_model
from bridge.messages import BridgeError

REQUEST: tuple[str | int | float, ...] = (
    "preset",
    "piano_loop",
    "chords",
    "Am F C G",
    "bpm",
    120.0,
    "bars",
    4,
    "seed",
    1,
)
JOB_SECONDS = 300.0
_SYNC_PAUSE_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement. `target` is the limit that `value` should stay under, or None."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the value is under its target; None if it has none."""
        return None if self.target is None else self.value < self.target


def measure(*arguments: str) -> list[Row]:
    """Start a daemon with an empty library, render four bars twice, and time every step.

    Raises BridgeError if the daemon does not start or a job fails.
    """
    with _library() as library:
        started = time.monotonic()
        with launched("--library", str(library), *arguments) as daemon:
            welcome_seconds = time.monotonic() - started
            resident_bytes = psutil.Process(daemon.process.pid).memory_info().rss
            first = _time_job(daemon, "measure-first")
            wait_for_model(daemon.client)
            warm = _time_job(daemon, "measure-warm")
            round_trips = sorted(first.round_trips + warm.round_trips)
    p99_seconds = round_trips[int(0.99 * (len(round_trips) - 1))]
    return [
        Row("daemon start to first /msanii/welcome", welcome_seconds, "s", 1.0),
        Row("resident memory without the worker", resident_bytes / 1e6, "MB", 120.0),
        Row("/msanii/sync round trip while rendering, p99", p99_seconds * 1e3, "ms", 10.0),
        Row("/msanii/sync round trips measured", len(round_trips), "count"),
        Row("message to first progress, model still loading", first.progress_seconds, "s"),
        Row("message to finished file, model still loading", first.done_seconds, "s"),
        Row("message to first progress", warm.progress_seconds, "s"),
        Row("message to finished file", warm.done_seconds, "s"),
        Row("length of that file", warm.music_seconds, "s"),
        Row("real-time factor (music per second of waiting)", warm.music_seconds / warm.done_seconds, "x"),
    ]


@dataclass(frozen=True, slots=True)
class _Timing:
    progress_seconds: float
    done_seconds: float
    music_seconds: float
    round_trips: list[float]


def _time_job(daemon: Launched, job_id: str) -> _Timing:
    """Render a request while a second client keeps sending `/msanii/sync`."""
    client = daemon.client
    started = time.monotonic()
    client.send("/msanii/generate", job_id, *REQUEST)
    progress_seconds, music_seconds = 0.0, 0.0
    with Client(daemon.port) as pinger:
        round_trips: list[float] = []
        while time.monotonic() - started < JOB_SECONDS:
            round_trips += _sync(pinger, len(round_trips))
            answer = client.receive(_SYNC_PAUSE_SECONDS)
            if answer is None or answer.arguments[:1] != (job_id,):
                continue
            elapsed = time.monotonic() - started
            match answer.address, answer.arguments:
                case "/msanii/progress", (_, float(fraction)) if fraction > 0:
                    progress_seconds = progress_seconds or elapsed
                case "/msanii/take", (_, _, _, float(seconds), *_):
                    music_seconds += seconds
                case "/msanii/fail", (_, str(code), str(sentence)):
                    raise BridgeError(code, sentence)
                case "/msanii/done", _:
                    return _Timing(progress_seconds, elapsed, music_seconds, round_trips)
    raise BridgeError("missing", f"job {job_id}: not done within {JOB_SECONDS:g} s")


def _sync(pinger: Client, number: int) -> list[float]:
    asked = time.perf_counter()
    pinger.send("/msanii/sync", number)
    pinger.wait_for("/msanii/synced", about=number, timeout_seconds=5.0)
    return [time.perf_counter() - asked]


@contextmanager
def _library() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="msanii-measure-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
