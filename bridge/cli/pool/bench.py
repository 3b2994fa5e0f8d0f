"""`msanii-bridge bench pool`: what a pool costs and brings, on this machine."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bridge.cli.pool.simulation import jobs_per_hour
from bridge.library.takes import Library
from bridge.messages import BridgeError, Job, Render, RenderRequest
from bridge.pool.engine import PoolEngine, check_installed
from bridge.pool.messages import PoolPlan
from bridge.render.engine import (
    Engine,
    find_model,
    model_sampling,
    parse_notes,
    sounds_and_parts,
)
from bridge.render.local_engine import LocalEngine
from bridge.requests.preset_folders import Presets
from bridge.requests.resolver import Resolver
from bridge.settings import Settings, factory_presets_folder
from bridge.system.pool_address import PoolAddress
from bridge.worker.loop import WorkerSettings

SIMULATED_NODES = (1, 2, 4, 8, 16, 32, 64)
_START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A measured or simulated figure, and what it means."""

    name: str
    figure: str
    meaning: str


def bench_pool(settings: Settings, jobs: int, seconds: float, say: Callable[[str], None]) -> list[PoolRow]:
    """Render `jobs` jobs of one take of so many seconds directly, by one renderer of a pool, and by two.

    Raises BridgeError `missing` without Ray, `render` if the pool does not start.
    """
    check_installed()
    with tempfile.TemporaryDirectory(prefix="msanii-bench-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(_Bench(settings, Path(folder), jobs, seconds, say).run())


class _Bench:
    """A run of the benchmark, with a library of its own."""

    def __init__(
        self, settings: Settings, folder: Path, jobs: int, seconds: float, say: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._library = Library(folder / "library")
        self._jobs = jobs
        self._seconds = seconds
        self._say = say
        self._sent = 0
        self._one = 0.0
        self._pooled = 0.0
        # As many threads in each run, so that only the pool makes a difference.
        self._threads = settings.threads or max(1, (psutil.cpu_count(logical=False) or 2) // 2)

    async def run(self) -> list[PoolRow]:
        """Measure, then simulate."""
        try:
            request = await self._request()
            local = self._worker()
            await local.start()
            try:
                direct, overhead, dispatch = await self._beside(local, request)
                alone = await self._an_hour(local, request, 1)
            finally:
                await local.stop()
            by_two = await self._by_two(request)
        finally:
            self._library.close()
        return [
            *self._measured(direct, overhead, dispatch, alone, by_two),
            *_simulated(direct, overhead, dispatch),
        ]

    async def _beside(self, local: LocalEngine, request: RenderRequest) -> tuple[list[float], float, float]:
        """Render each job directly, then in a pool of one renderer.

        Returns the seconds of each job directly; and, a job, those that the pool adds to its renderer's own,
        and those of processors outside it.
        """
        direct, pooled = list[float](), list[float]()
        async with self._pool(1) as pool:
            processes = [psutil.Process(), psutil.Process(pool.status.pid)]
            await self._render(local, request)
            await self._render(pool, request)
            dispatch, before_all = 0.0, pool.nodes[0].seconds
            for number in range(self._jobs):
                self._say(f"job {number + 1} of {self._jobs}, directly and in a pool of one")
                direct.append(await self._render(local, request))
                before = sum(map(_processor_seconds, processes))
                pooled.append(await self._render(pool, request))
                dispatch += sum(map(_processor_seconds, processes)) - before
            # A node's seconds are told before its job is done.
            overhead = (sum(pooled) - (pool.nodes[0].seconds - before_all)) / self._jobs
            self._pooled = statistics.median(pooled)
            self._one = await self._an_hour(pool, request, 1)
        return direct, overhead, dispatch / self._jobs

    async def _by_two(self, request: RenderRequest) -> float:
        self._say("a pool of two")
        async with self._pool(2) as pool:
            await asyncio.gather(self._render(pool, request), self._render(pool, request))
            return await self._an_hour(pool, request, 3)

    async def _an_hour(self, engine: Engine, request: RenderRequest, at_once: int) -> float:
        """Return how many jobs an hour an engine renders."""
        began = time.monotonic()
        places = asyncio.Semaphore(at_once)

        async def one() -> None:
            async with places:
                await self._render(engine, request)

        await asyncio.gather(*(one() for _ in range(self._jobs)))
        return self._jobs / (time.monotonic() - began) * 3600

    async def _render(self, engine: Engine, request: RenderRequest) -> float:
        """Render a job; return the seconds from order to file."""
        self._sent += 1
        job = Job(f"bench{self._sent}", request.model_copy(update={"seed": self._sent}), None)
        paths = self._library.allocate_names(job)
        began = time.monotonic()
        await engine.render(job, paths, lambda event: None)  # noqa: ARG005
        return time.monotonic() - began

    @asynccontextmanager
    async def _pool(self, renderers: int) -> AsyncIterator[PoolEngine]:
        name = self._settings.model or "default"
        plan = PoolPlan(
            PoolAddress("local", count=renderers),
            WorkerSettings(self._settings.device, self._settings.dtype, self._threads),
            find_model(name, self._settings.model_folders),
        )
        pool = PoolEngine(plan, self._worker())
        await pool.start()
        try:
            deadline = time.monotonic() + _START_SECONDS
            while sum(node.works for node in pool.nodes) < renderers:
                if pool.status.problem or time.monotonic() > deadline:
                    raise BridgeError("render", pool.status.problem or "the pool does not start")
                await asyncio.sleep(0.1)
            yield pool
        finally:
            await pool.stop()

    def _worker(self) -> LocalEngine:
        settings = self._settings
        return LocalEngine(
            self._library,
            model=settings.model or "default",
            model_folders=settings.model_folders,
            hear_takes=False,
            settings=WorkerSettings(settings.device, settings.dtype, self._threads),
        )

    async def _request(self) -> RenderRequest:
        settings, folders = self._settings, self._settings.model_folders
        resolver = Resolver(
            settings,
            self._library,
            Presets(factory_presets_folder(), settings.presets_folder),
            parse_notes,
            lambda model: sounds_and_parts(model, folders),
            lambda model: model_sampling(model, folders),
        )
        ask = Render("generate", None, {"seconds": self._seconds, "seed": 0})
        if settings.model:
            ask = Render("generate", None, {"seconds": self._seconds, "seed": 0, "model": settings.model})
        return await resolver.resolve(ask, {})

    def _measured(
        self, direct: list[float], overhead: float, dispatch: float, alone: float, by_two: float
    ) -> list[PoolRow]:
        length = f"{self._seconds:g} s of music, {self._threads} threads each"
        return [
            PoolRow("directly", f"{statistics.median(direct):.3f} s a job", f"one take of {length}"),
            PoolRow("in a pool", f"{self._pooled:.3f} s a job", "the same, beside it in the same run"),
            PoolRow("overhead", f"{overhead * 1000:.0f} ms a job", "from order to file, beside the renderer"),
            PoolRow("dispatch", f"{dispatch * 1000:.1f} ms a job", "processor time of daemon and pool"),
            PoolRow("without pool", f"{alone:.0f} jobs an hour", "one after another"),
            PoolRow("1 renderer", f"{self._one:.0f} jobs an hour", "one after another, in a pool"),
            PoolRow("2 renderers", f"{by_two:.0f} jobs an hour", f"{by_two / self._one:.2f} times one"),
        ]


def _simulated(direct: list[float], overhead: float, dispatch: float) -> list[PoolRow]:
    rows = []
    one = jobs_per_hour(1, direct, max(0.0, overhead), dispatch)
    for nodes in SIMULATED_NODES:
        rate = jobs_per_hour(nodes, direct, max(0.0, overhead), dispatch)
        rows.append(
            PoolRow(f"{nodes} nodes", f"{rate:.0f} jobs an hour", f"{rate / one:.1f} times one (simulated)")
        )
    return rows


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
