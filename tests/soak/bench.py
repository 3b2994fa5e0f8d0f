"""What every soak program works with: a daemon of its own, a seed, and a report of figures and claims."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bridge.after_trouble import is_gone, wait_until
from tests.conftest import DaemonUnderTest

MAX_GROWTH_MIB = 64
MAX_NEW_FILES = 8
_MIB = 1 << 20


@dataclass
class Report:
    """What a program counted, and which of its claims did not hold."""

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def claim(self, words: str, holds: bool, found: object = "") -> None:
        """Note a claim that does not hold, with what was found instead."""
        if not holds:
            self.broken.append(f"{words}: {found}" if found != "" else words)

    def table(self) -> str:
        """The figures as a table in Markdown."""
        lines = ["| figure | value |", "|---|---|"]
        return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in self.figures.items())])


@dataclass(frozen=True)
class Bench:
    """Where a program works: a folder of its own and a tiny model."""

    folder: Path
    models: Path
    seed: int
    report: Report = field(default_factory=Report)

    def draw(self) -> random.Random:
        """The program's random numbers: the same for the same seed and name."""
        return random.Random(f"{self.folder.name} {self.seed}")  # noqa: S311  (not for secrets)

    @contextmanager
    def daemon(self, *flags: str) -> Iterator[DaemonUnderTest]:
        """A daemon that is started, and claimed to end well: without a traceback or a process left."""
        wrapper = ("env", f"PYTHONPATH={self._without_link()}")
        running = DaemonUnderTest(self.folder / "library", self.models, flags=flags, wrapper=wrapper)
        try:
            running.start().status()
            yield running
            children = children_of(running)
            self.report.claim("the daemon ends as asked", running.stop() == 0, running.words()[-500:])
            wait_until(lambda: all(map(is_gone, children)))
        finally:
            if running.process is not None:
                running.stop()
            tracebacks = running.words().count("Traceback") if running.log.exists() else 0
            self.report.figures["tracebacks in the log"] = tracebacks
            self.report.claim("no traceback in the log", not tracebacks, running.log)

    def _without_link(self) -> str:
        """A PYTHONPATH without Ableton Link: random orders must not join the session of a band next door."""
        folder = self.folder / "without_link"
        folder.mkdir(exist_ok=True)
        (folder / "aalink.py").write_text('raise ImportError("the soak stays out of Link sessions")\n')
        return os.pathsep.join((str(folder), *filter(None, (os.environ.get("PYTHONPATH"),))))


@dataclass(frozen=True)
class Use:
    """What a process holds."""

    memory_mib: float
    open_files: int

    @classmethod
    def of(cls, pid: int) -> Use:
        """Measure a process."""
        process = psutil.Process(pid)
        return cls(process.memory_info().rss / _MIB, process.num_fds())


def claim_flat(report: Report, before: Use, after: Use) -> None:
    """Note what the daemon held before and after, which must be about the same."""
    report.figures["daemon's memory, MiB"] = f"{before.memory_mib:.0f} -> {after.memory_mib:.0f}"
    report.figures["daemon's open files"] = f"{before.open_files} -> {after.open_files}"
    grown = after.memory_mib - before.memory_mib
    report.claim(f"memory grows by less than {MAX_GROWTH_MIB} MiB", grown < MAX_GROWTH_MIB, f"{grown:.0f}")
    new = after.open_files - before.open_files
    report.claim(f"at most {MAX_NEW_FILES} more files are open", new <= MAX_NEW_FILES, new)


def children_of(running: DaemonUnderTest) -> list[psutil.Process]:
    """The daemon's children and theirs."""
    found: list[psutil.Process] = psutil.Process(running.pid).children(recursive=True)
    return found


def states_of_jobs(library: Path, report: Report) -> dict[str, str]:
    """Every job's state in the journal of a stopped daemon, whose databases must be whole."""
    states: dict[str, str] = {}
    for name in ("journal", "index"):
        with closing(sqlite3.connect(library / ".msanii" / f"{name}.sqlite")) as database:
            (found,) = database.execute("PRAGMA integrity_check").fetchone()
            report.claim(f"the {name} is whole", found == "ok", found)
            if name == "journal":
                states = dict(database.execute("SELECT job_id, state FROM jobs").fetchall())
    return states
