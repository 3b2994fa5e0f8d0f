"""A disk that runs full with takes, then to the last byte, and has room again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from bridge.cli.client import Client
from tests.bridge.after_trouble import no_half_file
from tests.bridge.small_disk import mounted_disk
from tests.soak.bench import Bench, Use, claim_flat, states_of_jobs

ROUNDS = 2
SIZE_MIB = 6
MAX_TAKES = 100
_SMALL = ("bars", 0.25, "steps", 2, "iterations", 2)


def soak(bench: Bench) -> None:
    """Fill the disk of a library, a few times over."""
    report, draw, done = bench.report, bench.draw(), 0
    with mounted_disk(bench.folder / "library", SIZE_MIB) as disk:
        with bench.daemon() as running:
            client, use = running.client(), Use.of(running.pid)
            for _ in range(ROUNDS):
                taken, code = _fill(client, draw.choice((1, 2, 3)))
                done += taken
                report.claim("a full disk is said to be full", code == "disk", code)
                no_half_file(running.library)
                _fill_to_the_byte(disk / "filler")
                client.send("/msanii/generate", *_SMALL)
                answer = client.wait_for("/msanii/queued", "/msanii/fail")
                is_queued = answer.address == "/msanii/queued"
                told = is_queued or answer.arguments[1] == "disk"
                report.claim("without a byte a request waits, or is told that the disk is full", told, answer)
                client.hello()
                (disk / "filler").unlink()
                for path in running.library.glob("*.wav"):
                    path.unlink()
                    path.with_suffix(".json").unlink()
                if is_queued:
                    last = list(client.job(str(answer.arguments[0]), 120))[-1]
                    report.claim("what waited is rendered with room", last.address == "/msanii/done", last)
                code = _outcome(client, *_SMALL)
                report.claim("with room there is music again", code == "done", code)
            claim_flat(report, use, Use.of(running.pid))
        no_half_file(running.library)
        states = states_of_jobs(running.library, report)
        left = [job_id for job_id, state in states.items() if state in ("queued", "running")]
        report.claim("no job is left", not left, left)
    report.figures |= {"times full": 2 * ROUNDS, "disk, MiB": SIZE_MIB, "takes before it was full": done}


def _fill(client: Client, bars: int) -> tuple[int, str]:
    """Render until a request fails; return how many did not, and the code."""
    for number in range(MAX_TAKES):
        code = _outcome(client, "bars", bars, "steps", 2, "iterations", 2, "format", "float")
        if code != "done":
            return number, code
    return MAX_TAKES, "done"


def _outcome(client: Client, *arguments: str | float) -> str:
    """Ask for music; return `done`, or the code of the failure."""
    last = list(client.ask("/msanii/generate", *arguments, timeout_seconds=120))[-1]
    return "done" if last.address == "/msanii/done" else str(last.arguments[1])


def _fill_to_the_byte(filler: Path) -> None:
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass
