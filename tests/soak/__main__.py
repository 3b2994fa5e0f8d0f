"""`python -m tests.soak`: run the soak programs, print a table for each; exit with 1 if a claim broke."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.conftest import save_tiny_model
from tests.soak import full_disk, kills, packets, stage
from tests.soak.bench import Bench

Program = Callable[[Bench], None]


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    wanted = _parser().parse_args()
    programs: dict[str, Program] = {
        "packets": lambda bench: packets.soak(bench, wanted.packets),
        "worker-kills": lambda bench: kills.soak_worker(bench, wanted.worker_kills),
        "daemon-kills": lambda bench: kills.soak_daemon(bench, wanted.daemon_kills),
        "disk": full_disk.soak,
        "stage": lambda bench: stage.soak(bench, wanted.stage_minutes, wanted.loss_seconds),
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # daemons and disks are put away first
    # A stream finds no device, unless a program starts a server of its own.
    os.environ |= {"JACK_NO_START_SERVER": "1", "JACK_DEFAULT_SERVER": "msb-nobody"}
    print(f"seed {wanted.seed}; {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}")
    folder = Path(tempfile.mkdtemp(prefix="msanii-soak-"))
    models = save_tiny_model(folder / "models" / "tiny").parent
    benches = {name: Bench(folder / name, models, wanted.seed) for name in wanted.only or programs}
    held = [_run(name, programs[name], bench) for name, bench in benches.items()]
    if all(held):
        shutil.rmtree(folder)
        return 0
    print(f"\nlogs and takes are in {folder}")
    return 1


def _run(name: str, program: Program, bench: Bench) -> bool:
    """Run a program and print its table; return whether all of its claims held."""
    bench.folder.mkdir()
    began = time.monotonic()
    try:
        program(bench)
    except pytest.skip.Exception as reason:
        bench.report.figures["left out"] = reason
    except Exception as error:
        traceback.print_exc()
        bench.report.broken.append(f"it ended early: {error!r}")
    bench.report.figures["seconds"] = f"{time.monotonic() - began:.0f}"
    print(f"\n## {name}\n\n{bench.report.table()}", flush=True)
    for broken in bench.report.broken:
        print(f"BROKEN: {broken}", flush=True)
    return not bench.report.broken


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--packets", type=int, default=20_000, help="hostile datagrams (%(default)s)")
    parser.add_argument("--worker-kills", type=int, default=5, help="kills of the worker (%(default)s)")
    parser.add_argument("--daemon-kills", type=int, default=3, help="kills of the daemon (%(default)s)")
    parser.add_argument("--stage-minutes", type=float, default=4, help="minutes on stage (%(default)s)")
    parser.add_argument("--loss-seconds", type=float, default=60, help="from loss to loss (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all random choices (%(default)s)")
    names = ("packets", "worker-kills", "daemon-kills", "disk", "stage")
    parser.add_argument("--only", choices=names, action="append", help="run this program; may be repeated")
    return parser


if __name__ == "__main__":
    sys.exit(main())
