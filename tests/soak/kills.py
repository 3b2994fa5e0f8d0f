"""Render jobs that are interrupted by kills, and what is left of them: each done once, nothing half."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bridge.cli.client import Answer, Client
from tests.bridge.after_trouble import is_gone, no_half_file, status_of, wait_until
from tests.conftest import DaemonUnderTest
from tests.soak.bench import Bench, Use, children_of, claim_flat, states_of_jobs

JOBS_PER_KILL = 3
_PATIENCE_SECONDS = 180.0


@dataclass
class Batches:
    """Jobs in batches of three, one of which is chosen, with the moment of its render to kill at."""

    draw: random.Random
    client: Client
    asking: Client
    jobs: list[str] = field(default_factory=list)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: list[Answer] = field(default_factory=list)

    def queue(self) -> tuple[list[str], str]:
        """Queue a batch; return its jobs, and the one whose render is to be interrupted."""
        batch = [f"soak-{len(self.jobs) + number}" for number in range(JOBS_PER_KILL)]
        for job_id in batch:
            steps = self.draw.randint(5, 60)
            self.client.send(
                "/msanii/generate", job_id, "bars", 4, "steps", steps, "scheduler", "ddim", "iterations", 1
            )
        waiting = set(batch)
        for answer in self._heard():
            if answer.address == "/msanii/queued":
                waiting.discard(str(answer.arguments[0]))
                if not waiting:
                    break
        self.jobs += batch
        return batch, self.draw.choice(batch)

    def wait_for_moment(self, victim: str) -> None:
        """Return at a random moment: as the job waits, at a part of its render, or once it is done."""
        share = self.draw.choice((-1.0, 0.0, self.draw.random(), self.draw.random(), 1.0))
        if share < 0 or self.told[victim, "done"]:
            return
        for answer in self._heard():
            if answer.arguments[:1] == (victim,) and (
                answer.address == "/msanii/done"
                or (answer.address == "/msanii/progress" and float(str(answer.arguments[1])) >= share)
            ):
                return

    def wait_for_end(self, batch: list[str]) -> None:
        """Wait until a batch has ended, as the sender hears it or, if a kill cut that off, the daemon."""
        while not all(self.told[job_id, "done"] or self.told[job_id, "fail"] for job_id in batch):
            if not status_of(self.asking)["unfinished"]:
                break
            for answer in self.client.answers(0.5):
                self._note(answer)
        for answer in self.client.answers(0.2):
            self._note(answer)

    def _heard(self) -> Iterator[Answer]:
        for answer in self.client.answers(_PATIENCE_SECONDS):
            self._note(answer)
            yield answer
        raise AssertionError(f"nothing is rendered within {_PATIENCE_SECONDS:g} s")

    def _note(self, answer: Answer) -> None:
        kind = answer.address.removeprefix("/msanii/")
        if kind in ("done", "fail", "take"):
            self.told[str(answer.arguments[0]), kind] += 1
        if kind == "fail":
            self.failed.append(answer)


def soak_worker(bench: Bench, kills: int) -> None:
    """Kill the render worker during jobs; each is rendered again, once."""
    report = bench.report
    with bench.daemon() as running:
        batches, use = Batches(bench.draw(), running.client(), running.client()), Use.of(running.pid)
        for _ in range(kills):
            running.status()  # the worker is there
            batch, victim = batches.queue()
            batches.wait_for_moment(victim)
            psutil.Process(int(str(status_of(batches.asking)["pid"]))).kill()
            batches.wait_for_end(batch)
        claim_flat(report, use, Use.of(running.pid))
    told_twice = {about: count for about, count in batches.told.items() if count > 1}
    report.claim("nothing is told twice", not told_twice, told_twice)
    _claim_all_done(bench, running.library, batches)
    report.figures |= {"worker kills": kills, "takes told": _total(batches, "take")}


def soak_daemon(bench: Bench, kills: int) -> None:
    """Kill the daemon with jobs in its queue, and start it again; it goes on with all of them."""
    report, finished = bench.report, dict[Path, str]()
    with bench.daemon() as running:
        batches = Batches(bench.draw(), running.client(), running.client())
        for _ in range(kills):
            batch, victim = batches.queue()
            batches.wait_for_moment(victim)
            children = children_of(running)
            running.kill()
            wait_until(lambda gone=children: all(map(is_gone, gone)))  # type: ignore[misc]
            running.start().status()
            batches.wait_for_end(batch)
            report.claim("no finished take is changed", finished.items() <= _hashes(running).items())
            finished = _hashes(running)
    _claim_all_done(bench, running.library, batches)
    report.figures |= {"daemon kills": kills, "of the ends told": _total(batches, "done")}


def _claim_all_done(bench: Bench, library: Path, batches: Batches) -> None:
    """Every job is done in the journal and has one take."""
    report = bench.report
    report.claim("no job fails", not batches.failed, batches.failed)
    states = states_of_jobs(library, report)
    lost = {job_id: states.get(job_id, "lost") for job_id in batches.jobs if states.get(job_id) != "done"}
    report.claim("every job that was answered `queued` is done", not lost, lost)
    takes = len(list(library.glob("*.wav")))
    report.claim("every job has one take", takes == len(batches.jobs), f"{takes} of {len(batches.jobs)}")
    no_half_file(library)
    report.figures |= {"jobs": len(batches.jobs), "takes": takes, "jobs lost": len(lost)}


def _total(batches: Batches, kind: str) -> int:
    return sum(count for (_, told), count in batches.told.items() if told == kind)


def _hashes(running: DaemonUnderTest) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in running.library.glob("*.wav")}
